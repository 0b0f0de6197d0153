/** Clients, accounts and signing keys, in SQL. Each write raises the version of its kind, which caches watch. */
import type { DirectoryKind, DirectoryStore } from "../store.ts";
import { sqlAccounts } from "./accounts.ts";
import { withPerson } from "./alongside.ts";
import { sqlClients } from "./clients.ts";
import { directoryWrites } from "./directory_writes.ts";
import type { SqlDriver } from "./driver.ts";
import { LIFE, listing } from "./ended_tokens.ts";
import { endingsOfPerson, listEndings, tellClientsThere } from "./endings.ts";
import { sqlSigningKeys } from "./signing_keys.ts";

/** Prefix of the names of the rows of `server_state` about secrets. */
const SECRET = "secret ";
const NOTE_SECRET = `INSERT INTO server_state (name, value) VALUES (?, ?)
  ON CONFLICT (name) DO UPDATE SET value = excluded.value
  WHERE server_state.value < (SELECT max(value) FROM server_state WHERE name LIKE '${SECRET}%')`;

export function sqlDirectory(db: SqlDriver, isSpread: () => boolean): DirectoryStore {
  const directory = directoryWrites(db, isSpread);
  const listed = listing(db.dialect);
  return {
    async readState() {
      const rows = await db.read("SELECT name, value FROM server_state", []);
      const state = new Map(rows.map(({ name, value }) => [String(name), Number(value)]));
      const version = (kind: DirectoryKind) => state.get(kind) ?? 0;
      const versions = {
        clients: version("clients"),
        people: version("people"),
        keys: version("keys"),
      };
      const secrets = withPrefix(SECRET, state);
      const access_token_lives = withPrefix(LIFE, state);
      return { epoch: state.get("epoch") ?? 0, versions, secrets, access_token_lives };
    },
    async noteSecret(secret_id, now) {
      await db.write(NOTE_SECRET, [SECRET + secret_id, now]);
    },
    ...sqlClients(db, directory),
    ...sqlAccounts(db, directory),
    ...sqlSigningKeys(db, directory),
    async endPerson(sub, ends, alongside) {
      const tell = tellClientsThere(sub, ends);
      const end = endingsOfPerson(sub, ends, true);
      const list = listEndings(sub, ends, listed, true);
      await db.writeAll([...end, ...tell, ...withPerson(alongside), ...list]);
    },
  };
}

const withPrefix = (prefix: string, state: ReadonlyMap<string, number>): Record<string, number> =>
  Object.fromEntries(
    [...state].flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value] as const] : [],
    ),
  );
