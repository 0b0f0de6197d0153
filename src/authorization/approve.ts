/** Approves a transaction: writes the grant and the consent that it rests on, and judges them in the same write. */
import { faceOf } from "../clients/client_face.ts";
import { keepDocumentClient, snapshotOf } from "../clients/document_client.ts";
import { keepClient } from "../clients/keep_client.ts";
import { type Context, markEvery } from "../context.ts";
import { mayUse } from "../grants/grant.ts";
import type { HttpRequest } from "../http/message.ts";
import { takeFrom } from "../http/rate_limit.ts";
import type { Answered } from "../oauth/consent.ts";
import type { Agreement } from "../oauth/next_step.ts";
import { isPermitted, permitted, scopesOf } from "../oauth/permission.ts";
import { clientSession } from "../sessions/client_sessions.ts";
import type { Session } from "../sessions/session.ts";
import { withPlace } from "../store/place.ts";
import type {
  ClientRecord,
  ClientSessionRecord,
  ConsentRecord,
  GrantRecord,
} from "../store/records.ts";
import { grantStatus } from "../tokens/authorization.ts";
import { consentWrite } from "../tokens/consent_write.ts";
import { loadFacts } from "../tokens/facts.ts";
import { endSurplus, newGrant } from "../tokens/new_grant.ts";
import { sidFor, subjectFor } from "../tokens/subject.ts";
import { endsWithSession, type Origin } from "./origin.ts";
import type { Transaction } from "./transaction.ts";

/** Several answers may change a consent at once: each try begins with the stored one. */
const MOST_TRIES = 10;

export interface Approving {
  tx: Transaction;
  origin: Origin;
  agreement: Agreement;
  how: Answered;
  client: ClientRecord;
  session: Session;
  consent: ConsentRecord | null;
}

export type Approved =
  /** The client may get a code or tokens of `grant`. */
  | { outcome: "granted"; grant: GrantRecord }
  /** The request was answered before and its code is used. The permissions that this answer takes back have ended. */
  | { outcome: "narrowed" }
  /** The request was answered before, and nothing is left to change. */
  | { outcome: "done" }
  /** The basis of the agreement has changed: the next step of the request has to be determined again. */
  | { outcome: "changed" };

export async function approve(
  approving: Approving,
  request: HttpRequest,
  ctx: Context,
): Promise<Approved> {
  const { client, session } = approving;
  const { sub } = session.person;
  takeFrom("changes", sub, ctx);
  const row = await keepDocumentClient(client, { sub, address: request.address }, ctx);
  await keepClient(row, ctx);
  const grant = makeGrant(approving, ctx);
  const told = clientToTell(approving, ctx);
  let { consent } = approving;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const { write, alongside } = written({ ...approving, consent }, request, ctx);
    const outcome = await ctx.store.approve({ grant, ...write, ...told }, alongside);
    if (outcome === "approved") {
      if ("stands" in write.consent) await markConsent(write.consent.stands, ctx);
      await endSurplus(grant, { address: request.address }, ctx);
      return { outcome: "granted", grant };
    }
    if (outcome === "exists") return answerAgain({ ...approving, consent }, request, ctx);
    // A new answer counts even if other answers were given meanwhile. A remembered one has to be judged again.
    if (approving.how === "remembered") return { outcome: "changed" };
    consent = await ctx.store.findConsent(grant.sub, grant.client_id);
  }
  throw new Error("the consent kept changing");
}

/**
 * A person went back and answers again. While the code is unused, its grant changes to the new answer, and the code
 * stays the same. After that, an answer can only narrow the grant.
 */
