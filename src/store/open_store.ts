/** Opens the database that the configuration names, with the secret that belongs to it. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { randomText } from "../crypto/hash.ts";
import { type ServerSecrets, serverSecrets } from "../crypto/server_secret.ts";
import { DatabaseError } from "./sql_driver.ts";
import { sqlStore } from "./sql_store.ts";
import type { GrantLifetimes } from "./sql_sweep.ts";
import { sqliteDriver } from "./sqlite.ts";
import type { Store } from "./store.ts";

export interface StoreConfig {
  database: string;
  lifetimes: GrantLifetimes;
}
export interface GivenSecrets {
  secret?: string;
  previous_secrets?: readonly string[];
}

/**
 * @throws DatabaseError for an address that is not understood, or a key file that is missing
 * @throws BadSecret for one that is malformed
 */
export function openStore(
  { database, lifetimes }: StoreConfig,
  given: GivenSecrets,
): { store: Store; secrets: ServerSecrets } {
  const path = sqlitePath(database);
  // The key is made when the database is made, and only then: a lost one must not be replaced in silence.
  const fresh = path === ":memory:" || !existsSync(path);
  const secrets = findSecrets(path, fresh, given);
  return { store: sqlStore(sqliteDriver(path), lifetimes), secrets };
}

function sqlitePath(database: string): string {
  const [, path] = /^sqlite:(.+)$/.exec(database) ?? [];
  if (path === undefined)
    throw new DatabaseError(
      `database: ${database.replace(/\/\/[^@/]*@/, "//…@")} is not understood`,
      "write sqlite:FILE, for example sqlite:valetkey.sqlite",
    );
  return path;
}

/** Beside the database, never in it: who reads the database, or a backup of it, can make no token. */
export const keyFileOf = (path: string): string => `${path}.key`;

function findSecrets(path: string, fresh: boolean, given: GivenSecrets): ServerSecrets {
  const previous =
    given.previous_secrets ??
    (process.env.VALETKEY_SECRET_PREVIOUS ?? "").split(/[\s,]+/).filter(Boolean);
  const secret = given.secret ?? process.env.VALETKEY_SECRET;
  if (secret !== undefined && secret !== "") return serverSecrets(secret, previous);
  if (path === ":memory:") return serverSecrets(randomText(32), previous);
  const file = keyFileOf(path);
  if (existsSync(file)) return serverSecrets(readFileSync(file, "utf8").trim(), previous);
  if (!fresh)
    throw new DatabaseError(
      `${path} is there, but its key file ${file} is not`,
      "put the key file back, or set VALETKEY_SECRET to what it held; a new key could read nothing of this database",
    );
  return serverSecrets(makeKeyFile(file), previous);
}

function makeKeyFile(file: string): string {
  const secret = randomText(32);
  try {
    writeFileSync(file, `${secret}\n`, { mode: 0o600, flag: "wx" });
    return secret;
  } catch (cause) {
    // Another process that starts at the same moment was faster.
    if (existsSync(file)) return readFileSync(file, "utf8").trim();
    throw new DatabaseError(
      `cannot write the key file ${file}`,
      "check that the folder exists and that this user may write there, or set VALETKEY_SECRET",
      { cause },
    );
  }
}
