/**
 * Codes of authenticator apps (RFC 6238), in the one form that all apps support: SHA-1, six digits, 30 seconds, and a
 * secret of 160 bits (RFC 4226 §4, R6).
 */
import { createRequire } from "node:module";
import { equalSecrets, randomBytes } from "../crypto/hash.ts";

const SHAPE = { algorithm: "SHA1", digits: 6 } as const;
/** Seconds of a time step. */
const PERIOD = 30;
const SECRET_BYTES = 20;
/** Seconds by which the clock of the person's device may differ. */
const SLACK = 10;
/** Characters of a code as typed: six digits, with spaces. */
const LONGEST = 32;

const load = createRequire(import.meta.url);
/** Loaded when the first code is made or checked. */
const otpauth = (): typeof import("otpauth") => load("otpauth");

export const newTotpSecret = (): Buffer => randomBytes(SECRET_BYTES);

/** The six digits of a code as a person types it, perhaps with spaces; null: it is none. */
export function readTotpCode(text: string): string | null {
  if (text.length > LONGEST) return null;
  const digits = text.normalize("NFKC").replaceAll(/\s/g, "");
  return /^[0-9]{6}$/.test(digits) ? digits : null;
}

/**
 * The time step whose code this is, at the present time or a few seconds before or after it. The caller has to take the
 * step (`useTotp`), so that a code counts once.
 * @param code as typed
 * @param now seconds since the epoch
 * @returns null: it is the code of none of these moments
 */
export function matchingStep(secret: Buffer, code: string, now: number): number | null {
  const digits = readTotpCode(code);
  if (digits === null) return null;
  const steps = new Set([now + SLACK, now, now - SLACK].map((time) => Math.floor(time / PERIOD)));
  // All codes are compared, so that the time does not show which one was near.
  const fitting = [...steps].filter((step) => equalSecrets(totpCode(secret, step), digits));
  return fitting[0] ?? null;
}

/** The code of a time step. */
export function totpCode(secret: Buffer, step: number): string {
  return otpauth().HOTP.generate({ ...SHAPE, secret: secretOf(secret), counter: step });
}

/** A secret in the forms that apps take. */
export interface TotpKey {
  /** The address in the QR code: `otpauth://totp/…`. */
  uri: string;
  /** Base32, in groups of four characters, to be typed. */
  groups: string[];
}

/** @param names.issuer of this server, as the app shows it; `account`: the name of the person's account */
export function totpKey(secret: Buffer, names: { issuer: string; account: string }): TotpKey {
  const { issuer, account: label } = names;
  const totp = new (otpauth().TOTP)({
    ...SHAPE,
    issuer,
    label,
    period: PERIOD,
    secret: secretOf(secret),
  });
  return { uri: totp.toString(), groups: totp.secret.base32.match(/.{1,4}/g) ?? [] };
}

function secretOf(bytes: Buffer): import("otpauth").Secret {
  const own = new Uint8Array(bytes);
  return new (otpauth().Secret)({ buffer: own.buffer });
}
