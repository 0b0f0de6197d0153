/**
 * The place of a person: a small number computed from `sub`. A distributed database keeps all rows of one place on one
 * node, so that a transaction about one person commits on one node.
 */
import { sha256 } from "../crypto/hash.ts";
import { remember } from "../oauth/remember.ts";

/** Places are 0 to 32,767; four hexadecimal digits write one. */
export const PLACES = 0x8000;
const DIGITS = 4;

/** The place of a person, or of another id that belongs to nobody. It depends on no secret: every node agrees. */
export const placeOf = remember(
  (sub) => Buffer.from(sha256(sub).slice(0, DIGITS), "base64url").readUInt16BE(0) % PLACES,
);

/** An id that carries its place at its end, so that ids which grow with time stay in that order. */
export const withPlace = (id: string, sub: string): string =>
  id + placeOf(sub).toString(16).padStart(DIGITS, "0");

/** The place that an id carries; -1, where no row is, for an id that carries none. */
export function placeIn(id: string): number {
  const digits = id.slice(-DIGITS);
  if (id.length <= DIGITS || !/^[0-7][0-9a-f]{3}$/.test(digits)) return -1;
  return Number.parseInt(digits, 16);
}
