/** Opens the database that the configuration names, with the secret that belongs to it. */
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { randomText } from "../crypto/hash.ts";
import { BadSecret, type ServerSecrets, serverSecrets } from "../crypto/server_secret.ts";
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
 * Opens the database, or makes it with its key file.
 * @throws DatabaseError for an address that is not understood, or a key file that is missing
 * @throws BadSecret for one that is malformed
 */
export function openStore(
  { database, lifetimes }: StoreConfig,
  given: GivenSecrets,
): { store: Store; secrets: ServerSecrets } {
  const path = sqlitePath(database);
  const given_secrets = givenSecrets(given);
  // The key is made when the database is made, and only then: a lost one must not be replaced in silence.
  if (!databaseExists(database)) {
    const secrets = given_secrets ?? ownSecrets(path, given);
    return { store: sqlStore(sqliteDriver(path), lifetimes), secrets };
  }
  // What is wrong with the file itself is said first.
  const driver = sqliteDriver(path);
  try {
    const secrets = given_secrets ?? ownSecrets(path, given);
    return { store: sqlStore(driver, lifetimes), secrets };
  } catch (error) {
    driver.close().catch(() => {});
    throw error;
  }
}

/**
 * A database that is there already, without its secret, which many commands do not need. Makes nothing.
 * @throws DatabaseError
 */
export function openExistingStore({ database, lifetimes }: StoreConfig): Store {
  const path = sqlitePath(database);
  if (!databaseExists(database))
    throw new DatabaseError(
      path === ":memory:" ? "a database in memory is its server's alone" : `no database at ${path}`,
      "name it with --database sqlite:FILE; `valetkey start` makes a new one",
    );
  return sqlStore(sqliteDriver(path), lifetimes);
}

/**
 * The secret of a database that is there already. Makes nothing.
 * @throws DatabaseError when its key file is missing, BadSecret for one that is malformed
 */
export function existingSecrets(database: string, given: GivenSecrets): ServerSecrets {
  const path = sqlitePath(database);
  return givenSecrets(given) ?? readKeyFile(path, previousSecrets(given));
}

export function databaseExists(database: string): boolean {
  const path = sqlitePath(database);
  // An empty file, such as mktemp makes, is a place for a database and none yet.
  return path !== ":memory:" && (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/** @throws DatabaseError for an address that is not understood */
export function sqlitePath(database: string): string {
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

const previousSecrets = ({ previous_secrets }: GivenSecrets): readonly string[] =>
  previous_secrets ?? (process.env.VALETKEY_SECRET_PREVIOUS ?? "").split(/[\s,]+/).filter(Boolean);

function givenSecrets(given: GivenSecrets): ServerSecrets | null {
  const secret = given.secret ?? process.env.VALETKEY_SECRET ?? "";
  return secret === "" ? null : serverSecrets(secret, previousSecrets(given));
}

function ownSecrets(path: string, given: GivenSecrets): ServerSecrets {
  const previous = previousSecrets(given);
  if (path === ":memory:") return serverSecrets(randomText(32), previous);
  if (databaseExists(`sqlite:${path}`) || existsSync(keyFileOf(path)))
    return readKeyFile(path, previous);
  return serverSecrets(makeKeyFile(keyFileOf(path)), previous);
}

function readKeyFile(path: string, previous: readonly string[]): ServerSecrets {
  const file = keyFileOf(path);
  if (!existsSync(file))
    throw new DatabaseError(
      `${path} is there, but its key file ${file} is not`,
      "put the key file back, or set VALETKEY_SECRET to what it held; a new key could read nothing of this database",
    );
  try {
    return serverSecrets(readFileSync(file, "utf8").trim(), previous);
  } catch (cause) {
    const malformed = cause instanceof BadSecret;
    throw new DatabaseError(
      malformed ? `the key file ${file} is damaged` : `cannot read the key file ${file}`,
      malformed
        ? "put back a copy of it, or set VALETKEY_SECRET to what it held"
        : "it has to be readable for the user that runs valetkey",
      { cause },
    );
  }
}

function makeKeyFile(file: string): string {
  const secret = randomText(32);
  try {
    writeFileSync(file, `${secret}\n`, { mode: 0o600, flag: "wx" });
    return secret;
  } catch (cause) {
    if (existsSync(file)) return awaitKeyFile(file);
    throw new DatabaseError(
      `cannot write the key file ${file}`,
      "check that the folder exists and that this user may write there, or set VALETKEY_SECRET",
      { cause },
    );
  }
}

/** Another process that starts at the same moment was faster, and may not have written it to its end. */
function awaitKeyFile(file: string): string {
  for (let tries = 0; tries < 50; tries += 1) {
    const text = readFileSync(file, "utf8").trim();
    if (text !== "") return text;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }
  return "";
}
