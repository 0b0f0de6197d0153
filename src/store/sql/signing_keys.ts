/** Signing keys, and the salt of pairwise subjects, in SQL. */
import type { SigningKeyRecord } from "../../crypto/signing_key.ts";
import { keyName } from "../../oauth/ended.ts";
import type { DirectoryStore } from "../store.ts";
import { withDirectory } from "./alongside.ts";
import type { Directory } from "./directory_writes.ts";
import type { SqlDriver, Statement } from "./driver.ts";
import { sqlRecord } from "./record.ts";

const SIGNING_KEY = sqlRecord<SigningKeyRecord>({
  table: "signing_key",
  key: ["kid"],
  columns: {
    kid: "text",
    alg: "text",
    public_jwk: "text",
    sealed_private_jwk: "text",
    created_at: "integer",
    signs_at: "integer",
    retired_at: "integer",
  },
});

type Keys =
  | ("listSigningKeys" | "addSigningKey" | "retireSigningKey" | "replaceSigningKeys")
  | ("findSubjectSalt" | "storeSubjectSalt");

const ADD_SALT = "INSERT INTO subject_salt (id, sealed) VALUES (1, ?) ON CONFLICT (id) DO NOTHING";
const RESEAL_SALT = "UPDATE subject_salt SET sealed = ? WHERE id = 1 AND sealed = ?";

const retired = (kid: string, now: number): Statement => ({
  sql: "UPDATE signing_key SET retired_at = ? WHERE kid = ? AND retired_at IS NULL",
  args: [now, kid],
});

export function sqlSigningKeys(
  db: SqlDriver,
  { change, listNames }: Directory,
): Pick<DirectoryStore, Keys> {
  return {
    async findSubjectSalt() {
      const [row] = await db.read("SELECT sealed FROM subject_salt WHERE id = 1", []);
      return row ? String(row.sealed) : null;
    },

    async storeSubjectSalt(sealed, before) {
      const { changed } =
        before === null
          ? await db.write(ADD_SALT, [sealed])
          : await db.write(RESEAL_SALT, [sealed, before]);
      return changed === 1;
    },

    async listSigningKeys() {
      const sql = `${SIGNING_KEY.select} ORDER BY signs_at DESC, kid`;
      return (await db.readValues(sql, [])).map(SIGNING_KEY.parse);
    },

    addSigningKey(key, unless_after, alongside) {
      const add = {
        sql: `${SIGNING_KEY.insert_select}
          WHERE NOT EXISTS (SELECT 1 FROM signing_key WHERE alg = ? AND signs_at > ? AND retired_at IS NULL)`,
        args: [...SIGNING_KEY.values(key), key.alg, unless_after],
        must_change: true,
      };
      return change(["keys"], [add, ...withDirectory(alongside)]);
    },

    retireSigningKey(kid, now, alongside) {
      const retire = { ...retired(kid, now), must_change: true };
      return change(["keys"], [retire, ...withDirectory(alongside), ...listNames([keyName(kid)])]);
    },

    replaceSigningKeys(kids, replacement, now, alongside) {
      const [first, ...others] = kids.map((kid) => retired(kid, now));
      if (!first) throw new TypeError("no key is to be replaced");
      const added = replacement ? [SIGNING_KEY.insert(replacement)] : [];
      const withdrawn = [{ ...first, must_change: true }, ...others];
      const last = [...withDirectory(alongside), ...listNames(kids.map(keyName))];
      return change(["keys"], [...withdrawn, ...added, ...last]);
    },
  };
}
