/** The two codes of a device: it polls with one, and a person enters the other (RFC 8628 §3.2). */
import type { Context } from "../context.ts";
import { equalSecrets, hmacSha256, randomBytes, randomText, sha256 } from "../crypto/hash.ts";
import { seal, unseal } from "../crypto/seal.ts";
import type { DerivedKeys } from "../crypto/server_secret.ts";
import type { Asked } from "../oauth/authorization_request.ts";
import { USER_CODE_LENGTH, USER_CODE_LETTERS } from "../oauth/user_code.ts";
import type { StoredTransaction } from "../store/records.ts";

const PURPOSE = "device request";

/** The request of a device, with its address. */
export interface DeviceRequest {
  /** UUIDv7; with the place of the person it becomes the id of the grant. */
  request_id: string;
  asked: Asked;
  /** BASE64URL(SHA-256) of the secret part of the device code. */
  secret_hash: string;
  address: string;
  begun_at: number;
}

/** All letters are equally likely: bytes beyond the largest multiple of their number are drawn again. */
export function makeUserCode(): string {
  const letters = USER_CODE_LETTERS.length;
  let code = "";
  while (code.length < USER_CODE_LENGTH) {
    const byte = randomBytes(1)[0] ?? 255;
    if (byte < 256 - (256 % letters)) code += USER_CODE_LETTERS[byte % letters];
  }
  return code;
}

/** The row id of a user code: a MAC, so that a stolen database reveals no code. */
const rowOf = (user_code: string, keys: DerivedKeys): string =>
  hmacSha256(keys.handle, `user_code ${user_code}`).toString("base64url", 0, 16);

/** A device code holds the id of its row, and a secret of its own. */
export function makeDeviceCode(user_code: string, { secrets }: Context) {
  const id = rowOf(user_code, secrets.current);
  const secret = randomText(32);
  return { id, device_code: `vkd_${id}${secret}`, secret_hash: sha256(secret) };
}

/** Null for text that this server can't have issued. */
export function parseDeviceCode(device_code: string): { id: string; secret_hash: string } | null {
  const [, id, secret] = /^vkd_([\w-]{22})([\w-]{43})$/.exec(device_code) ?? [];
  return id === undefined || secret === undefined ? null : { id, secret_hash: sha256(secret) };
}

export const sealDeviceRequest = (request: DeviceRequest, ctx: Context): string =>
  seal(JSON.stringify(request), PURPOSE, ctx);

/** Null: the request was sealed in an earlier epoch, or under a secret that is no longer known. */
export function openDeviceRequest({ sealed }: StoredTransaction, ctx: Context) {
  const text = unseal(sealed, PURPOSE, ctx);
  return text === null ? null : (JSON.parse(text) as DeviceRequest);
}

/** Finds a waiting request by its typed code; null: no device shows it, or it has expired. */
export async function findByUserCode(user_code: string, ctx: Context) {
  // During a change of the secret, nodes make codes under either secret.
  for (const keys of ctx.secrets.all) {
    const row = await ctx.store.findTransaction(rowOf(user_code, keys));
    if (row?.kind !== "device" || row.expires_at <= ctx.now) continue;
    const device = openDeviceRequest(row, ctx);
    if (device) return { row, device };
  }
  return null;
}

export const provesDevice = (shown: { secret_hash: string }, { secret_hash }: DeviceRequest) =>
  equalSecrets(shown.secret_hash, secret_hash);
