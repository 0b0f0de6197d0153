/** The server's secret: given, or in a key file beside a SQLite database. */
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { randomText } from "../crypto/hash.ts";
import { BadSecret, type ServerSecrets, serverSecrets } from "../crypto/server_secret.ts";
import { DatabaseError } from "./sql/driver.ts";

export interface GivenSecrets {
  secret?: string;
  previous_secrets?: readonly string[];
  leaked_secrets?: readonly string[];
}

/** Beside the database, never in it, so that the database or a backup of it is not enough to make tokens. */
export const keyFileOf = (path: string): string => `${path}.key`;

/** An empty file, such as mktemp makes, does not count as a database. */
export const sqliteExists = (path: string): boolean =>
  path !== ":memory:" && (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;

/** Null: none is given. */
export function givenSecrets(given: GivenSecrets): ServerSecrets | null {
  const secret = given.secret ?? process.env.VALETKEY_SECRET ?? "";
  return secret === "" ? null : serverSecrets(secret, otherSecrets(given));
}

/**
 * The secrets of a SQLite file. A new file gets a new key file.
 * @throws DatabaseError when its key file is missing, damaged or can't be written
 */
export function ownSecrets(path: string, given: GivenSecrets): ServerSecrets {
  const others = otherSecrets(given);
  if (path === ":memory:") return serverSecrets(randomText(32), others);
  if (sqliteExists(path) || existsSync(keyFileOf(path))) return readKeyFile(path, given);
  return serverSecrets(makeKeyFile(keyFileOf(path)), others);
}

/** @throws DatabaseError when it is missing or damaged, BadSecret when its secret has leaked */
export function readKeyFile(path: string, given: GivenSecrets): ServerSecrets {
  const file = keyFileOf(path);
  if (!existsSync(file))
    throw new DatabaseError(
      `${path} is there, but its key file ${file} is not`,
      "put the key file back, or set VALETKEY_SECRET to its contents; a new key could read nothing of this database",
    );
  return serverSecrets(secretOf(file), otherSecrets(given));
}

function secretOf(file: string): string {
  try {
    const secret = awaitKeyFile(file);
    serverSecrets(secret);
    return secret;
  } catch (cause) {
    const malformed = cause instanceof BadSecret;
    throw new DatabaseError(
      malformed ? `the key file ${file} is damaged` : `cannot read the key file ${file}`,
      malformed
        ? "restore a copy of it, or set VALETKEY_SECRET to its contents"
        : "it has to be readable for the user that runs valetkey",
      { cause },
    );
  }
}

export const otherSecrets = ({ previous_secrets, leaked_secrets }: GivenSecrets) => ({
  previous: previous_secrets ?? secretsIn(process.env.VALETKEY_SECRET_PREVIOUS),
  leaked: leaked_secrets ?? secretsIn(process.env.VALETKEY_SECRET_LEAKED),
});

/** The secrets in an environment variable that holds several. */
export const secretsIn = (text = ""): string[] => text.split(/[\s,]+/).filter(Boolean);

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

/** Another process that started at the same moment was faster, and may still be writing the file. */
function awaitKeyFile(file: string): string {
  for (let tries = 0; tries < 50; tries += 1) {
    const text = readFileSync(file, "utf8").trim();
    if (text !== "") return text;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }
  return "";
}
