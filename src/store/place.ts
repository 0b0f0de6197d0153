/**
 * The place of a person: a small number computed from `sub`. A distributed database keeps all rows of one place on one
 * node, so that a transaction about one person commits on one node.
 */
import { sha256 } from "../crypto/hash.ts";
import { remember } from "../oauth/remember.ts";

/** Places are 0 to 32,767, written as four hexadecimal digits. */
export const PLACES = 0x8000;
const DIGITS = 4;

/**
 * The place of a person, or of an id that belongs to nobody. It depends on no secret, so that all nodes compute the
 * same.
 */
export const placeOf = remember(
  (sub) => Buffer.from(sha256(sub).slice(0, DIGITS), "base64url").readUInt16BE(0) % PLACES,
);

/** An id with its place at the end, so that ids which begin with the time stay ordered by it. */
export const withPlace = (id: string, sub: string): string =>
  id + placeOf(sub).toString(16).padStart(DIGITS, "0");

/** The place at the end of an id; for an id without one -1, a place that has no rows. */
export function placeIn(id: string): number {
  const digits = id.slice(-DIGITS);
  if (id.length <= DIGITS || !/^[0-7][0-9a-f]{3}$/.test(digits)) return -1;
  return Number.parseInt(digits, 16);
}
