/** Writes to the directory, together with the version of their kind and with the rows that end by the change. */
import { END_CLIENT, END_PERSON } from "../ending_jobs.ts";
import type { DirectoryKind, Ends } from "../store.ts";
import {
  AlreadyThere,
  NothingChanged,
  type Outcome,
  type SqlDriver,
  type Statement,
} from "./driver.ts";
import { endingJob, endingsOfClient, endingsOfPerson } from "./endings.ts";

export interface Directory {
  /**
   * The versions rise first, so that their rows lock out every other change of these kinds.
   * @returns whether the first of the statements changed a row; if not, nothing was written
   */
  change(kinds: readonly DirectoryKind[], statements: readonly Statement[]): Promise<boolean>;
  /** Statements that end a person's rows; on a distributed database they add a job that does so. */
  endPerson(sub: string, ends: Ends | undefined): Statement[];
  endClient(client_id: string, ends: Ends | undefined): Statement[];
  /** Whether people's rows lie on other nodes than the directory. */
  isSpread(): boolean;
}

export function directoryWrites(db: SqlDriver, isSpread: () => boolean): Directory {
  return {
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
