/**
 * The grant of an ID token, in its `jti`. The id is masked, since the id of a grant holds the place of the person, which
 * would tell clients more about a person than their `sub`. The signature of the ID token proves that it is unchanged, so
 * a mask from one MAC is enough: sealing it took as long as a tenth of the whole exchange of a code.
 */
import type { Context } from "../context.ts";
import { hmacSha256, randomBytes } from "../crypto/hash.ts";

type Masking = Pick<Context, "secrets" | "epoch" | "issuer">;

const HEAD = 24; // secret id 4, epoch 4, random 16: no mask serves twice
const ID = 18;

/** @returns base64url, different for each token of one grant */
export function maskGrantId(grant_id: string, { secrets, epoch, issuer }: Masking): string {
  const { current } = secrets;
  const bytes = Buffer.alloc(HEAD + ID);
  bytes.write(current.secret_id, 0, "hex");
  bytes.writeUInt32BE(epoch, 4);
  randomBytes(16).copy(bytes, 8);
  bytes.write(grant_id, HEAD, "hex");
  mask(bytes, current.id_token, issuer);
  return bytes.toString("base64url");
}

/**
 * @param jti of an ID token whose signature was verified
 * @returns null when the secret that masked it is no longer accepted, or the database was restored since
 */
export function unmaskGrantId(jti: string, { secrets, epoch, issuer }: Masking): string | null {
  const bytes = Buffer.from(jti, "base64url");
  if (bytes.length !== HEAD + ID || bytes.readUInt32BE(4) !== epoch) return null;
  const keys = secrets.find(bytes.toString("hex", 0, 4), "id_token");
  if (!keys) return null;
  mask(bytes, keys.id_token, issuer);
  return bytes.toString("hex", HEAD);
}

/** Puts the mask on the id behind the head, or takes it off. */
function mask(bytes: Buffer, key: Buffer, issuer: string): void {
  const stream = hmacSha256(key, bytes.toString("latin1", 0, HEAD) + issuer);
  for (let i = 0; i < ID; i += 1) bytes[HEAD + i] = (bytes[HEAD + i] ?? 0) ^ (stream[i] ?? 0);
}
