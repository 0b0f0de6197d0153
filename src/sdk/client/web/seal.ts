/** Values that only this app can read and make: JWE with `dir` and A256GCM (RFC 7516, RFC 7518 §4.5, §5.3). */
import { base64url, bytesIn } from "../../base64url.ts";
import { AuthError } from "../../errors.ts";

/** Each use has a key of its own, so that a value of one use is never taken for another. */
export type Use = "state" | "form" | "session" | "store";

export interface Seals {
  /** Sealed with the first secret. @param value of JSON */
  seal(use: Use, value: unknown): Promise<string>;
  /** @returns null for anything that none of the secrets has sealed for this use */
  open(use: Use, sealed: string): Promise<Opened | null>;
  /** A secret text of 43 characters that follows from `text` (HMAC-SHA256). @param secret as `Opened` names it */
  derive(secret: number, text: string): Promise<string>;
}

export interface Opened {
  value: unknown;
  /** Position of the secret that sealed it. */
  secret: number;
}

const SHORTEST = 32;
const encoder = new TextEncoder();

/** @throws AuthError `configuration` for a short secret */
export function sealsOf(secrets: readonly string[]): Seals {
  const bytes = secrets.map((secret) => encoder.encode(secret));
  const short = bytes.find(({ length }) => length < SHORTEST);
  if (short || bytes.length === 0)
    throw new AuthError("configuration", `secret has ${short?.length ?? 0} bytes`, {
      hint: `set it to ${SHORTEST} random bytes or more: openssl rand -base64 32`,
    });
  const roots = bytes.map((each) =>
    crypto.subtle.importKey("raw", each, "HKDF", false, ["deriveBits", "deriveKey"]),
  );
  const keys = new Map<string, Promise<CryptoKey>>();
  const ids = roots.map(keyId);
  const keyOf = (secret: number, use: Use | "derive"): Promise<CryptoKey> => {
    const name = `${secret} ${use}`;
    const key = keys.get(name) ?? derivedKey(roots[secret], use);
    keys.set(name, key);
    return key;
  };
  return {
    seal: async (use, value) =>
      encrypted(await keyOf(0, use), headerOf((await ids[0]) ?? ""), JSON.stringify(value)),
    async open(use, sealed) {
      const headers = (await Promise.all(ids)).map(headerOf);
      // One of our own headers exactly: nobody else chooses an algorithm.
      const secret = headers.findIndex((header) => sealed.startsWith(`${header}..`));
      const text = secret < 0 ? null : await decrypted(await keyOf(secret, use), sealed);
      return text === null ? null : { value: JSON.parse(text), secret };
    },
    async derive(secret, text) {
      const key = await keyOf(secret, "derive");
      const mac = await crypto.subtle.sign("HMAC", key, encoder.encode(text));
      return base64url(new Uint8Array(mac));
    },
  };
}

const headerOf = (kid: string): string =>
  base64url(encoder.encode(JSON.stringify({ alg: "dir", enc: "A256GCM", kid })));

/** The compact form: header, no key, IV, ciphertext, tag (RFC 7516 §7.1). */
async function encrypted(key: CryptoKey, header: string, text: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const how = { name: "AES-GCM", iv, additionalData: encoder.encode(header) };
  const sealed = new Uint8Array(await crypto.subtle.encrypt(how, key, encoder.encode(text)));
  const [ciphertext, tag] = [sealed.slice(0, -TAG), sealed.slice(-TAG)];
  return `${header}..${[iv, ciphertext, tag].map(base64url).join(".")}`;
}

/** Bytes. */
const TAG = 16;

/** @returns null for what was altered, cut off, or made by somebody else */
async function decrypted(key: CryptoKey, sealed: string): Promise<string | null> {
  const [, header = "", ...parts] = COMPACT.exec(sealed) ?? [];
  try {
    const [iv, ciphertext, tag] = parts.map(bytesIn);
    // Each value has one form: unused bits are zero.
    if (!iv || !ciphertext || !tag || [iv, ciphertext, tag].map(base64url).join() !== parts.join())
      return null;
    const how = { name: "AES-GCM", iv, additionalData: encoder.encode(header) };
    const whole = Uint8Array.from([...ciphertext, ...tag]);
    return new TextDecoder().decode(await crypto.subtle.decrypt(how, key, whole));
  } catch {
    return null;
  }
}

const COMPACT = /^([\w-]+)\.\.([\w-]{16})\.([\w-]+)\.([\w-]{22})$/;

const hkdf = (use: string) => ({
  name: "HKDF",
  hash: "SHA-256",
  salt: new Uint8Array(),
  info: encoder.encode(`valetkey web ${use}`),
});

/** Shows which secret sealed a value, and nothing about the secret. */
async function keyId(root: Promise<CryptoKey>): Promise<string> {
  const bits = await crypto.subtle.deriveBits(hkdf("kid"), await root, 32);
  return base64url(new Uint8Array(bits));
}

async function derivedKey(
  root: Promise<CryptoKey> | undefined,
  use: Use | "derive",
): Promise<CryptoKey> {
  if (!root) throw new RangeError("no such secret");
  const isMac = use === "derive";
  return crypto.subtle.deriveKey(
    hkdf(use),
    await root,
    isMac ? { name: "HMAC", hash: "SHA-256", length: 256 } : { name: "AES-GCM", length: 256 },
    false,
    isMac ? ["sign"] : ["encrypt", "decrypt"],
  );
}

/** The first 128 bits of a SHA-256. */
export async function shortHash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", encoder.encode(text));
  return base64url(new Uint8Array(digest).slice(0, 16));
}
