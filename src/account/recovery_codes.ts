/** The recovery codes of a signed-in person: they make new ones, which are shown once. */
import { freshProof } from "../authentication/fresh_proof.ts";
import { readReturnTo } from "../authentication/return_to.ts";
import type { Context } from "../context.ts";
import { changeFactors } from "../factors/change_factors.ts";
import { RECOVERY_CODES as MOST, newRecoveryCodes } from "../factors/recovery_codes.ts";
import { readQuery } from "../http/body.ts";
import { openDone } from "../http/just_done.ts";
import type { HttpRequest, HttpResponse } from "../http/message.ts";
import { pathOf } from "../http/paths.ts";
import type { Params } from "../oauth/params.ts";
import {
  newRecoveryCodesPage,
  type RecoveryCodesProps,
  recoveryCodesPage,
} from "../pages/account/recovery_codes.ts";
import type { RecoveryCodesLeft } from "../pages/account/recovery_codes_card.ts";
import { ACCOUNT_PAGES, RECOVERY_CODES } from "../pages/paths.ts";
import { TooBusy } from "../people/password.ts";
import type { Factors } from "../store/factor_store.ts";
import { type AccountVisit, actFor, noticeTo, showFor, unknownIntent } from "./visit.ts";

export const showRecoveryCodes = (request: HttpRequest, ctx: Context): Promise<HttpResponse> =>
  showFor("security", { request, ctx }, async (visit) => {
    const params = readQuery(request, ctx);
    const stale = await freshProof(visit.session, here(params, visit), visit);
    if (stale) return stale;
    const what = openDone(params.get("done"), visit.session.person.sub, ctx);
    const done = what === "app_code_added" ? what : null;
    return show(visit, params, { problem: null, done });
  });

export const changeRecoveryCodes = (request: HttpRequest, ctx: Context): Promise<HttpResponse> =>
  actFor("security", { request, ctx }, async (params, visit) => {
    const stale = await freshProof(visit.session, here(params, visit), visit);
    if (stale) return stale;
    if (params.get("intent") !== "renew") throw unknownIntent();
    return renew(params, visit);
  });

const here = (params: Params, visit: AccountVisit): string =>
  pathOf(visit.ctx, RECOVERY_CODES, readReturnTo(params, visit).hidden);

/** Where the person goes on to: the request in progress, or the page about security. */
function onward(params: Params, visit: AccountVisit): string {
  const to = readReturnTo(params, visit);
  if (to.tx) return to.on(visit.session.person.sub);
  return pathOf(visit.ctx, ACCOUNT_PAGES.security);
}

async function renew(params: Params, visit: AccountVisit): Promise<HttpResponse> {
  const { ctx, session, by, frame, view, render } = visit;
  const { sub } = session.person;
  const factors = await ctx.store.loadFactors(sub);
  // A page that is loaded again must not replace the codes that it has just shown.
  if (params.get("version") !== String(factors.version))
    return show(visit, params, { problem: "changed" }, 409);
  try {
    const { codes, records: recovery_codes } = await newRecoveryCodes(ctx.now);
    const change = { recovery_codes };
    if (
      !(await changeFactors({ sub, factors, change, name: null, notice: noticeTo(visit) }, by, ctx))
    )
      return show(visit, params, { problem: "changed" }, 409);
    ctx.log.info("recovery codes renewed", { event_id: ctx.event_id, sub });
    const on_href = onward(params, visit);
    return render(newRecoveryCodesPage({ frame, codes, created_at: ctx.now, on_href }, view));
  } catch (error) {
    if (!(error instanceof TooBusy)) throw error;
    return show(visit, params, { problem: "busy" }, 503);
  }
}

async function show(
  visit: AccountVisit,
  params: Params,
  { problem, done = null }: Pick<RecoveryCodesProps, "problem" | "done">,
  status = 200,
): Promise<HttpResponse> {
  const { ctx, session, frame, view, render } = visit;
  const factors = await ctx.store.loadFactors(session.person.sub);
  const page = recoveryCodesPage(
    {
      ...{ frame, problem, done, version: factors.version },
      codes: codesLeft(factors),
      carried: readReturnTo(params, visit).hidden,
      on_href: onward(params, visit),
    },
    view,
  );
  return render(page, status);
}

/** How many of the person's codes are left. */
export const codesLeft = ({ recovery_codes }: Factors): RecoveryCodesLeft => ({
  left: recovery_codes.length,
  most: MOST,
  created_at: recovery_codes[0]?.created_at ?? null,
});
