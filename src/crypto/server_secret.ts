/** The server's secret, and the keys derived from it: one per purpose, so that no key serves two. */
import { hkdfSync } from "node:crypto";
import { sha256 } from "./hash.ts";

const PURPOSES = [
  "handle",
  "seal",
  "access_token",
  "id_token",
  "signing_key",
  "subject_salt",
  "totp",
  "form",
  "counter",
  "probe",
  "mail",
  "mail_code",
] as const;
type Purpose = (typeof PURPOSES)[number];
/**
 * Purposes that an earlier secret may still check. Handles have a rule of their own, and counters are never checked.
 */
export type CheckedPurpose = Exclude<Purpose, "handle" | "counter">;

export interface DerivedKeys extends Readonly<Record<Purpose, Buffer>> {
  /** 8 hexadecimal digits, which identify the secret in handles and rows and reveal nothing about it. */
  readonly secret_id: string;
}

/**
 * Everything new is made with the secret in use. Earlier secrets only check, so that nodes agree during a change.
 * Leaked ones check codes and refresh tokens, and nothing else.
 */
export interface ServerSecrets {
  readonly current: DerivedKeys;
  /** The secret in use, followed by earlier ones. */
  readonly all: readonly DerivedKeys[];
  /** Null: the secret is not known, has leaked, or was replaced too long ago (`boundedSecrets`). */
  find(secret_id: string, purpose: CheckedPurpose): DerivedKeys | null;
  /**
   * For codes and refresh tokens, whose rows bound their lifetime. Those of a leaked secret hold until their next use,
   * since a stranger also needs the salt of their row.
   */
  findForHandle(secret_id: string): DerivedKeys | null;
  /** Ids of the secrets that strangers may know. */
  readonly leaked: ReadonlySet<string>;
}

export class BadSecret extends Error {
  override readonly name = "BadSecret";
}

/**
 * @param current 32 random bytes, base64url
 * @param others `previous`: earlier ones. `leaked`: secrets that strangers may know
 * @throws BadSecret when a secret is malformed, or the one in use has leaked
 */
export function serverSecrets(
  current: string,
  { previous = [], leaked = [] }: { previous?: readonly string[]; leaked?: readonly string[] } = {},
): ServerSecrets {
  const lost = new Map(leaked.map(deriveKeys).map((keys) => [keys.secret_id, keys]));
  const known = [current, ...previous].map(deriveKeys);
  const [first] = known;
  if (!first) throw new BadSecret("no secret");
  if (lost.has(first.secret_id))
    throw new BadSecret("the secret in use is listed as leaked: set a new one");
  const all = known.filter(({ secret_id }) => !lost.has(secret_id));
  const by_id = new Map(all.map((keys) => [keys.secret_id, keys]));
  const find = (secret_id: string) => by_id.get(secret_id) ?? null;
  return {
    current: first,
    all,
    find,
    findForHandle: (secret_id) => find(secret_id) ?? lost.get(secret_id) ?? null,
    leaked: new Set(lost.keys()),
  };
}

/** For each purpose, the seconds after its replacement in which a secret is still accepted. */
export type Bounds = Readonly<Record<CheckedPurpose, number>>;

/**
 * Seconds in which nodes are restarted one by one: a node that is not restarted yet still makes tokens with the old
 * secret.
 */
const OVERLAP = 3600;

/**
 * The same secrets, but an earlier one is refused when everything that it made has expired. A later, unnoticed leak of
 * it is then harmless.
 * @param times.since by secret id, when each came into use, from the database (seconds since the epoch)
 */
export function boundedSecrets(
  secrets: ServerSecrets,
  { since, now, bounds }: { since: Readonly<Record<string, number>>; now: number; bounds: Bounds },
): ServerSecrets {
  if (secrets.all.length === 1) return secrets;
  return {
    ...secrets,
    find(secret_id, purpose) {
      const end = replacedAt(secret_id, since) + bounds[purpose] + OVERLAP;
      const is_current = secret_id === secrets.current.secret_id;
      return is_current || now < end ? secrets.find(secret_id, purpose) : null;
    },
  };
}

/** When the next secret came into use; infinity: none has, according to the database. */
function replacedAt(secret_id: string, since: Readonly<Record<string, number>>): number {
  const own = since[secret_id] ?? 0;
  return Math.min(...Object.values(since).filter((time) => time > own));
}

function deriveKeys(text: string): DerivedKeys {
  const bytes = Buffer.from(text, "base64url");
  if (!/^[A-Za-z0-9_-]+$/.test(text) || bytes.length < 32)
    throw new BadSecret(
      "the secret must be 32 random bytes in base64url: `valetkey secret` prints one",
    );
  const derive = (purpose: string) =>
    Buffer.from(hkdfSync("sha256", bytes, "", `valetkey ${purpose}`, 32));
  const secret_id = Buffer.from(sha256(`valetkey id ${text}`), "base64url").toString("hex", 0, 4);
  return {
    secret_id,
    handle: derive("handle"),
    seal: derive("seal"),
    access_token: derive("access_token"),
    id_token: derive("id_token"),
    signing_key: derive("signing_key"),
    subject_salt: derive("subject_salt"),
    totp: derive("totp"),
    form: derive("form"),
    counter: derive("counter"),
    probe: derive("probe"),
    mail: derive("mail"),
    mail_code: derive("mail code"),
  };
}
