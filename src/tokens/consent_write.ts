/** The change of a consent beside a new grant, as the store writes it. */
import { isDeepStrictEqual } from "node:util";
import { audit, type Context } from "../context.ts";
import { randomText } from "../crypto/hash.ts";
import type { ClientFace } from "../oauth/client_face.ts";
import { type Answered, mergeConsent } from "../oauth/consent.ts";
import type { Agreement } from "../oauth/next_step.ts";
import type { Audited } from "../store/audit.ts";
import type { ConsentRecord } from "../store/records.ts";

interface Answer {
  /** The stored consent; null: there is none. */
  consent: ConsentRecord | null;
  agreement: Agreement;
  how: Answered;
  /** The client as the person saw it. */
  seen: ClientFace | null;
}

/** @param about the person, the client, and who caused the change */
export function consentWrite(
  { consent, agreement, how, seen }: Answer,
  about: Audited & { sub: string; client_id: string },
  ctx: Context,
) {
  const merged = mergeConsent(consent, agreement, how);
  // An unchanged consent is not written again: that would restore one that was removed a moment ago.
  // Keys rotate one by one, so the last ones are remembered.
  const is_seen = isDeepStrictEqual(consent?.seen ?? null, seen);
  if (consent && !merged.changed && is_seen)
    return { write: { consent: { stands: consent } }, alongside: {} };
  const { agreed, refused, waived } = merged.consent;
  const becomes: ConsentRecord = {
    sub: about.sub,
    client_id: about.client_id,
    agreed: [...agreed],
    refused: [...refused],
    waived: [...waived],
    seen,
    version: randomText(9),
    since: consent?.since ?? ctx.now,
    used_at: ctx.now,
  };
  const details = { agreed, refused, ...(waived.length > 0 && { waived }) };
  const event = how === "waived" ? "consent_waived" : "consent_given";
  return {
    write: {
      consent: { before: consent, becomes },
      ...(merged.narrowed && { narrowed_at: ctx.now }),
    },
    alongside: { events: [audit(event, { ...about, details }, ctx)] },
  };
}
