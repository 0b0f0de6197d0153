/**
 * The review after a recovery: somebody who got in by a weaker way looks at every way in and every access, and keeps
 * what is theirs. What is newer than a month is not kept unless the person says so.
 */
import { freshProof } from "../authentication/fresh_proof.ts";
import { readReturnTo } from "../authentication/return_to.ts";
import { appIdentity } from "../clients/app_identity.ts";
import type { Context } from "../context.ts";
import { isSessionLive } from "../context.ts";
import { seal, unseal } from "../crypto/seal.ts";
import { changeFactors, keepsAWayIn } from "../factors/change_factors.ts";
import { readQuery } from "../http/body.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { PageError } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import type { Params } from "../oauth/params.ts";
import { type ReviewItem, type ReviewKind, reviewPage } from "../pages/account/review.ts";
import { REVIEW } from "../pages/paths.ts";
import { removeConsent } from "../people/end_person.ts";
import { endSessions } from "../sessions/end_sessions.ts";
import { type AccountVisit, actFor, noticeTo, showFor } from "./visit.ts";

/** Items that are newer than these seconds are unticked. */
const A_MONTH = 30 * 86_400;
/** Of each kind; a form has a bounded number of fields. The rest stays as it is. */
const MOST = 25;

export const showReview = (request: HttpRequest, ctx: Context): Promise<HttpResponse> =>
  showFor("security", { request, ctx }, async (visit) => {
    const params = readQuery(request, ctx);
    return (await stale(params, visit)) ?? show(visit, params, null);
  });

export const keepReviewed = (request: HttpRequest, ctx: Context): Promise<HttpResponse> =>
  actFor("security", { request, ctx }, async (params, visit) => {
    const refused = await stale(params, visit);
    if (refused) return refused;
    const dropped = shownIn(params, visit).filter(({ field }) => params.get(field) !== "yes");
    const problem = await drop(dropped, visit);
    if (problem) return show(visit, params, problem);
    return redirect(readReturnTo(params, visit).on(visit.session.person.sub));
  });

const stale = (params: Params, visit: AccountVisit): Promise<HttpResponse | null> =>
  freshProof(visit.session, pathOf(visit.ctx, REVIEW, readReturnTo(params, visit).hidden), visit);

interface Shown {
  kind: ReviewKind;
  id: string;
  field: string;
}

const purposeOf = (sub: string): string => `review of ${sub}`;

/** What the form showed: something that came later is not dropped by it. */
function shownIn(params: Params, { session, ctx }: AccountVisit): Shown[] {
  const text = unseal(params.get("shown") ?? "", purposeOf(session.person.sub), ctx);
  if (text === null)
    throw new PageError("form", { detail: "the form does not say what it showed" });
  // The server sealed it, so its shape is known.
  return JSON.parse(text) as Shown[];
}

/** Factors go in one change, or not at all. @returns why nothing was changed */
async function drop(
  dropped: readonly Shown[],
  visit: AccountVisit,
): Promise<"last_way" | "changed" | null> {
  const { ctx, session, by } = visit;
  const { person, record } = session;
  const { sub } = person;
  const ids = (kind: ReviewKind) =>
    dropped.filter((each) => each.kind === kind).map(({ id }) => id);
  const factors = await ctx.store.loadFactors(sub);
  const passkeys = ids("passkey");
  const totps = ids("totp");
  const left = {
    ...factors,
    passkeys: factors.passkeys.filter(({ credential_id }) => !passkeys.includes(credential_id)),
    totps: factors.totps.filter(({ totp_id }) => !totps.includes(totp_id)),
  };
  if (!(await keepsAWayIn(person, left, ctx))) return "last_way";
  const gone = {
    remove_passkeys: factors.passkeys
      .map(({ credential_id }) => credential_id)
      .filter((id) => passkeys.includes(id)),
    remove_totps: factors.totps.map(({ totp_id }) => totp_id).filter((id) => totps.includes(id)),
  };
  if (gone.remove_passkeys.length + gone.remove_totps.length > 0) {
    const change = { sub, factors, change: gone, name: null, notice: noticeTo(visit) };
    if (!(await changeFactors(change, by, ctx))) return "changed";
  }
  for (const session_id of ids("session"))
    if (session_id !== record.session_id)
      await endSessions({ sub, session_id }, { reason: "ended", by }, ctx);
  for (const client_id of ids("app")) await removeConsent({ sub, client_id }, by, ctx);
  return null;
}

async function show(
  visit: AccountVisit,
  params: Params,
  problem: "last_way" | "changed" | null,
): Promise<HttpResponse> {
  const { ctx, session, frame, view, render } = visit;
  const { sub } = session.person;
  const items = await itemsOf(visit);
  const shown: Shown[] = items.map(({ kind, id, field }) => ({ kind, id, field }));
  const page = reviewPage(
    {
      frame,
      items,
      hidden: {
        ...readReturnTo(params, visit).hidden,
        shown: seal(JSON.stringify(shown), purposeOf(sub), ctx),
      },
      problem,
    },
    view,
  );
  return render(page, problem ? 409 : 200);
}

async function itemsOf({ ctx, session }: AccountVisit): Promise<ReviewItem[]> {
  const { person, record } = session;
  const { sub } = person;
  const { store, now } = ctx;
  const [factors, sessions, consents] = await Promise.all([
    store.loadFactors(sub),
    store.listSessions(sub, { limit: MOST }),
    store.listConsents(sub, { limit: MOST }),
  ]);
  const found: Omit<ReviewItem, "field" | "keep">[] = [
    ...factors.passkeys.slice(0, MOST).map(({ credential_id: id, name, created_at, used_at }) => ({
      ...({ kind: "passkey", id, name, since: created_at, used: used_at } as const),
    })),
    ...factors.totps.map(({ totp_id: id, name, created_at, used_at }) => ({
      ...({ kind: "totp", id, name, since: created_at, used: used_at } as const),
    })),
    ...sessions
      .filter((each) => each.session_id !== record.session_id && isSessionLive(each, person, ctx))
      .map(({ session_id: id, user_agent, created_at, seen_at }) => ({
        ...({ kind: "session", id, name: user_agent, since: created_at, used: seen_at } as const),
      })),
  ];
  for (const { client_id: id, since, used_at } of consents) {
    const client = await store.findClient(id);
    if (client)
      found.push({ kind: "app", id, name: appIdentity(client).name, since, used: used_at });
  }
  return found.map((each, i) => ({
    ...each,
    field: `keep_${i}`,
    keep: each.since <= now - A_MONTH,
  }));
}
