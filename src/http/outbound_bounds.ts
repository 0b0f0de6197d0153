/**
 * The bounds of the server's own requests. Nothing is shared between purposes: addresses that visitors choose take no
 * request from those that clients registered, and these take none from those of operators.
 */
import type { OutboundPurpose } from "../context.ts";
import { type Rate, tokenBuckets } from "./token_bucket.ts";

interface Bounds {
  /** Requests in a minute: to one origin, and in all. */
  per_origin: number;
  in_all: number;
  /** Requests under way in this process. */
  at_once: number;
}

const PURPOSES: Readonly<Record<OutboundPurpose, Bounds>> = {
  // Client ID Metadata Documents, and those of clients that somebody has agreed to.
  document: { per_origin: 30, in_all: 300, at_once: 32 },
  known_document: { per_origin: 30, in_all: 300, at_once: 32 },
  // Keys at the `jwks_uri` of such a document, of a client that people or apps registered, and of an operator's.
  document_keys: { per_origin: 30, in_all: 300, at_once: 32 },
  client_keys: { per_origin: 30, in_all: 300, at_once: 32 },
  operator_keys: { per_origin: 30, in_all: 600, at_once: 64 },
  // Request objects at a registered `request_uri`.
  client_object: { per_origin: 60, in_all: 300, at_once: 16 },
  operator_object: { per_origin: 60, in_all: 600, at_once: 32 },
  // The end of sessions. Many people may sign out of an operator's client within one minute.
  client_logout: { per_origin: 30, in_all: 600, at_once: 64 },
  operator_logout: { per_origin: 600, in_all: 1200, at_once: 64 },
  // What a registration names.
  sector: { per_origin: 30, in_all: 60, at_once: 8 },
  logo: { per_origin: 30, in_all: 60, at_once: 8 },
};

export interface Reserve {
  under_way: number;
  /** Takes a request to an origin. @param ms of a steady clock @returns why there is none; null: it was taken */
  spend(origin: string, ms: number): string | null;
}

/** @param given replaces the bounds of every purpose, for tests */
export function reservesFor(given: {
  per_origin?: Rate;
  in_all?: Rate;
}): (purpose: OutboundPurpose) => Reserve {
  const reserves = new Map<OutboundPurpose, Reserve>();
  return (purpose) => {
    const reserve = reserves.get(purpose) ?? newReserve(purpose, given);
    reserves.set(purpose, reserve);
    return reserve;
  };
}

function newReserve(
  purpose: OutboundPurpose,
  given: { per_origin?: Rate; in_all?: Rate },
): Reserve {
  const { at_once, ...bounds } = PURPOSES[purpose];
  const per_origin = tokenBuckets(given.per_origin ?? { limit: bounds.per_origin, window: 60 });
  const in_all = tokenBuckets(given.in_all ?? { limit: bounds.in_all, window: 60 });
  return {
    under_way: 0,
    spend(origin, ms) {
      if (this.under_way >= at_once) return "too many requests at once";
      if (!per_origin.take(origin, ms).allowed || !in_all.take("", ms).allowed)
        return `too many requests to ${origin}, or in all`;
      return null;
    },
  };
}
