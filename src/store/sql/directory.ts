/** Clients, accounts and signing keys, in SQL. Each write raises the version of its kind, which caches watch. */
import { END_CLIENT, END_PERSON } from "../ending_jobs.ts";
import type { DirectoryKind, DirectoryStore, Ends } from "../store.ts";
import { sqlAccounts } from "./accounts.ts";
import { withPerson } from "./alongside.ts";
import { sqlClients } from "./clients.ts";
import {
  AlreadyThere,
  NothingChanged,
  type Outcome,
  type SqlDriver,
  type Statement,
} from "./driver.ts";
import { endingJob, endingsOfClient, endingsOfPerson } from "./endings.ts";
import { sqlSigningKeys } from "./signing_keys.ts";

/** How the parts of the directory write. */
export interface Directory {
  /**
   * The versions rise first: their rows then keep every other change of these kinds waiting.
   * @returns whether the first of the statements changed a row; if not, nothing was written
   */
  change(kinds: readonly DirectoryKind[], statements: readonly Statement[]): Promise<boolean>;
  /** Statements for what ends with a person; on a distributed database they add a job that ends it. */
  endPerson(sub: string, ends: Ends | undefined): Statement[];
  endClient(client_id: string, ends: Ends | undefined): Statement[];
  /** Whether people's rows lie on other nodes than the directory. */
  isSpread(): boolean;
}

export function sqlDirectory(db: SqlDriver, isSpread: () => boolean): DirectoryStore {
  const directory: Directory = {
    change: (kinds, statements) =>
      changedUnlessRefused(db.writeAll([...kinds.map(raiseVersion), ...statements]), kinds.length),
    endPerson(sub, ends) {
      if (!ends) return [];
      return isSpread() ? [endingJob(END_PERSON, sub, ends)] : endingsOfPerson(sub, ends);
    },
    endClient(client_id, ends) {
      if (!ends) return [];
      return isSpread()
        ? [endingJob(END_CLIENT, client_id, ends)]
        : endingsOfClient(client_id, ends);
    },
    isSpread,
  };
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
      return { epoch: state.get("epoch") ?? 0, versions };
    },
    ...sqlClients(db, directory),
    ...sqlAccounts(db, directory),
    ...sqlSigningKeys(db, directory),
    async endPerson(sub, ends, alongside) {
      await db.writeAll([...endingsOfPerson(sub, ends, true), ...withPerson(alongside)]);
    },
    async endClient(client_id, ends) {
      // One by one: on a distributed database each goes to every node.
      for (const { sql, args } of endingsOfClient(client_id, ends, true)) await db.write(sql, args);
    },
  };
}

const raiseVersion = (kind: DirectoryKind): Statement => ({
  sql: "UPDATE server_state SET value = value + 1 WHERE name = ?",
  args: [kind],
});

async function changedUnlessRefused(written: Promise<Outcome[]>, first: number): Promise<boolean> {
  try {
    return (await written)[first]?.changed === 1;
  } catch (error) {
    if (error instanceof NothingChanged || error instanceof AlreadyThere) return false;
    throw error;
  }
}
