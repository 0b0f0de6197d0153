/** The server's secret, from the environment or a file; never from the configuration. */
import { readFileSync, statSync } from "node:fs";
import { BadSecret, serverSecrets } from "../crypto/server_secret.ts";
import { secretsIn } from "../store/key_file.ts";
import type { GivenSecrets } from "../store/open_store.ts";
import { CliError } from "./errors.ts";
import { warn } from "./output.ts";

/** @throws CliError for a file that can't be read, or a malformed secret; the message names its source */
export function readSecrets(
  file: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): GivenSecrets {
  const secret = file === undefined ? env.VALETKEY_SECRET : readSecretFile(file);
  if (secret) check(secret, file === undefined ? "VALETKEY_SECRET" : file);
  const others = (name: "VALETKEY_SECRET_PREVIOUS" | "VALETKEY_SECRET_LEAKED"): string[] => {
    const secrets = secretsIn(env[name]);
    for (const each of secrets) check(each, name);
    return secrets;
  };
  return {
    previous_secrets: others("VALETKEY_SECRET_PREVIOUS"),
    leaked_secrets: others("VALETKEY_SECRET_LEAKED"),
    ...(secret && { secret }),
  };
}

function readSecretFile(file: string): string {
  const text = read(file).trim();
  if (text === "") throw new CliError(`the secret file ${file} is empty`, NEW_ONE);
  warnIfOpen(file);
  return text;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const why = cause instanceof Error && "code" in cause ? cause.code : cause;
    throw new CliError(
      `cannot read the secret file ${file} (${why})`,
      "name the file that holds the secret with --secret-file",
      { cause },
    );
  }
}

/** Only a warning: container platforms mount secrets readable for everybody inside, where no other user exists. */
export function warnIfOpen(file: string): void {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & 0o077) !== 0 && process.platform !== "win32")
    warn(`other users of this computer can read ${file}: chmod 600 ${file}`);
}

function check(secret: string, source: string): void {
  try {
    serverSecrets(secret);
  } catch (cause) {
    if (!(cause instanceof BadSecret)) throw cause;
    throw new CliError(`${source} is not 32 random bytes in base64url`, NEW_ONE, { cause });
  }
}

const NEW_ONE = "`valetkey secret` prints a good one";
