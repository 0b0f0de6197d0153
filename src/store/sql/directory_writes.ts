/** Writes to the directory, together with the version of their kind and with the rows that end by the change. */
import type { DirectoryKind, Ends } from "../store.ts";
import { consentsOf } from "./consents.ts";
import {
  AlreadyThere,
  NothingChanged,
  type Outcome,
  type SqlDriver,
  type Statement,
} from "./driver.ts";
import { listing } from "./ended_tokens.ts";
import {
  clientsJob,
  type EndedClient,
  endingsOfPerson,
  listEndings,
  personJob,
  tellClients,
} from "./endings.ts";

export interface Directory {
  /**
   * The versions rise first, so that their rows lock out every other change of these kinds.
   * @returns whether the first of the statements changed a row; if not, nothing was written
   */
  change(kinds: readonly DirectoryKind[], statements: readonly Statement[]): Promise<boolean>;
  /** Statements that end a person's rows; on a distributed database they add a job that does so. */
  endPerson(sub: string, ends: Ends | undefined): Statement[];
  /** A statement that adds a job, which ends the rows of clients: there may be any number of them. */
  endClients(clients: readonly EndedClient[], ends: Ends | undefined): Statement[];
  /**
   * Statements that forget everybody's consent to a client within its change, so that it gets nothing from an old
   * consent. On a distributed database the job does so.
   */
  forgetConsents(client_id: string): Statement[];
  /** The last statements of the transaction: they list the access tokens that `endPerson` ends. */
  listPerson(sub: string, ends: Ends | undefined): Statement[];
  /** The same for names of clients and keys. */
  listNames(names: readonly string[]): Statement[];
  /** Whether people's rows lie on other nodes than the directory. */
  isSpread(): boolean;
}

export function directoryWrites(db: SqlDriver, isSpread: () => boolean): Directory {
  const listed = listing(db.dialect);
  return {
    change: (kinds, statements) =>
      changedUnlessRefused(db.writeAll([...kinds.map(raiseVersion), ...statements]), kinds.length),
    endPerson(sub, ends) {
      if (!ends) return [];
      if (isSpread()) return [personJob(sub, ends)];
      return [...endingsOfPerson(sub, ends), ...tellClients(sub, ends)];
    },
    endClients(clients, ends) {
      if (!ends || clients.length === 0) return [];
      return [clientsJob(clients, ends)];
    },
    forgetConsents: (client_id) => (isSpread() ? [] : [consentsOf(client_id)]),
    // Where people's rows are elsewhere, the job lists the tokens.
    listPerson: (sub, ends) => (isSpread() ? [] : listEndings(sub, ends, listed)),
    listNames: listed.directoryNames,
    isSpread,
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
