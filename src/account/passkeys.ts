/** The passkeys of a signed-in person: they add, name and remove them. */
import { freshProof } from "../authentication/fresh_proof.ts";
import { readReturnTo } from "../authentication/return_to.ts";
import type { Context } from "../context.ts";
import { changeFactors, keepsAWayIn } from "../factors/change_factors.ts";
import { creationOptions } from "../factors/passkey_options.ts";
import { MOST_PASSKEYS, readNewPasskey } from "../factors/register_passkey.ts";
import { readQuery } from "../http/body.ts";
import { openDone, sealDone } from "../http/just_done.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { pathOf } from "../http/paths.ts";
import type { Params } from "../oauth/params.ts";
import { describeBrowser } from "../pages/account/browser.ts";
import { type PasskeysProblem, passkeysPage } from "../pages/account/passkeys.ts";
import { cleanText } from "../pages/foreign.ts";
import { ACCOUNT_PAGES, PASSKEYS } from "../pages/paths.ts";
import { fillText } from "../pages/texts.ts";
import type { PasskeyRecord } from "../store/factor_store.ts";
import { shownPasskeys } from "./own_passkeys.ts";
import { type AccountVisit, actFor, noticeTo, showFor, unknownIntent } from "./visit.ts";

const LONGEST_NAME = 60;
const DONE = ["passkey_renamed", "passkey_removed"] as const;

export const showPasskeys = (request: HttpRequest, ctx: Context): Promise<HttpResponse> =>
  showFor("security", { request, ctx }, async (visit) => {
    const params = readQuery(request, ctx);
    const stale = await freshProof(visit.session, here(params, visit), visit);
    if (stale) return stale;
    const what = openDone(params.get("done"), visit.session.person.sub, ctx);
    return show(visit, params, { problem: null, done: DONE.find((each) => each === what) ?? null });
  });

export const changePasskeys = (request: HttpRequest, ctx: Context): Promise<HttpResponse> =>
  actFor("security", { request, ctx }, async (params, visit) => {
    const intent = params.get("intent");
    // A name is only for the person's own eyes.
    if (intent === "rename") return rename(params, visit);
    const stale = await freshProof(visit.session, here(params, visit), visit);
    if (stale) return stale;
    if (intent === "add") return add(params, visit);
    if (intent === "remove") return remove(params, visit);
    throw unknownIntent();
  });

/** The address of the page, with the request in progress. */
const here = (params: Params, visit: AccountVisit): string =>
  pathOf(visit.ctx, PASSKEYS, readReturnTo(params, visit).hidden);

async function add(params: Params, visit: AccountVisit): Promise<HttpResponse> {
  const { ctx, by, session } = visit;
  const { sub } = session.person;
  const name = nameIn(params);
  if (name === "") return show(visit, params, { problem: "name" }, 400);
  const factors = await ctx.store.loadFactors(sub);
  const posted = { ceremony: params.get("ceremony"), credential: params.get("credential") };
  const made = await readNewPasskey({ ...posted, sub, name }, factors, visit);
  if ("problem" in made) {
    ctx.log.info("passkey refused", { event_id: ctx.event_id, sub, problem: made.problem });
    return show(visit, params, { problem: made.problem }, 400);
  }
  const { passkey, user_handle } = made;
  const change = { add_passkeys: [passkey], user_handle };
  if (!(await changeFactors({ sub, factors, change, name, notice: noticeTo(visit) }, by, ctx)))
    return show(visit, params, { problem: "changed" }, 409);
  const to = readReturnTo(params, visit);
  if (to.tx) return redirect(to.on(sub));
  return redirect(
    pathOf(ctx, ACCOUNT_PAGES.security, { done: sealDone("passkey_added", sub, ctx) }),
  );
}

async function remove(params: Params, visit: AccountVisit): Promise<HttpResponse> {
  const { ctx, by, session } = visit;
  const { person } = session;
  const { sub } = person;
  const factors = await ctx.store.loadFactors(sub);
  const passkey = factors.passkeys.find(isNamedIn(params));
  if (!passkey) return done("passkey_removed", visit);
  const left = factors.passkeys.filter((each) => each !== passkey);
  if (!(await keepsAWayIn(person, { ...factors, passkeys: left }, ctx)))
    return show(visit, params, { problem: "last_way" }, 409);
  const change = { remove_passkeys: [passkey.credential_id] };
  const { name } = passkey;
  if (!(await changeFactors({ sub, factors, change, name, notice: noticeTo(visit) }, by, ctx)))
    return show(visit, params, { problem: "changed" }, 409);
  return done("passkey_removed", visit);
}

async function rename(params: Params, visit: AccountVisit): Promise<HttpResponse> {
  const { ctx, session } = visit;
  const { sub } = session.person;
  const name = nameIn(params);
  const { passkeys } = await ctx.store.loadFactors(sub);
  const passkey = passkeys.find(isNamedIn(params));
  if (passkey && name !== "") await ctx.store.renamePasskey({ ...passkey, name });
  return done("passkey_renamed", visit);
}

const isNamedIn =
  (params: Params) =>
  ({ credential_id }: PasskeyRecord): boolean =>
    credential_id === params.get("credential_id");

const nameIn = (params: Params): string => cleanText(params.get("name") ?? "", LONGEST_NAME).trim();

function done(what: (typeof DONE)[number], { ctx, session }: AccountVisit): HttpResponse {
  const told = sealDone(what, session.person.sub, ctx);
  return redirect(pathOf(ctx, PASSKEYS, { done: told }));
}

interface Shown {
  problem: PasskeysProblem | null;
  done?: (typeof DONE)[number] | null;
}

async function show(
  visit: AccountVisit,
  params: Params,
  { problem, done = null }: Shown,
  status = 200,
): Promise<HttpResponse> {
  const { request, ctx, browser, session, frame, view, render } = visit;
  const { person } = session;
  const factors = await ctx.store.loadFactors(person.sub);
  const page = passkeysPage(
    {
      ...{ frame, problem, done, most: MOST_PASSKEYS },
      passkeys: shownPasskeys(factors, visit),
      passkey: creationOptions({ person, factors }, browser, ctx),
      carried: readReturnTo(params, visit).hidden,
      suggested_name: nameIn(params) || browserName(request.header("user-agent") ?? "", visit),
    },
    view,
  );
  return render(page, status);
}

/** Such as “Firefox on Linux”. */
function browserName(user_agent: string, { view }: AccountVisit): string {
  const { browser, system } = describeBrowser(user_agent);
  const { texts } = view.language;
  if (browser && system) return fillText(texts.session_browser_on, { browser, system });
  return browser ?? system ?? texts.session_unknown;
}
