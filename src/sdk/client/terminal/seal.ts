/** Secrets that only the holder of a key can read or make: AES-256-GCM, bound to the name of their session. */
import { base64url, bytesIn } from "../../base64url.ts";

const encoder = new TextEncoder();
/** Of a text: which key sealed it. */
const MARK = /^([\w-]{8})\.([\w-]{16})\.([\w-]+)$/;

/**
 * @param key 32 bytes
 * @param name of the session: another name does not open it
 */
export async function seal(
  key: Uint8Array<ArrayBuffer>,
  name: string,
  value: unknown,
): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const how = { name: "AES-GCM", iv, additionalData: encoder.encode(name) };
  const text = encoder.encode(JSON.stringify(value));
  const sealed = await crypto.subtle.encrypt(how, await imported(key, "encrypt"), text);
  return `${await markOf(key)}.${base64url(iv)}.${base64url(new Uint8Array(sealed))}`;
}

/** @returns `foreign` when another key sealed it, `broken` when it was altered */
export async function unseal(
  key: Uint8Array<ArrayBuffer>,
  name: string,
  sealed: string,
): Promise<{ value: unknown } | "foreign" | "broken"> {
  const [, mark, iv = "", text = ""] = MARK.exec(sealed) ?? [];
  if (mark === undefined) return "broken";
  if (mark !== (await markOf(key))) return "foreign";
  try {
    const how = { name: "AES-GCM", iv: bytesIn(iv), additionalData: encoder.encode(name) };
    const opened = await crypto.subtle.decrypt(how, await imported(key, "decrypt"), bytesIn(text));
    return { value: JSON.parse(new TextDecoder().decode(opened)) };
  } catch {
    return "broken";
  }
}

const imported = (key: Uint8Array<ArrayBuffer>, use: "encrypt" | "decrypt"): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", key, "AES-GCM", false, [use]);

/** Tells keys apart, and nothing else about them. */
async function markOf(key: Uint8Array<ArrayBuffer>): Promise<string> {
  const text = Uint8Array.from([...encoder.encode("valetkey mark "), ...key]);
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", text)).slice(0, 6));
}
