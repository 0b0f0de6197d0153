/** The database, opened for one command. It may be in use by a running server, which notices within a second. */
import { userInfo } from "node:os";
import type { ServerSecrets } from "../crypto/server_secret.ts";
import type { Actor, Env } from "../operation.ts";
import { readNow } from "../store/database_clock.ts";
import {
  databaseExists,
  existingSecrets,
  keyFileOf,
  openExistingStore,
  openStore,
  parseDatabase,
  shownDatabase,
} from "../store/open_store.ts";
import type { Store } from "../store/store.ts";
import { say } from "./output.ts";
import type { Settings } from "./settings.ts";

export interface OpenDatabase {
  store: Store;
  /** Seconds since the epoch. */
  now: number;
  /** The number of migrations that brought the database up to date. */
  applied: number;
  /** Called only if the command needs the secret. */
  secrets(): ServerSecrets;
  /** The environment of operations, and their actor. */
  env: Env;
  by: Actor;
}

type Work<T> = (database: OpenDatabase) => Promise<T>;

/** For commands on an existing database: a missing one is reported, and never created by accident. */
export const withDatabase = async <T>(settings: Settings, work: Work<T>): Promise<T> =>
  using(settings, await openExistingStore(settings.full), work);

/** For commands that may run before the first start: creates the database and its key file. */
export async function withNewDatabase<T>(settings: Settings, work: Work<T>): Promise<T> {
  const { full, secrets } = settings;
  const in_memory = full.database === "sqlite::memory:";
  if (in_memory || (await databaseExists(full.database))) return withDatabase(settings, work);
  const { store } = openStore(full, secrets);
  return using(settings, store, async (database) => {
    sayMade(full.database, secrets.secret !== undefined);
    return work(database);
  });
}

async function using<T>({ full, secrets }: Settings, store: Store, work: Work<T>): Promise<T> {
  try {
    const applied = await store.migrate();
    const now_ms = await readNow(store);
    const ahead = now_ms - Date.now();
    return await work({
      store,
      now: Math.floor(now_ms / 1000),
      applied,
      secrets: () => existingSecrets(full.database, secrets),
      env: { store, settings: full, clock: () => Date.now() + ahead },
      by: { kind: "operator", id: systemUser(), via: "command" },
    });
  } finally {
    await store.close();
  }
}

/** The name of the system's user; in a container there may be none. */
function systemUser(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}

/** Shown once in the life of a database, and important: without its key file the database is of no use. */
export function sayMade(database: string, secret_given: boolean): void {
  const address = parseDatabase(database);
  if (address.kind === "postgres") {
    say(`made the tables in ${shownDatabase(database)}`);
    return;
  }
  const key = secret_given
    ? ""
    : `, and its key file ${keyFileOf(address.path)}: keep a copy of that apart`;
  say(`made the database ${address.path}${key}`);
}
