/**
 * Signing out of this browser, of one account or of all. It asks first, since a stranger's page could have led here;
 * only an app that proves that it knows the session needs no question.
 */
import { accountOfPerson } from "../authorization/account.ts";
import { siteOf } from "../authorization/way_back.ts";
import type { Context } from "../context.ts";
import { personOnPage } from "../http/actor.ts";
import { readBody, readQuery } from "../http/body.ts";
import { checkForm, csrfToken, visitOf } from "../http/browser.ts";
import { openDone, sealDone } from "../http/just_done.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { PageError, pageResponse, viewOf } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import { endSessionStep } from "../oauth/end_session.ts";
import { findByLogin } from "../oauth/select_account.ts";
import { webAddress } from "../pages/foreign.ts";
import { type SignOutProps, signOutPage } from "../pages/sign_out.ts";
import { type SignedOutProps, signedOutPage } from "../pages/signed_out.ts";
import { endSessions } from "../sessions/end_sessions.ts";
import { accountKey, lastAccount } from "../sessions/last_account.ts";
import {
  type AskedSession,
  accountIn,
  currentAmong,
  forgetOthers,
  type Session,
  sessionsFor,
  sessionsOf,
  shownAccount,
} from "../sessions/session.ts";
import { sidFor, subjectFor } from "../tokens/subject.ts";
import {
  carryLogout,
  findLiveClient,
  type LogoutRequest,
  logoutClient,
  openLogout,
} from "./logout_request.ts";

interface Visit {
  request: HttpRequest;
  ctx: Context;
  /** The accounts of this browser. */
  sessions: readonly AskedSession[];
  /** The request of an app; null: the person came by themselves. */
  asked: LogoutRequest | null;
}

export async function showSignOut(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const { browser } = visitOf(request, ctx);
  const params = readQuery(request, ctx);
  const sessions = await accountsHere(null, request, ctx);
  const chosen = accountIn(params.get("account"), sessions) ?? currentAmong(sessions, request, ctx);
  const done = readDone(openDone(params.get("done"), browser.id, ctx));
  // The person may have signed in to that account again since.
  const is_out = done !== null && !accountIn(done.account, sessions);
  if (chosen && !is_out) return ask(chosen, { request, ctx, sessions, asked: null });
  const view = viewOf(request, ctx, (params.get("ui_locales") ?? "").split(" "));
  const back = await backTo(done?.client_id ?? null, ctx);
  const page = signedOutPage({ apps: [], back, still: sessions.map(shownAccount) }, view);
  return pageResponse(page, view, { headers: browser.headers });
}

export async function signOut(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const params = readBody(request, ctx, { json: false });
  const { browser } = visitOf(request, ctx);
  checkForm(request, params, { browser, ctx });
  // When the app's request has expired, the person still signs out, and is not led back.
  const asked = openLogout(params.get("continue"), ctx);
  const sessions = await accountsHere(asked, request, ctx);
  const which = params.get("which") ?? (sessions.length > 1 ? "ask" : "one");
  const account = params.get("account");
  if (which === "ask" && asked)
    return redirect(pathOf(ctx, "/logout", { continue: carryLogout(asked, ctx) }));
  if (which === "ask") return redirect(pathOf(ctx, "/sign-out", account ? { account } : {}));
  if (which !== "all" && account === undefined)
    throw new PageError("form", { detail: "the form does not name its account" });
  const one = sessions.filter(({ person }) => accountKey(person.sub) === account);
  return end(which === "all" ? sessions : one, { request, ctx, sessions, asked });
}

/** The answer to an app that asks to sign a person out. */
export async function answerLogout(
  asked: LogoutRequest,
  request: HttpRequest,
  ctx: Context,
): Promise<HttpResponse> {
  const sessions = await accountsHere(asked, request, ctx);
  const visit = { request, ctx, sessions, asked };
  const named = await namedBy(asked, visit);
  const here = { session: named.session !== null, anybody: sessions.length > 0 };
  const step = endSessionStep(asked.hint, here);
  if (step !== "ask") return end(named.session ? [named.session] : [], visit);
  const [first = null] = sessions;
  const chosen = named.account ?? currentAmong(sessions, request, ctx) ?? first;
  if (!chosen) throw new Error("nobody is asked whether to sign out");
  return ask(chosen, visit);
}

