/** Codes and refresh tokens: keys to a grant. They are MACs and never stored, so a stolen database holds none. */
import { equalBytes, hmacSha256, randomText } from "../crypto/hash.ts";
import type { ServerSecrets } from "../crypto/server_secret.ts";
import type { GrantRecord } from "../store/records.ts";
import type { FreshKey } from "../store/store.ts";

/** `vkc_` is a code, `vkr_` a refresh token: prefixes by which secret scanners find leaked ones. */
export type HandleKind = "vkc" | "vkr";

/** A key to a grant, as presented. */
export interface Handle {
  kind: HandleKind;
  secret_id: string;
  epoch: number;
  grant_id: string;
  generation: number;
  proof: Buffer;
}

// form 1, secret id 4, epoch 4, grant id 18, generation 4, MAC 32: a multiple of three, so base64url has one spelling.
const LENGTH = 63;
const SHAPE = /^(vkc|vkr)_([A-Za-z0-9_-]{84})$/;
/** The first byte, which distinguishes this layout from later ones. */
const FORM = 1;

/** Null for text that this server can't have issued, which is refused without a database query. */
export function parseHandle(text: string): Handle | null {
  const [, kind, encoded = ""] = SHAPE.exec(text) ?? [];
  if (kind !== "vkc" && kind !== "vkr") return null;
  const bytes = Buffer.from(encoded, "base64url");
  if (bytes[0] !== FORM) return null;
  return {
    kind,
    secret_id: bytes.toString("hex", 1, 5),
    epoch: bytes.readUInt32BE(5),
    grant_id: bytes.toString("hex", 9, 27),
    generation: bytes.readUInt32BE(27),
    proof: bytes.subarray(31),
  };
}

/** The salt and the secret of the keys to a grant. */
type GrantKey = Pick<GrantRecord, "salt" | "secret_id">;

/** Handles of earlier generations may have been made with a key that was replaced since. */
const keyOf = ({ salt, secret_id, replaced_key }: GrantRecord, generation: number): GrantKey =>
  replaced_key && generation < replaced_key.below ? replaced_key : { salt, secret_id };

/**
 * Every node computes the same handle for a generation, so repeated responses need no storage. Null when the secret of
 * the grant is no longer known.
 */
export function issueHandle(
  kind: HandleKind,
  grant: GrantRecord,
  generation: number,
  secrets: ServerSecrets,
): string | null {
  const proof = prove(kind, grant, generation, secrets);
  if (!proof) return null;
  const bytes = Buffer.alloc(LENGTH);
  bytes[0] = FORM;
  bytes.write(keyOf(grant, generation).secret_id, 1, "hex");
  bytes.writeUInt32BE(grant.epoch, 5);
  bytes.write(grant.grant_id, 9, "hex");
  bytes.writeUInt32BE(generation, 27);
  proof.copy(bytes, 31);
  return `${kind}_${bytes.toString("base64url")}`;
}

/** Whether this server issued the handle for this grant. With any other text a stranger learns and revokes nothing. */
export function isGenuine(handle: Handle, grant: GrantRecord, secrets: ServerSecrets): boolean {
  const { kind, generation } = handle;
  const named =
    handle.grant_id === grant.grant_id && handle.secret_id === keyOf(grant, generation).secret_id;
  if (!named || handle.epoch !== grant.epoch) return false;
  const proof = prove(kind, grant, generation, secrets);
  return proof !== null && equalBytes(handle.proof, proof);
}

function prove(
  kind: HandleKind,
  grant: GrantRecord,
  generation: number,
  secrets: ServerSecrets,
): Buffer | null {
  const { epoch, grant_id } = grant;
  const { secret_id, salt } = keyOf(grant, generation);
  const keys = secrets.findForHandle(secret_id);
  return keys && hmacSha256(keys.handle, `${kind} ${epoch} ${grant_id} ${generation} ${salt}`);
}

/**
 * A grant whose key depends on a leaked secret gets a new key at its next use, under the present secret. Earlier
 * handles are still recognized: within the replay window, or as a leak.
 * @param below generations under this keep the earlier key
 * @returns null: the key can stay
 */
export function freshKeyFor(
  { salt, secret_id }: GrantRecord,
  below: number,
  { leaked, current }: ServerSecrets,
): FreshKey | null {
  if (!leaked.has(secret_id)) return null;
  const replaced_key = { salt, secret_id, below };
  return { salt: randomText(16), secret_id: current.secret_id, replaced_key };
}
