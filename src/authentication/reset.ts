/**
 * A new password for people who have forgotten theirs: address, code, the second factor where there is one, new
 * password. The code is a proof like any other, so that no factor is left out (finish_proof.ts).
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Context } from "../context.ts";
import { personOnPage } from "../http/actor.ts";
import { readBody, readQuery } from "../http/body.ts";
import { checkForm, csrfToken, visitOf } from "../http/browser.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { pageResponse, viewOf } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import type { Handler } from "../http/route.ts";
import { noticeJobs, verifiedAddress } from "../mail/notices.ts";
import type { ProofKind } from "../oauth/assurance.ts";
import type { Params } from "../oauth/params.ts";
import { type NewPasswordProps, newPasswordPage } from "../pages/new_password.ts";
import { CODE_PAGES, NEW_PASSWORD, REVIEW } from "../pages/paths.ts";
import { TooBusy } from "../people/password.ts";
import { resetPassword } from "../people/reset_password.ts";
import { ProofLapsed, type Session, sessionsOf } from "../sessions/session.ts";
import { type CodeFlow, showCode, takeCode } from "./code_flow.ts";
import { codeMail } from "./code_mail.ts";
import { personOf } from "./email_code.ts";
import { finishProof, type SignInVisit } from "./finish_proof.ts";
import { freshProof } from "./fresh_proof.ts";
import { passwordProblem } from "./new_account.ts";
import { openReset, readReturnTo, sealReset } from "./return_to.ts";
import { onTheWay } from "./sign_in.ts";

const flow: CodeFlow = {
  use: "reset",
  find: personOf,
  write(order, { person, about }, ctx) {
    const to = person && verifiedAddress(person);
    return to === null ? null : codeMail("reset", order, { person, about, to }, ctx);
  },
  async proved({ ticket, addressee: { person, about } }, visit) {
    if (!person) return null;
    const { ctx, return_to } = visit;
    const { sub } = person;
    const { version } = await ctx.store.loadFactors(sub);
    const reset = sealReset({ sub, version }, visit);
    const params = new Map(Object.entries({ ...return_to.hidden, reset }));
    const holds = async () => (await personOf(ticket.address, ctx)).about === about;
    const proved = { person, proof: { kind: "email", at: ctx.now }, holds } as const;
    try {
      return await finishProof(proved, { ...visit, return_to: readReturnTo(params, visit) });
    } catch (error) {
      if (error instanceof ProofLapsed) return null;
      throw error;
    }
  },
};

export const showReset: Handler = (request, ctx) => showCode(flow, request, ctx);
export const takeReset: Handler = (request, ctx) => takeCode(flow, request, ctx);

/** The first factors that lead to a new password. */
const FIRST: readonly ProofKind[] = ["email", "link"];

interface Proven {
  visit: SignInVisit;
  session: Session;
  /** As it came. */
  reset: string;
}

/** The session that began by a code for this purpose, in this browser. Null: the code has to be asked for again. */
async function provenIn(
  params: Params,
  request: HttpRequest,
  ctx: Context,
): Promise<Proven | null> {
  const page = visitOf(request, ctx);
  const reset = params.get("reset") ?? "";
  const open = openReset(reset, page);
  if (!open) return null;
  const sessions = await sessionsOf(request, ctx);
  const session = sessions.find(({ person, record: { proofs } }) => {
    const [first] = proofs;
    return person.sub === open.sub && FIRST.includes(first.kind) && first.at >= open.at;
  });
  if (!session) return null;
  const { version } = await ctx.store.loadFactors(open.sub);
  if (version !== open.version) return null;
  const sealed = params.get("continue");
  const fields = new Map(sealed === undefined ? [] : [["continue", sealed]]);
  return { visit: { ...page, return_to: readReturnTo(fields, page) }, session, reset };
}

const again = (ctx: Context): HttpResponse =>
  redirect(pathOf(ctx, ctx.features.has("reset") ? CODE_PAGES.reset : "/sign-in"));

export async function showNewPassword(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const proven = await provenIn(readQuery(request, ctx), request, ctx);
  return proven ? show(proven, null) : again(ctx);
}

export async function takeNewPassword(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const params = readBody(request, ctx, { json: false });
  checkForm(request, params, visitOf(request, ctx));
  const proven = await provenIn(params, request, ctx);
  if (!proven) return again(ctx);
  const password = params.get("new_password") ?? "";
  const problem = passwordProblem(password, ctx);
  if (problem) return show(proven, problem);
  const { visit, session } = proven;
  const { person, record } = session;
  const { language } = viewOf(request, ctx, visit.return_to.tx?.ui_locales);
  const jobs = noticeJobs({ what: "password_reset" }, { person, request, language }, ctx);
  const by = personOnPage(person.sub, request, ctx);
  try {
    if (!(await resetPassword({ password, session: record, jobs }, by, ctx))) return again(ctx);
  } catch (error) {
    if (!(error instanceof TooBusy)) throw error;
    return show(proven, "busy");
  }
  ctx.wakeJobs();
  // What was granted within this second has ended, too. An app that goes on now gets its access in the next one.
  await pause(1000 - (ctx.clock() % 1000));
  ctx.log.info("password reset", { event_id: ctx.event_id, sub: person.sub });
  const mark = (await ctx.users.passwordMark?.(person.sub)) ?? null;
  const holds = async () => ((await ctx.users.passwordMark?.(person.sub)) ?? null) === mark;
  // The session goes on with the proofs that it has: a new password is not a proof of itself.
  const { proofs } = record;
  const proved = { person, proof: proofs[0], proofs, holds };
  // The review follows, where the proofs allow what it does.
  const stale = await freshProof(session, pathOf(ctx, REVIEW), visit);
  if (stale) return finishProof(proved, visit);
  const { return_to } = visit;
  const on = () => pathOf(ctx, REVIEW, return_to.hidden);
  return finishProof(proved, { ...visit, return_to: { ...return_to, on } });
}

const STATUS = { busy: 503 } as const;

function show(
  { visit, session, reset }: Proven,
  problem: NewPasswordProps["problem"],
): HttpResponse {
  const { request, ctx, browser, return_to } = visit;
  const view = viewOf(request, ctx, return_to.tx?.ui_locales);
  const hidden = { csrf: csrfToken(browser, ctx), ...return_to.hidden, reset };
  const form = { action: pathOf(ctx, NEW_PASSWORD), hidden };
  const page = newPasswordPage({ form, username: session.person.username, problem }, view);
  const status = problem === null ? 200 : problem === "busy" ? STATUS.busy : 400;
  const { headers } = browser;
  return pageResponse({ ...page, ...onTheWay(return_to) }, view, { status, headers });
}
