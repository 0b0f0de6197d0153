/** The only dispatcher of a transaction: finds the missing step and goes there, or answers the client. */

import { appChanges, faceId, faceOf } from "../clients/client_face.ts";
import type { Context } from "../context.ts";
import { accountLevels, policyFor } from "../factors/account_levels.ts";
import type { Browser } from "../http/browser.ts";
import { type HttpRequest, type HttpResponse, redirect, withHeaders } from "../http/message.ts";
import { PageError, pageResponse, viewOf } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import { type Level, reachable } from "../oauth/assurance.ts";
import { worthAsking } from "../oauth/claims.ts";
import { isConfidential } from "../oauth/client_metadata.ts";
import { OAuthError } from "../oauth/errors.ts";
import { isSignIn, type NextStep, nextStep } from "../oauth/next_step.ts";
import type { Permission } from "../oauth/permission.ts";
import type { AppChange } from "../pages/consent_notice.ts";
import { donePage } from "../pages/done.ts";
import { rememberAccount } from "../sessions/last_account.ts";
import type { Session } from "../sessions/session.ts";
import { withPlace } from "../store/place.ts";
import type { ClientRecord, ConsentRecord } from "../store/records.ts";
import { type AccountOf, accountOf } from "./account.ts";
import { approve } from "./approve.ts";
import { findClientOf } from "./find_client.ts";
import type { Origin } from "./origin.ts";
import { originOf } from "./origins.ts";
import { carry, forAccount, type Transaction } from "./transaction.ts";
import { wayBackTo } from "./way_back.ts";

export interface Known extends AccountOf {
  origin: Origin;
  client: ClientRecord;
  consent: ConsentRecord | null;
}

/** The origin of a transaction, its client, and the person in this browser. */
export async function knownOf(tx: Transaction, request: HttpRequest, ctx: Context): Promise<Known> {
  const client = await findClientOf(tx, ctx);
  const account = await accountOf(tx, client, { request, ctx });
  return { origin: originOf(tx), client, consent: account.session?.consent ?? null, ...account };
}

/** The permissions to ask this person for. The transaction keeps all of them, since another account may answer. */
export const askedOf = (
  { asked }: Transaction,
  { person }: Session,
  { catalogue }: Context,
): Permission[] => worthAsking(asked.permissions, person.claims, catalogue);

export async function stepOf(tx: Transaction, known: Known, ctx: Context): Promise<NextStep> {
  const { origin, client, session, must_select, hinted_sub, consent } = known;
  const policy = session && policyFor(session.person, ctx);
  const required_acr = client.metadata.required_acr ?? null;
  const levels = [tx.asked.required_level, required_acr, policy];
  const wants = tx.asked.wished_levels.length > 0 || levels.some((level) => level !== null);
  return nextStep({
    now: ctx.now,
    request_id: tx.request_id,
    asked: session ? { ...tx.asked, permissions: askedOf(tx, session, ctx) } : tx.asked,
    on_this_computer: origin.on_this_computer,
    session: session?.record ?? null,
    must_select,
    hinted_sub,
    // An answer is about the app as it was shown.
    answer: tx.answer?.client === faceId(client) ? tx.answer : null,
    consent,
    reachable: reachable(ctx.proof_kinds),
    // Most requests want no level, and need not know the factors.
    account_levels: session && wants ? await levelsOf(session, ctx) : [],
    policy,
    declined: tx.declined,
    client: {
      required_acr,
      trusted: client.trusted,
      confidential: isConfidential(client.metadata),
      changed: changesOf({ client, consent }).length > 0,
    },
  });
}

const levelsOf = async ({ person }: Session, ctx: Context): Promise<readonly Level[]> =>
  accountLevels(person, await ctx.store.loadFactors(person.sub), ctx);

/** The changes of the app since the person agreed. */
export function changesOf({ client, consent }: Pick<Known, "client" | "consent">): AppChange[] {
  const [seen, now] = [consent?.seen, faceOf(client)];
  return seen && now ? appChanges(seen, now) : [];
}

/** The page of each step that needs the person. */
const PAGES = {
  login: "/sign-in",
  authenticate: "/sign-in",
  select_account: "/select-account",
  create: "/sign-up",
  step_up: "/sign-in/second",
  enrol: "/sign-in/enrol",
  consent: "/consent",
} as const;

function pageOf(step: keyof typeof PAGES, { features }: Context): string {
  // Where nobody can sign up, the person may have an account already.
  return step === "create" && !features.has("sign_up") ? PAGES.login : PAGES[step];
}

/** Tries, since consent or grant may change while a request is answered. */
const MOST_TRIES = 10;

export async function proceed(
  given: Transaction,
  request: HttpRequest,
  { ctx, browser }: { ctx: Context; browser: Browser },
): Promise<HttpResponse> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const known = await knownOf(given, request, ctx);
    const { origin, client, session } = known;
    const tx = session ? forAccount(given, session.person.sub, ctx) : given;
    origin.checkStillAllowed(client);
    const next = await stepOf(tx, known, ctx);
    const mine = !session || isSignIn(next) || origin.claim(session.person.sub, given.sub, ctx);
    if (!(await mine))
      throw new PageError("expired", { status: 403, detail: "the request is over" });
    const to = { tx, client, request, ctx };
    if (next.step === "error") {
      if (next.error === "access_denied" && session) await takeBack(tx, session, ctx);
      return origin.refuse(new OAuthError(next.error, next.description), to);
    }
    if (next.step !== "issue" || !session) {
      const page = pageOf(next.step === "issue" ? "login" : next.step, ctx);
      return redirect(pathOf(ctx, page, { continue: carry(tx, ctx) }), browser.headers);
    }
    const answered = await issue(next, { ...to, ...known, session });
    const remembered = rememberAccount(client.client_id, session.person.sub, { request, ctx });
    if (answered) return withHeaders(answered, [...browser.headers, ...remembered]);
  }
  throw new Error("the consent kept changing");
}

/** Null: the basis of the agreement has changed meanwhile. */
async function issue(
  { agreement, how }: Extract<NextStep, { step: "issue" }>,
  known: Known & { session: Session; tx: Transaction; request: HttpRequest; ctx: Context },
): Promise<HttpResponse | null> {
  const { origin, tx, client, request, ctx } = known;
  const approved = await approve({ ...known, agreement, how }, request, ctx);
  if (approved.outcome === "changed") return null;
  if (approved.outcome === "granted")
    return origin.respond(approved.grant, { tx, client, request, ctx });
  const view = viewOf(request, ctx, tx.ui_locales);
  const app = wayBackTo(client, origin.redirect_uri, ctx);
  const narrowed = approved.outcome === "narrowed";
  return pageResponse(donePage({ app, narrowed }, view), view, { status: narrowed ? 200 : 409 });
}

/** A refusal takes back the earlier answer: the grant of this very request ends. */
async function takeBack(
  { id }: Transaction,
  { person }: Session,
  { store, now }: Context,
): Promise<void> {
  await store.revokeGrant(withPlace(id, person.sub), now);
}
