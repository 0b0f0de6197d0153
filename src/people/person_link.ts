/**
 * A link by which an operator lets a person in: to a new account, or back into one whose password is lost. It works once,
 * for three days, and any change of the password or of a factor ends it.
 */
import { randomText } from "../crypto/hash.ts";
import { type SealContext, seal, unseal } from "../crypto/seal.ts";

export interface PersonLink {
  link_id: string;
  sub: string;
  /** The version of the person's factors. */
  version: number;
  /** Seconds since the epoch. */
  expires_at: number;
}

/** Seconds. */
export const LINK_LIFE = 259_200;
const PURPOSE = "link of a person";

/** @returns the link, and its sealed text for an address */
export function newPersonLink(
  { sub, version, now }: { sub: string; version: number; now: number },
  context: SealContext,
): { link: PersonLink; sealed: string } {
  const link = { link_id: randomText(16), sub, version, expires_at: now + LINK_LIFE };
  return { link, sealed: seal(JSON.stringify(link), PURPOSE, context, "mail") };
}

/** Null: it is not genuine, or has expired. */
export function openPersonLink(
  sealed: string | undefined,
  context: SealContext & { now: number },
): PersonLink | null {
  const text = unseal(sealed ?? "", PURPOSE, context, "mail");
  // The server sealed it, so its shape is known.
  const link = text === null ? null : (JSON.parse(text) as PersonLink);
  return link && link.expires_at > context.now ? link : null;
}
