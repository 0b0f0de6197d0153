/** `valetkey token inspect` */
import { isJsonObject, parseJsonStrictly } from "../oauth/json.ts";
import { databaseExists } from "../store/open_store.ts";
import type { CommonFlags } from "./command.ts";
import { withDatabase } from "./database.ts";
import { CliError } from "./errors.ts";
import { readStdin } from "./input.ts";
import { printFields, printJson, when } from "./output.ts";
import { readSettings, type Settings } from "./settings.ts";
import { type Finding, judge } from "./token_judge.ts";

export async function inspectToken(flags: CommonFlags, [given = ""]: readonly string[]) {
  const token = (given === "-" ? await readStdin() : given).trim();
  const settings = await readSettings(flags);
  const decoded = decode(token);
  const finding = await find(token, settings);
  if (flags.json) return printJson({ ...decoded, ...finding });
  show(decoded, finding);
}

interface Decoded {
  kind: "jwt" | "code" | "refresh_token" | "access_token";
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
}

const KINDS: Readonly<Record<string, Decoded["kind"]>> = {
  vkc_: "code",
  vkr_: "refresh_token",
  vka_: "access_token",
};

/** Each is random text, of which the database has the hash. */
const SECRETS: Readonly<Record<string, string>> = {
  vks_: "a client secret",
  vki_: "an initial access token",
  vkm_: "a registration access token",
};

/** @throws CliError when the text can't be a token of any known kind */
function decode(token: string): Decoded {
  const kind = KINDS[token.slice(0, 4)];
  if (kind) return { kind };
  const secret = SECRETS[token.slice(0, 4)];
  if (secret !== undefined)
    throw new CliError(
      `this is ${secret}: it is no token of a person`,
      "it holds no information about its client",
    );
  const [header, claims, signature] = token.split(".");
  const [head, body] = [header, claims].map(decodePart);
  if (!head || !body || signature === undefined)
    throw new CliError(
      "this is no token that valetkey knows",
      "it reads JWTs, and tokens that begin with vkc_, vkr_ or vka_",
    );
  return { kind: "jwt", header: head, claims: body };
}

function decodePart(part = ""): Record<string, unknown> | null {
  try {
    const value = parseJsonStrictly(Buffer.from(part, "base64url").toString());
    return isJsonObject(value) ? value : null;
  } catch {
    return null; // not a JWT
  }
}

/** Without a database, or without its secret, a token is shown but not judged. */
async function find(token: string, settings: Settings): Promise<Finding> {
  if (!(await databaseExists(settings.full.database)))
    return unverified("there is no database here");
  return withDatabase(settings, async ({ secrets, store, now }) => {
    let known: ReturnType<typeof secrets>;
    try {
      known = secrets();
    } catch (error) {
      return unverified(error instanceof Error ? error.message : String(error));
    }
    return judge(token, { settings, store, now, secrets: known });
  });
}

const unverified = (reason: string): Finding => ({ verified: false, active: null, reason });

function show({ kind, header, claims }: Decoded, finding: Finding): void {
  const { verified, active, reason, signed_by, claims: sealed, grant, ...rest } = finding;
  const holds = active === null ? "not known" : active ? "yes" : "no";
  const times = { ...claims, ...sealed };
  printFields({
    kind: kind.replace("_", " "),
    verified: verified ? `yes${signed_by ? `, by the key ${signed_by}` : ""}` : "no",
    holds: reason === null ? holds : `${holds}: ${reason}`,
    issued: time(times.iat),
    expires: time(times.exp),
    ...(rest.generation !== undefined && { generation: `${rest.generation}` }),
    ...(rest.standing && { standing: rest.standing }),
    ...(grant && { grant: JSON.stringify(grant) }),
    ...(header && { header: JSON.stringify(header) }),
    ...((sealed ?? claims) && { claims: JSON.stringify(sealed ?? claims) }),
  });
}

const time = (seconds: unknown): string | null =>
  typeof seconds === "number" && Math.abs(seconds) < 8e12 ? when(seconds) : null;
