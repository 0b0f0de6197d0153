/**
 * The rules for what an authenticator signs (WebAuthn Level 3 §7.1, §7.2). They are checked here as well as by the
 * library that verifies signatures, so that no update of it can soften them.
 */
import { equalSecrets, sha256 } from "../crypto/hash.ts";
import { isJsonObject, parseJsonStrictly } from "../oauth/json.ts";
import type { RelyingParty } from "./relying_party.ts";

export interface Expected extends RelyingParty {
  type: "webauthn.create" | "webauthn.get";
  /** BASE64URL */
  challenge: string;
}

/** `unverified`: the authenticator did not verify the person, for example a security key without a PIN. */
export type Refusal = "unreadable" | "refused" | "unverified";

/**
 * Judges the client data (§5.8.1): this ceremony, this site, and no frame of another one.
 * @param client_data BASE64URL of JSON
 */
export function judgeClientData(client_data: string, expected: Expected): Refusal | null {
  const data = readJson(Buffer.from(client_data, "base64url").toString("utf8"));
  if (data === null) return "unreadable";
  const { type, challenge, origin, crossOrigin, topOrigin } = data;
  if (type !== expected.type) return "refused";
  if (typeof challenge !== "string" || !equalSecrets(challenge, expected.challenge))
    return "refused";
  if (typeof origin !== "string" || !expected.origins.includes(origin)) return "refused";
  if (crossOrigin !== undefined && crossOrigin !== false) return "refused";
  return topOrigin === undefined ? null : "refused";
}

/** The flags and the counter of authenticator data (§6.1). */
export interface AuthenticatorData {
  /** User present. */
  up: boolean;
  /** User verified, by PIN or biometrics. */
  uv: boolean;
  backup_eligible: boolean;
  backed_up: boolean;
  sign_count: number;
}

const FLAGS_AT = 32;
const COUNTER_AT = 33;
const SHORTEST = 37;

/**
 * Reads and judges authenticator data.
 * @param bytes BASE64URL
 */
export function judgeAuthenticator(
  bytes: string,
  { rp_id }: Pick<RelyingParty, "rp_id">,
): AuthenticatorData | Refusal {
  const data = Buffer.from(bytes, "base64url");
  if (data.length < SHORTEST) return "unreadable";
  if (!equalSecrets(data.subarray(0, FLAGS_AT).toString("base64url"), sha256(rp_id)))
    return "refused";
  const has = (bit: number) => ((data[FLAGS_AT] ?? 0) & (1 << bit)) !== 0;
  const read = { up: has(0), uv: has(2), backup_eligible: has(3), backed_up: has(4) };
  // §6.1.3: what can't be backed up is not backed up.
  if (!read.up || (read.backed_up && !read.backup_eligible)) return "refused";
  return read.uv ? { ...read, sign_count: data.readUInt32BE(COUNTER_AT) } : "unverified";
}

/**
 * Whether the counter went back (§6.1.1), so that two authenticators may hold this key. A counter that stays 0 is not
 * kept by the authenticator.
 */
export const wentBack = (stored: number, sent: number): boolean =>
  (stored > 0 || sent > 0) && sent <= stored;

/** Null: no JSON object that every parser reads alike. */
export function readJson(text: string): Record<string, unknown> | null {
  try {
    const value = parseJsonStrictly(text);
    return isJsonObject(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
