/** Issues the code: inserts the grant, with the consent that it rests on (OAuth 2.1 §4.1.2). */
import { audit, type Context, markEvery } from "../context.ts";
import { randomText } from "../crypto/hash.ts";
import type { HttpRequest, HttpResponse } from "../http/message.ts";
import { pageResponse, viewOf } from "../http/page.ts";
import type { Agreement } from "../oauth/next_step.ts";
import { findResource } from "../oauth/resource_indicator.ts";
import { isWithin, within } from "../oauth/scope.ts";
import { donePage } from "../pages/done.ts";
import type { Session } from "../sessions/session.ts";
import { withPlace } from "../store/place.ts";
import type { ClientRecord, ConsentRecord, GrantRecord } from "../store/records.ts";
import { grantStatus } from "../tokens/authorization.ts";
import { issueHandle } from "../tokens/handle.ts";
import { answerWithCode } from "./respond.ts";
import type { Pending } from "./transaction.ts";

/** Seconds after which the clean-up looks at a grant for the first time, past the end of its request. */
const SLACK = 120;

export interface Issue {
  pending: Pending;
  agreement: Agreement;
  client: ClientRecord;
  session: Session;
  consent: ConsentRecord | null;
}

/** `no_consent`: it was removed at this very moment. */
export async function issueCode(
  issue: Issue,
  request: HttpRequest,
  ctx: Context,
): Promise<HttpResponse | "no_consent"> {
  const { pending, client, consent } = issue;
  const grant = makeGrant(issue, ctx);
  const agreed = mergeConsent(issue, ctx);
  // What stands is not written again: that would bring it back when it was removed a moment ago.
  const stands = consent !== null && isSame(consent, agreed);
  // What a person takes back holds nowhere: else an app could do more than its page under connected apps says.
  const narrows = consent?.scope.some((name) => issue.agreement.declined.includes(name)) ?? false;
  if (narrows)
    await ctx.store.revokeOtherGrants(agreed.sub, agreed.client_id, grant.grant_id, ctx.now);
  const events = stands ? [] : [consentGiven(agreed, request, ctx)];
  const outcome = await ctx.store.createGrant(grant, stands ? null : agreed, { events });
  if (outcome === "no_consent") return outcome;
  if (stands) await markConsent(consent, ctx);
  const standing = outcome === "created" ? grant : await ctx.store.findGrant(grant.grant_id);
  const again = outcome === "created" || (standing && (await isUnused(standing, issue, ctx)));
  const code = again && standing ? issueHandle("vkc", standing, 0, ctx.secrets) : null;
  if (code !== null) return answerWithCode(code, pending.request, { client, request, ctx });
  const view = viewOf(request, ctx, pending.ui_locales);
  const app = { name: client.metadata.client_name ?? client.client_id };
  return pageResponse(donePage({ app }, view), view, { status: 409 });
}

/** The same form sent twice leads to the same code, while that is unused. */
async function isUnused(grant: GrantRecord, { session, client, agreement }: Issue, ctx: Context) {
  const { scope } = agreement;
  if (!isWithin(scope, grant.scope) || !isWithin(grant.scope, scope)) return false; // another answer
  const own = grant.sub === session.person.sub && grant.client_id === client.client_id;
  const fresh = grant.generation === 0 && grant.code_expires_at > ctx.now;
  return own && fresh && (await grantStatus(grant, client, ctx)).holds;
}

function makeGrant({ pending, agreement, client, session }: Issue, ctx: Context): GrantRecord {
  const { request } = pending;
  const { lifetimes } = ctx.settings;
  const { scope } = agreement;
  const { record, person } = session;
  const refreshes = client.metadata.grant_types.includes("refresh_token");
  const longest = refreshes
    ? lifetimes.refresh_token
    : lifetimes.authorization_code + Math.max(lifetimes.access_token, lifetimes.id_token);
  // It ends with the session, unless the person agreed to access while they are away (OIDC Core §11).
  const tied = scope.includes("openid") && !scope.includes("offline_access");
  const end = ctx.now + longest;
  return {
    grant_id: withPlace(pending.id, person.sub),
    client_id: client.client_id,
    sub: person.sub,
    session_id: tied ? record.session_id : null,
    sid: record.session_id,
    scope: [...scope],
    resources: agreedResources(agreement, ctx),
    salt: randomText(16),
    secret_id: ctx.secrets.current.secret_id,
    epoch: ctx.epoch,
    generation: 0,
    advanced_at: ctx.now,
    used_at: ctx.now,
    code_challenge: request.code_challenge,
    redirect_uri: request.redirect_uri,
    redirect_uri_sent: request.redirect_uri_sent,
    nonce: request.nonce,
    proofs: record.proofs,
    access_epoch: 0,
    code_expires_at: ctx.now + lifetimes.authorization_code,
    created_at: ctx.now,
    expires_at: tied ? Math.min(end, record.expires_at) : end,
    revoked_at: null,
    check_at: ctx.now + lifetimes.authorization_request + SLACK,
  };
}

/** Without those at which the person refused all that was asked for: no token is for them. */
function agreedResources({ scope, declined, resources }: Agreement, { catalogue }: Context) {
  return resources.filter((uri) => {
    const scopes = findResource(catalogue, uri)?.scopes ?? [];
    return within(scope, scopes).length > 0 || within(declined, scopes).length === 0;
  });
}

/** What the person has agreed to by now: the newest answer goes before earlier ones. */
function mergeConsent({ agreement, client, session, consent }: Issue, ctx: Context): ConsentRecord {
  const union = (a: readonly string[], b: readonly string[]) => [...new Set([...a, ...b])];
  const { scope, declined, resources } = agreement;
  return {
    sub: session.person.sub,
    client_id: client.client_id,
    scope: union(consent?.scope ?? [], scope).filter((name) => !declined.includes(name)),
    declined: union(consent?.declined ?? [], declined).filter((name) => !scope.includes(name)),
    resources: union(consent?.resources ?? [], resources),
    since: consent?.since ?? ctx.now,
    used_at: ctx.now,
  };
}

function isSame(a: ConsentRecord, b: ConsentRecord): boolean {
  const equal = (x: readonly string[], y: readonly string[]) => isWithin(x, y) && isWithin(y, x);
  const { scope, declined, resources } = a;
  return equal(scope, b.scope) && equal(declined, b.declined) && equal(resources, b.resources);
}

function consentGiven(
  { sub, client_id, scope }: ConsentRecord,
  { address }: HttpRequest,
  ctx: Context,
) {
  const about = { actor: "person", sub, client_id, address, details: { scope } } as const;
  return audit("consent_given", about, ctx);
}

/** “Last used”, written rarely. */
async function markConsent({ sub, client_id, used_at }: ConsentRecord, ctx: Context) {
  const { store, settings, now } = ctx;
  const due = used_at + markEvery(settings.lifetimes.refresh_token_idle) <= now;
  if (due) await store.touchConsent(sub, client_id, now);
}
