/** Hashes, MACs, randomness and comparison: the primitives that everything else is built on. */
import { hash, randomFillSync, timingSafeEqual } from "node:crypto";

/** BASE64URL(SHA-256(text)). */
export const sha256 = (data: string | Buffer): string => hash("sha256", data, "base64url");

const BLOCK = 64;
const HASH = 32;
// Scratch buffers for the input of hashes. Each use fills them before it reads them, without an await in between.
let inner = Buffer.alloc(512);
const outer = Buffer.alloc(BLOCK + HASH);

/**
 * HMAC-SHA256 (RFC 2104), built from two hashes: the objects of node's `createHmac` cost twice as much as the MAC
 * itself.
 * @param key at most 64 bytes
 */
export function hmacSha256(key: Buffer, data: string | Buffer): Buffer {
  if (key.length > BLOCK) throw new RangeError("a MAC key has at most 64 bytes");
  const most = BLOCK + (typeof data === "string" ? data.length * 3 : data.length);
  if (inner.length < most) inner = Buffer.alloc(most);
  for (let i = 0; i < BLOCK; i += 1) {
    const byte = key[i] ?? 0;
    inner[i] = byte ^ 0x36;
    outer[i] = byte ^ 0x5c;
  }
  const length =
    typeof data === "string" ? inner.write(data, BLOCK, "utf8") : data.copy(inner, BLOCK);
  outer.write(hash("sha256", inner.subarray(0, BLOCK + length), "latin1"), BLOCK, "latin1");
  return Buffer.from(hash("sha256", outer, "latin1"), "latin1");
}

/** Compares two strings in constant time. Their length is not secret. */
export function equalSecrets(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

export const equalBytes = (a: Buffer, b: Buffer): boolean =>
  a.length === b.length && timingSafeEqual(a, b);

const POOL = Buffer.alloc(4096);
let used = POOL.length;

/** Random bytes from a pool: a system call for each 16 bytes would cost more than everything else. */
export const randomBytes = (length: number): Buffer =>
  draw(length, (from, start, end) => Buffer.from(from.subarray(start, end)));

/** BASE64URL(that many random bytes). */
export const randomText = (length: number): string =>
  draw(length, (from, start, end) => from.toString("base64url", start, end));

function draw<T>(length: number, take: (from: Buffer, start: number, end: number) => T): T {
  if (length > POOL.length) return take(randomFillSync(Buffer.alloc(length)), 0, length);
  if (used + length > POOL.length) {
    randomFillSync(POOL);
    used = 0;
  }
  const start = used;
  used += length;
  const taken = take(POOL, start, used);
  // Bytes that were handed out are wiped: they must not be found in memory, nor be handed out again.
  POOL.fill(0, start, used);
  return taken;
}

/** UUIDv7 as 32 hexadecimal digits: ordered by time, so that a primary key grows at its end (RFC 9562 §5.7). */
export function uuidv7(now_ms: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now_ms, 0, 6);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return bytes.toString("hex");
}
