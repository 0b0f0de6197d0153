/** The authenticator apps of a signed-in person: they add and remove them. */
import { finishProof } from "../authentication/finish_proof.ts";
import { freshProof } from "../authentication/fresh_proof.ts";
import { readReturnTo } from "../authentication/return_to.ts";
import type { Context } from "../context.ts";
import { changeFactors } from "../factors/change_factors.ts";
import {
  beginEnrolment,
  confirmedTotp,
  type Enrolment,
  MOST_TOTPS,
  openEnrolment,
} from "../factors/enrol_totp.ts";
import { totpKey } from "../factors/totp.ts";
import { readQuery } from "../http/body.ts";
import { openDone, sealDone } from "../http/just_done.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { pathOf } from "../http/paths.ts";
import type { Params } from "../oauth/params.ts";
import { type AppCodesProps, appCodesPage } from "../pages/account/app_codes.ts";
import { cleanText } from "../pages/foreign.ts";
import { ACCOUNT_PAGES, APP_CODES, RECOVERY_CODES } from "../pages/paths.ts";
import type { Factors } from "../store/factor_store.ts";
import { type AccountVisit, actFor, noticeTo, showFor, unknownIntent } from "./visit.ts";

const LONGEST_NAME = 60;

export const showAppCodes = (request: HttpRequest, ctx: Context): Promise<HttpResponse> =>
  showFor("security", { request, ctx }, async (visit) => {
    const params = readQuery(request, ctx);
    const stale = await freshProof(visit.session, here(params, visit), visit);
    if (stale) return stale;
    const removed = openDone(params.get("done"), visit.session.person.sub, ctx);
    const done = removed === "app_code_removed" ? removed : null;
    return show(visit, params, { done });
  });

export const changeAppCodes = (request: HttpRequest, ctx: Context): Promise<HttpResponse> =>
  actFor("security", { request, ctx }, async (params, visit) => {
    const stale = await freshProof(visit.session, here(params, visit), visit);
    if (stale) return stale;
    const intent = params.get("intent");
    if (intent === "add") return add(params, visit);
    if (intent === "remove") return remove(params, visit);
    throw unknownIntent();
  });

/** The address of the page, with the request in progress. */
const here = (params: Params, visit: AccountVisit): string =>
  pathOf(visit.ctx, APP_CODES, readReturnTo(params, visit).hidden);

async function add(params: Params, visit: AccountVisit): Promise<HttpResponse> {
  const { ctx, browser, session, by } = visit;
  const { sub } = session.person;
  const factors = await ctx.store.loadFactors(sub);
  if (factors.totps.length >= MOST_TOTPS) return show(visit, params, {}, 409);
  const enrolment = openEnrolment(params.get("enrolment"), { sub, browser }, ctx);
  if (!enrolment) return show(visit, params, { problem: "expired" }, 400);
  const name = nameIn(params);
  const code = params.get("code") ?? "";
  const totp = confirmedTotp(enrolment, { sub, name, code }, ctx);
  const errors: AppCodesProps["errors"] = {
    ...(name === "" && { name: "missing" }),
    ...(!totp && { code: code.trim() === "" ? "missing" : "wrong" }),
  };
  if (!totp || name === "") return show(visit, params, { errors, enrolment }, 400);
  const change = { add_totps: [totp] };
  if (!(await changeFactors({ sub, factors, change, name, notice: noticeTo(visit) }, by, ctx)))
    return show(visit, params, { problem: "changed" }, 409);
  ctx.log.info("app code added", { event_id: ctx.event_id, sub });
  return goOn(params, factors, visit);
}

/** Whoever has no recovery codes is offered some at once. */
function goOn(params: Params, factors: Factors, visit: AccountVisit) {
  const { ctx, session } = visit;
  const { person, record } = session;
  const { sub } = person;
  const to = readReturnTo(params, visit);
  const done = sealDone("app_code_added", sub, ctx);
  const first = factors.recovery_codes.length === 0;
  const after = to.tx ? to.on(sub) : pathOf(ctx, ACCOUNT_PAGES.security, { done });
  const next = first ? pathOf(ctx, RECOVERY_CODES, { ...to.hidden, done }) : after;
  // A recovery never leads to a stronger session: the person signs in with the new app for that.
  const [first_factor, second_factor] = record.proofs;
  if (second_factor?.kind === "recovery") return redirect(next);
  // A passkey is stronger alone.
  if (first_factor.kind === "passkey") return redirect(next);
  // The first code is a proof like any other. Without it the next page would ask for a code at once.
  const proof = { kind: "totp", at: ctx.now } as const;
  return finishProof({ person, proof }, { ...visit, return_to: { ...to, on: () => next } });
}

async function remove(params: Params, visit: AccountVisit): Promise<HttpResponse> {
  const { ctx, session, by } = visit;
  const { sub } = session.person;
  const factors = await ctx.store.loadFactors(sub);
  const totp = factors.totps.find(({ totp_id }) => totp_id === params.get("totp_id"));
  if (totp) {
    const { totp_id, name } = totp;
    const change = { remove_totps: [totp_id] };
    if (!(await changeFactors({ sub, factors, change, name, notice: noticeTo(visit) }, by, ctx)))
      return show(visit, params, { problem: "changed" }, 409);
    ctx.log.info("app code removed", { event_id: ctx.event_id, sub });
  }
  const done = sealDone("app_code_removed", sub, ctx);
  return redirect(pathOf(ctx, APP_CODES, { ...readReturnTo(params, visit).hidden, done }));
}

const nameIn = (params: Params): string => cleanText(params.get("name") ?? "", LONGEST_NAME).trim();

interface Shown extends Partial<Pick<AppCodesProps, "errors" | "problem" | "done">> {
  /** Shown again with an error. Left out: another one begins. */
  enrolment?: Enrolment;
}

async function show(
  visit: AccountVisit,
  params: Params,
  { errors = {}, problem = null, done = null, enrolment: given }: Shown,
  status = 200,
): Promise<HttpResponse> {
  const { ctx, browser, session, frame, view, render } = visit;
  const { sub, username: account } = session.person;
  const { totps: apps } = await ctx.store.loadFactors(sub);
  const enrolment = given ?? beginEnrolment({ sub, browser }, ctx);
  const key = totpKey(enrolment.secret, { issuer: view.theme.product_name, account });
  const name = nameIn(params) || null;
  const adding = { ...key, sealed: enrolment.sealed, name: errors.name ? "" : name };
  const page = appCodesPage(
    {
      ...{ frame, apps, errors, problem, done, most: MOST_TOTPS },
      adding: apps.length < MOST_TOTPS ? adding : null,
      carried: readReturnTo(params, visit).hidden,
    },
    view,
  );
  return render(page, status);
}
