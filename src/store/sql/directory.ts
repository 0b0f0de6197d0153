/** Clients, accounts and signing keys, in SQL. Each write raises the version of its kind, which caches watch. */
import type { DirectoryKind, DirectoryStore } from "../store.ts";
import { sqlAccounts } from "./accounts.ts";
import { withPerson } from "./alongside.ts";
import { sqlClients } from "./clients.ts";
import { directoryWrites } from "./directory_writes.ts";
import type { SqlDriver } from "./driver.ts";
import { endingsOfPerson, tellClientsThere } from "./endings.ts";
import { sqlSigningKeys } from "./signing_keys.ts";

/** Prefix of the names of the rows of `server_state` about secrets. */
const SECRET = "secret ";
const NOTE_SECRET = `INSERT INTO server_state (name, value) VALUES (?, ?)
  ON CONFLICT (name) DO UPDATE SET value = excluded.value
  WHERE server_state.value < (SELECT max(value) FROM server_state WHERE name LIKE '${SECRET}%')`;

export function sqlDirectory(db: SqlDriver, isSpread: () => boolean): DirectoryStore {
  const directory = directoryWrites(db, isSpread);
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
      const secrets = [...state].flatMap(([name, since]) =>
        name.startsWith(SECRET) ? [[name.slice(SECRET.length), since] as const] : [],
      );
      return { epoch: state.get("epoch") ?? 0, versions, secrets: Object.fromEntries(secrets) };
    },
    async noteSecret(secret_id, now) {
      await db.write(NOTE_SECRET, [SECRET + secret_id, now]);
    },
    ...sqlClients(db, directory),
    ...sqlAccounts(db, directory),
    ...sqlSigningKeys(db, directory),
    async endPerson(sub, ends, alongside) {
      const tell = tellClientsThere(sub, ends);
      await db.writeAll([...endingsOfPerson(sub, ends, true), ...tell, ...withPerson(alongside)]);
    },
  };
}
