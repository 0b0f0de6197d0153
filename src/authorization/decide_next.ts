/** What a request in progress needs next, from what is known of client, session and consent. */

import type { Context } from "../context.ts";
import { isConfidential } from "../oauth/client_metadata.ts";
import { type NextStep, nextStep } from "../oauth/next_step.ts";
import type { Session } from "../sessions/session.ts";
import type { ClientRecord, ConsentRecord } from "../store/records.ts";
import type { Pending } from "./transaction.ts";

export function decideNext(
  { id, request, hinted_sub, answer }: Pending,
  known: {
    client: ClientRecord;
    session: Session | null;
    consent: ConsentRecord | null;
    ctx: Context;
  },
): NextStep {
  const { client, session, consent, ctx } = known;
  return nextStep({
    now: ctx.now,
    request_id: id,
    request,
    session: session?.record ?? null,
    hinted_sub,
    answer,
    consent,
    client: {
      trusted: client.trusted,
      confidential: isConfidential(client.metadata),
    },
  });
}
