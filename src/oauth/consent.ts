/** Consent: merges a person's answers about one client; newer answers win. */
import type { Agreement, Consent } from "./next_step.ts";
import { type Permission, union, without } from "./permission.ts";

export type Answered = "answered" | "remembered" | "waived";

export interface Merged {
  consent: Consent;
  /** Whether the consent differs from the earlier one. */
  changed: boolean;
  /** Whether a permission was taken back. */
  narrowed: boolean;
}

const NOTHING: Consent = { agreed: [], refused: [], waived: [] };

/**
 * @param how a waiver is no consent: it is kept apart, and people are asked when the operator no longer trusts the
 * client
 */
export function mergeConsent(before: Consent | null, agreement: Agreement, how: Answered): Merged {
  const known = before ?? NOTHING;
  const consent = MERGE[how](known, agreement);
  const held = [...known.agreed, ...known.waived];
  return {
    consent,
    changed:
      before === null ||
      !isSame(known.agreed, consent.agreed) ||
      !isSame(known.refused, consent.refused) ||
      !isSame(known.waived, consent.waived),
    narrowed: how === "answered" && agreement.refused.some((each) => held.includes(each)),
  };
}

const MERGE: Readonly<Record<Answered, (before: Consent, agreement: Agreement) => Consent>> = {
  answered: ({ agreed, refused, waived }, now) => ({
    agreed: without(union(agreed, now.agreed), now.refused),
    refused: without(union(refused, now.refused), now.agreed),
    waived: without(waived, [...now.agreed, ...now.refused]),
  }),
  remembered: (before) => before,
  waived: ({ agreed, refused, waived }, now) => ({
    agreed,
    refused,
    waived: union(waived, without(now.agreed, agreed)),
  }),
};

const isSame = (some: readonly Permission[], others: readonly Permission[]): boolean =>
  some.length === others.length && some.every((each) => others.includes(each));