async function answerAgain(
  approving: Approving,
  request: HttpRequest,
  ctx: Context,
): Promise<Approved> {
  const { tx, client, session, agreement, how } = approving;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const facts = await loadFacts(withPlace(tx.id, session.person.sub), ctx);
    if (!facts || !grantStatus(facts, ctx).holds) return { outcome: "done" };
    const { grant } = facts;
    if (grant.sub !== session.person.sub || grant.client_id !== client.client_id)
      return { outcome: "done" };
    const used = grant.generation > 0;
    if (!used && grant.code_expires_at <= ctx.now) return { outcome: "done" };
    const permissions = used
      ? permitted(grant.permissions, agreement.agreed)
      : [...agreement.agreed];
    const same = isSame(permissions, grant.permissions);
    if (same) return used ? { outcome: "done" } : { outcome: "granted", grant };
    const ended = permissions.length === 0;
    // Also for an unused code: it may be redeemed at this moment, with the permissions that the grant had a moment ago.
    const takes_back = !isPermitted(grant.permissions, permissions);
    const becomes: GrantRecord = {
      ...grant,
      permissions,
      left_out: leftOut(approving),
      snapshot: used ? grant.snapshot : snapshotOf(client),
      access_epoch: grant.access_epoch + (takes_back ? 1 : 0),
      revoked_at: ended ? ctx.now : null,
    };
    const consent = await ctx.store.findConsent(grant.sub, grant.client_id);
    if (how !== "answered") return { outcome: "done" };
    const { write, alongside } = written({ ...approving, consent }, request, ctx);
    const approval = { grant: becomes, instead_of: grant, ...write };
    if ((await ctx.store.approve(approval, alongside)) === "approved")
      return used ? { outcome: "narrowed" } : { outcome: "granted", grant: becomes };
  }
  throw new Error("the grant kept changing");
}

/** The change of the consent by the answer, and its event. */
const written = (
  { client, session, ...approving }: Approving,
  { address }: HttpRequest,
  ctx: Context,
) => {
  const { client_id } = client;
  const about = { actor: "person", sub: session.person.sub, client_id, address } as const;
  return consentWrite({ ...approving, seen: faceOf(client) }, about, ctx);
};

function makeGrant(approving: Approving, ctx: Context): GrantRecord {
  const { tx, origin, agreement, client, session } = approving;
  const { record, person } = session;
  const tied = endsWithSession(origin, agreement.agreed);
  return newGrant(
    {
      grant_id: withPlace(tx.id, person.sub),
      client_id: client.client_id,
      sub: person.sub,
      session_id: tied ? record.session_id : null,
      // A device is signed in apart from the browser in which the person agreed.
      sid: origin.ends_with_session === "never" ? null : record.session_id,
      permissions: [...agreement.agreed],
      claims: tx.asked.claims,
      left_out: leftOut(approving),
      generation: 0,
      code: origin.code,
      proofs: record.proofs,
      snapshot: snapshotOf(client),
      code_expires_at: origin.redeemableUntil(ctx),
      refreshes: origin.fetches_tokens && mayUse("refresh_token", client, ctx),
      session_expires_at: tied ? record.expires_at : null,
    },
    ctx,
  );
}

/** A client that gets ID tokens, and wants to be told when the session ends. */
function clientToTell(
  { origin, agreement, client, session }: Approving,
  ctx: Context,
): { client_session?: ClientSessionRecord } {
  if (client.metadata.backchannel_logout_uri === undefined) return {};
  if (!ctx.features.has("backchannel_logout") || origin.ends_with_session === "never") return {};
  if (!scopesOf(agreement.agreed).includes("openid")) return {};
  const { sub, session_id } = session.record;
  const sent_sub = subjectFor(client, sub, ctx);
  const sent_sid = sidFor(client, session_id, ctx);
  const sent = { sent_sub, sent_sid, now: ctx.now };
  return { client_session: clientSession(session.record, client, sent) };
}

/** Scopes that a token request may repeat although they were not granted: they are left out again. */
function leftOut({ tx, agreement }: Approving): string[] {
  const names = [...tx.asked.left_out, ...scopesOf(tx.asked.permissions)];
  const given = scopesOf(agreement.agreed);
  return [...new Set(names)].filter((name) => !given.includes(name));
}

const isSame = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((each) => others.includes(each));

/** “Last used”, written rarely. */
async function markConsent({ sub, client_id, used_at }: ConsentRecord, ctx: Context) {
  const { store, settings, now } = ctx;
  const due = used_at + markEvery(settings.lifetimes.refresh_token_idle) <= now;
  if (due) await store.touchConsent(sub, client_id, now);
}