/** With the consents for the client of the request, since they tell whether the person has used it. */
async function accountsHere(
  asked: LogoutRequest | null,
  request: HttpRequest,
  ctx: Context,
): Promise<AskedSession[]> {
  if (asked && asked.client_id !== null) return sessionsFor(asked.client_id, request, ctx);
  return (await sessionsOf(request, ctx)).map((each) => ({ ...each, consent: null }));
}

/**
 * The session and the account that the request means. Only a genuine hint names a session; everything else picks the
 * account that the page offers first.
 */
async function namedBy(
  { client_id, hinted, logout_hint }: LogoutRequest,
  { request, ctx, sessions }: Visit,
): Promise<{ session: AskedSession | null; account: Session | null }> {
  const client = await findLiveClient(client_id, ctx);
  const find = (matches: (session: AskedSession) => boolean) => sessions.find(matches) ?? null;
  if (client && hinted) {
    const session = find(({ record }) => sidFor(client, record.session_id, ctx) === hinted.sid);
    const same = find(({ person }) => subjectFor(client, person.sub, ctx) === hinted.sub);
    return { session, account: session ?? same };
  }
  const accounts = sessions.map(({ person }) => accountOfPerson(person));
  const told = findByLogin(logout_hint, accounts)?.sub;
  const last = client && lastAccount(client.client_id, request, ctx);
  const account = find(({ person }) => person.sub === told) ?? accountIn(last ?? "", sessions);
  return { session: null, account };
}

async function ask(chosen: Session, { request, ctx, sessions, asked }: Visit) {
  const { browser } = visitOf(request, ctx);
  const view = viewOf(request, ctx, asked?.ui_locales);
  const account = shownAccount(chosen);
  const client = asked && (await logoutClient(asked, sessions, ctx));
  const hidden = {
    csrf: csrfToken(browser, ctx),
    account: account.key,
    ...(asked && { continue: carryLogout(asked, ctx) }),
  };
  // An app that has proved itself gets the person back, whatever they answer.
  const stay = asked?.hint === "genuine" && client?.href ? webAddress(client.href) : null;
  const props: SignOutProps = {
    form: { action: pathOf(ctx, "/sign-out"), hidden },
    app: client?.app ?? null,
    several: sessions.length > 1 ? { account, count: sessions.length } : null,
    leads_to: client?.href ?? null,
    ...(stay !== null && { stay_href: stay }),
  };
  return pageResponse(signOutPage(props, view), view, { headers: browser.headers });
}

/** Ends these sessions, and leads back to the app if the request shows that it comes from it. */
async function end(
  ending: readonly AskedSession[],
  { request, ctx, sessions, asked }: Visit,
): Promise<HttpResponse> {
  const client = asked && (await logoutClient(asked, ending, ctx));
  const client_id = client?.client_id ?? null;
  for (const { person, record } of ending) {
    const by = personOnPage(person.sub, request, ctx);
    await endSessions(record, { reason: "signed_out", by, client_id }, ctx);
  }
  const left = sessions.filter((each) => !ending.includes(each)).map(({ person }) => person.sub);
  const cookies = forgetOthers(left, request, ctx);
  if (client?.href) return redirect(client.href, cookies);
  const { browser } = visitOf(request, ctx);
  const [account = ""] = ending.map(({ person }) => accountKey(person.sub));
  const done = sealDone(textOfDone({ account, client_id }), browser.id, ctx);
  const ui_locales = asked?.ui_locales.join(" ") ?? "";
  const query = {
    ...((left.length > 0 || client_id !== null) && { done }),
    ...(ui_locales !== "" && { ui_locales }),
  };
  return redirect(pathOf(ctx, "/sign-out", query), [...browser.headers, ...cookies]);
}

/** What the next page tells: the account that is signed out, and the app that asked for it. */
interface Done {
  account: string;
  client_id: string | null;
}

const textOfDone = (done: Done): string => encodeURIComponent(JSON.stringify(done));
const readDone = (text: string | null): Done | null =>
  text === null ? null : (JSON.parse(decodeURIComponent(text)) as Done);

/** The site of an app that asked for the sign-out and named no registered address. */
async function backTo(client_id: string | null, ctx: Context): Promise<SignedOutProps["back"]> {
  const client = await findLiveClient(client_id, ctx);
  if (!client) return null;
  const { href, ...app } = siteOf(client, ctx);
  return href === null ? null : { ...app, href };
}
