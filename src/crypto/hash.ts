/** Hashes, MACs, randomness and comparison: the few primitives that everything else is made of. */
import { createHmac, hash, randomFillSync, timingSafeEqual } from "node:crypto";

/** BASE64URL(SHA-256(text)). */
export const sha256 = (text: string): string => hash("sha256", text, "base64url");

export const hmacSha256 = (key: Buffer, text: string | Buffer): Buffer =>
  createHmac("sha256", key).update(text).digest();

/** Compares without telling by its timing where two strings differ; their length is not secret. */
export function equalSecrets(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

export const equalBytes = (a: Buffer, b: Buffer): boolean =>
  a.length === b.length && timingSafeEqual(a, b);

const POOL = Buffer.alloc(4096);
let used = POOL.length;

/** Random bytes, drawn from a pool: a system call for each 16 bytes would cost more than all else. */
export function randomBytes(length: number): Buffer {
  if (length > POOL.length) return randomFillSync(Buffer.alloc(length));
  if (used + length > POOL.length) {
    randomFillSync(POOL);
    used = 0;
  }
  const bytes = Buffer.from(POOL.subarray(used, used + length));
  // What was handed out must not be found in memory, nor be handed out again.
  POOL.fill(0, used, used + length);
  used += length;
  return bytes;
}

export const randomText = (length: number): string => randomBytes(length).toString("base64url");

/** UUIDv7 as 32 hexadecimal digits: ordered by time, so that a primary key grows at its end (RFC 9562 §5.7). */
export function uuidv7(now_ms: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now_ms, 0, 6);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return bytes.toString("hex");
}
