/** The server's secret, and the keys derived from it, one per purpose, so that none serves two ends. */
import { hkdfSync } from "node:crypto";
import { sha256 } from "./hash.ts";

const PURPOSES = [
  "handle",
  "seal",
  "access_token",
  "signing_key",
  "form",
  "counter",
  "probe",
] as const;
type Purpose = (typeof PURPOSES)[number];

export interface DerivedKeys extends Readonly<Record<Purpose, Buffer>> {
  /** 8 hexadecimal digits; names the secret in handles and rows, and tells nothing about it. */
  readonly secret_id: string;
}

/** The secret in use, and earlier ones, which check but never make: nodes in the middle of a change agree. */
export interface ServerSecrets {
  readonly current: DerivedKeys;
  /** The one in use first. */
  readonly all: readonly DerivedKeys[];
  find(secret_id: string): DerivedKeys | null;
}

export class BadSecret extends Error {
  override readonly name = "BadSecret";
}

/**
 * @param current 32 random bytes, base64url
 * @param previous earlier ones
 * @throws BadSecret when one is malformed
 */
export function serverSecrets(current: string, previous: readonly string[] = []): ServerSecrets {
  const all = [current, ...previous].map(deriveKeys);
  const by_id = new Map(all.map((keys) => [keys.secret_id, keys]));
  const [first] = all;
  if (!first) throw new BadSecret("no secret");
  return { current: first, all, find: (secret_id) => by_id.get(secret_id) ?? null };
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
    signing_key: derive("signing_key"),
    form: derive("form"),
    counter: derive("counter"),
    probe: derive("probe"),
  };
}
