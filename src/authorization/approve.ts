/** Approves a transaction: writes the grant and the consent that it rests on, and judges them in the same write. */
import { audit, type Context, markEvery } from "../context.ts";
import { randomText } from "../crypto/hash.ts";
import { mayUse } from "../grants/grant.ts";
import type { HttpRequest } from "../http/message.ts";
import { takeFrom } from "../http/rate_limit.ts";
import { type Answered, mergeConsent } from "../oauth/consent.ts";
import type { Agreement } from "../oauth/next_step.ts";
import { isPermitted, permitted, scopesOf } from "../oauth/permission.ts";
import type { Session } from "../sessions/session.ts";
import { withPlace } from "../store/place.ts";
import type { ClientRecord, ConsentRecord, GrantRecord } from "../store/records.ts";
import { grantStatus } from "../tokens/authorization.ts";
import { loadFacts } from "../tokens/facts.ts";
import type { Origin } from "./origin.ts";
import type { Transaction } from "./transaction.ts";

/** Seconds from the end of its request until the sweep looks at a grant for the first time. */
const SLACK = 120;
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
  takeFrom("changes", approving.session.person.sub, ctx);
  const grant = makeGrant(approving, ctx);
  let { consent } = approving;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const { write, alongside } = written({ ...approving, consent }, request, ctx);
    const outcome = await ctx.store.approve({ grant, ...write }, alongside);
    if (outcome === "approved") {
      if ("stands" in write.consent) await markConsent(write.consent.stands, ctx);
      await endSurplus(grant, request, ctx);
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
function written(
  { client, session, consent, agreement, how }: Approving,
  { address }: HttpRequest,
  ctx: Context,
) {
  const merged = mergeConsent(consent, agreement, how);
  // An unchanged consent is not written again: that would restore one that was removed a moment ago.
  if (consent && !merged.changed) return { write: { consent: { stands: consent } }, alongside: {} };
  const { sub } = session.person;
  const { client_id } = client;
  const { agreed, refused, waived } = merged.consent;
  const becomes: ConsentRecord = {
    sub,
    client_id,
    agreed: [...agreed],
    refused: [...refused],
    waived: [...waived],
    version: randomText(9),
    since: consent?.since ?? ctx.now,
    used_at: ctx.now,
  };
  const details = { agreed, refused, ...(waived.length > 0 && { waived }) };
  const about = { actor: "person", sub, client_id, address, details } as const;
  const event = how === "waived" ? "consent_waived" : "consent_given";
  return {
    write: {
      consent: { before: consent, becomes },
      ...(merged.narrowed && { narrowed_at: ctx.now }),
    },
    alongside: { events: [audit(event, about, ctx)] },
  };
}

function makeGrant(approving: Approving, ctx: Context): GrantRecord {
  const { tx, origin, agreement, client, session } = approving;
  const { lifetimes } = ctx.settings;
  const { record, person } = session;
  const scope = scopesOf(agreement.agreed);
  const refreshes = mayUse("refresh_token", client, ctx);
  // It ends with the session, unless the person agreed to access while they are away (OIDC Core §11).
  const redeemable_until = origin.redeemableUntil(ctx);
  const lasting = !scope.includes("openid") || scope.includes("offline_access");
  const tied = origin.ends_with_session && !lasting;
  const end = refreshes
    ? ctx.now + lifetimes.refresh_token
    : redeemable_until + Math.max(lifetimes.access_token, lifetimes.id_token);
  return {
    grant_id: withPlace(tx.id, person.sub),
    client_id: client.client_id,
    sub: person.sub,
    session_id: tied ? record.session_id : null,
    sid: record.session_id,
    permissions: [...agreement.agreed],
    left_out: leftOut(approving),
    salt: randomText(16),
    secret_id: ctx.secrets.current.secret_id,
    replaced_key: null,
    epoch: ctx.epoch,
    generation: 0,
    advanced_at: ctx.now,
    used_at: ctx.now,
    code: origin.code,
    proofs: record.proofs,
    access_epoch: 0,
    code_expires_at: redeemable_until,
    created_at: ctx.now,
    expires_at: tied ? Math.min(end, record.expires_at) : end,
    revoked_at: null,
    check_at: ctx.now + lifetimes.authorization_request + SLACK,
  };
}

/** Scopes that a token request may repeat although they were not granted: they are left out again. */
function leftOut({ tx, agreement }: Approving): string[] {
  const names = [...tx.asked.left_out, ...scopesOf(tx.asked.permissions)];
  const given = scopesOf(agreement.agreed);
  return [...new Set(names)].filter((name) => !given.includes(name));
}

/**
 * A person and a client have at most `limits.grants` live grants: a person may be an attacker, or an app may begin anew
 * each time that it starts. The longest unused ones end.
 */
async function endSurplus(
  { sub, client_id }: GrantRecord,
  { address }: HttpRequest,
  ctx: Context,
): Promise<void> {
  const { limits, lifetimes } = ctx.settings;
  if (limits.grants === 0) return;
  const of = { keep: limits.grants, now: ctx.now, idle: lifetimes.refresh_token_idle };
  for (const grant_id of await ctx.store.listSurplusGrants({ sub, client_id }, of)) {
    const details = { grant_id, reason: "too_many" };
    const about = { actor: "person", sub, client_id, address, details } as const;
    await ctx.store.revokeGrant(grant_id, ctx.now, { events: [audit("grant_ended", about, ctx)] });
  }
}

const isSame = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((each) => others.includes(each));

/** “Last used”, written rarely. */
async function markConsent({ sub, client_id, used_at }: ConsentRecord, ctx: Context) {
  const { store, settings, now } = ctx;
  const due = used_at + markEvery(settings.lifetimes.refresh_token_idle) <= now;
  if (due) await store.touchConsent(sub, client_id, now);
}
