/**
 * Sealed values: encrypted and authenticated data that passes through strangers and must come back unchanged.
 * AES-256-GCM under a key derived from a random 128-bit id, so that no key meets a nonce twice.
 */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { hmacSha256, randomBytes } from "./hash.ts";
import type { DerivedKeys, ServerSecrets } from "./server_secret.ts";

const HEAD = 24; // secret id 4, epoch 4, key id 16
const TAG = 16;
const NONCE = Buffer.alloc(12);

export interface SealContext {
  secrets: ServerSecrets;
  /** The store's epoch: values that were sealed in an earlier one are not opened. */
  epoch: number;
  /** Servers that share a secret, such as two issuers of one company, can't open each other's values. */
  issuer: string;
}
export type SealKey = "seal" | "access_token" | "signing_key" | "subject_salt" | "totp" | "mail";

/** @param purpose bound into the seal: a value sealed for one purpose opens for no other */
export function seal(
  text: string,
  purpose: string,
  context: SealContext,
  key: SealKey = "seal",
): string {
  const { current } = context.secrets;
  const head = Buffer.alloc(HEAD);
  head.write(current.secret_id, 0, "hex");
  head.writeUInt32BE(context.epoch, 4);
  randomBytes(16).copy(head, 8);
  const cipher = createCipheriv("aes-256-gcm", keyFor(current, key, head), NONCE);
  cipher.setAAD(boundTo(head, purpose, context));
  const body = [cipher.update(text, "utf8"), cipher.final()];
  return Buffer.concat([head, ...body, cipher.getAuthTag()]).toString("base64url");
}

/** The id of the secret that sealed a value, from the start of the seal. */
export const secretIdOf = (sealed: string): string =>
  Buffer.from(sealed, "base64url").toString("hex", 0, 4);

/** Null for a value that this server did not seal, or sealed for another purpose, issuer, secret or epoch. */
export function unseal(
  sealed: string,
  purpose: string,
  { secrets, epoch, issuer }: SealContext,
  key: SealKey = "seal",
): string | null {
  const bytes = Buffer.from(sealed, "base64url");
  // Only the canonical text is accepted: base64url decodes leniently, and one value must not have two texts.
  if (bytes.length < HEAD + TAG || bytes.toString("base64url") !== sealed) return null;
  const head = bytes.subarray(0, HEAD);
  const keys = secrets.find(head.toString("hex", 0, 4), key);
  if (!keys || head.readUInt32BE(4) !== epoch) return null;
  const decipher = createDecipheriv("aes-256-gcm", keyFor(keys, key, head), NONCE);
  decipher.setAAD(boundTo(head, purpose, { issuer }));
  decipher.setAuthTag(bytes.subarray(-TAG));
  try {
    const text = decipher.update(bytes.subarray(HEAD, -TAG));
    decipher.final();
    return text.toString("utf8");
  } catch {
    return null; // the tag does not fit: altered, or never ours
  }
}

/** The issuer holds no space. */
const boundTo = (head: Buffer, purpose: string, { issuer }: Pick<SealContext, "issuer">): Buffer =>
  Buffer.concat([head, Buffer.from(`${issuer} ${purpose}`)]);

const keyFor = (keys: DerivedKeys, key: SealKey, head: Buffer): Buffer =>
  hmacSha256(keys[key], head.subarray(8));
