/**
 * A signed-in person changes their address. The new one counts when its code was typed; the old one is told, with a link
 * that brings it back.
 */
import { type CodeFlow, showCode, takeCode } from "../authentication/code_flow.ts";
import { codeMail } from "../authentication/code_mail.ts";
import { freshProof } from "../authentication/fresh_proof.ts";
import { readReturnTo, sealConfirming } from "../authentication/return_to.ts";
import type { Context } from "../context.ts";
import { personOnPage } from "../http/actor.ts";
import { readBody, readQuery } from "../http/body.ts";
import { checkForm, visitOf } from "../http/browser.ts";
import { sealDone } from "../http/just_done.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { viewOf } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import type { Handler } from "../http/route.ts";
import { noticeJobs } from "../mail/notices.ts";
import { reached } from "../oauth/assurance.ts";
import type { Params } from "../oauth/params.ts";
import { ACCOUNT_PAGES, CODE_PAGES } from "../pages/paths.ts";
import { changeEmail } from "../people/change_email.ts";
import { currentSession, type Session, sessionsOf } from "../sessions/session.ts";

export const showEmail: Handler = async (request, ctx) => {
  const found = await personIn(readQuery(request, ctx), request, ctx);
  return "response" in found ? found.response : showCode(flowOf(found.session), request, ctx);
};

export const takeEmail: Handler = async (request, ctx) => {
  const params = readBody(request, ctx, { json: false });
  checkForm(request, params, visitOf(request, ctx));
  const found = await personIn(params, request, ctx);
  return "response" in found ? found.response : takeCode(flowOf(found.session), request, ctx);
};

/** Every form names its account by `confirm`, which came from this page. */
async function personIn(
  params: Params,
  request: HttpRequest,
  ctx: Context,
): Promise<{ session: Session } | { response: HttpResponse }> {
  const visit = visitOf(request, ctx);
  const { confirms } = readReturnTo(params, visit);
  const here = pathOf(ctx, CODE_PAGES.email);
  const sessions = await sessionsOf(request, ctx);
  const named = sessions.find(({ person }) => person.sub === confirms) ?? null;
  const session = named ?? (await currentSession(request, ctx));
  if (!session)
    return { response: redirect(pathOf(ctx, "/sign-in", { to: ACCOUNT_PAGES.security })) };
  const stale = await freshProof(session, here, visit);
  if (stale) return { response: stale };
  // The link of a mail names nobody: its ticket does, in the browser where it waits.
  if (named || params.get("link") !== undefined) return { session };
  const { sub } = session.person;
  const path = pathOf(ctx, ACCOUNT_PAGES.security, { done: sealDone("email_changed", sub, ctx) });
  const confirm = sealConfirming({ sub, path }, visit);
  return { response: redirect(pathOf(ctx, CODE_PAGES.email, { confirm }), visit.browser.headers) };
}

/** Any address may be asked for. Somebody else's gets no mail, and the page looks the same. */
const flowOf = ({ person, record }: Session): CodeFlow => ({
  use: "email",
  async find(address, ctx) {
    const { sub } = person;
    const [owner, { version }] = await Promise.all([
      ctx.users.findByVerifiedEmail?.(address) ?? null,
      ctx.store.loadFactors(sub),
    ]);
    const taken = owner !== null && owner.sub !== sub;
    return { person, about: taken ? null : JSON.stringify([sub, version]) };
  },
  write: (order, { about }, ctx) =>
    codeMail("email", order, { person, about, to: order.ticket.address }, ctx),
  async proved({ ticket: { address } }, visit) {
    const { request, ctx, return_to } = visit;
    const { sub } = person;
    const by = personOnPage(sub, request, ctx);
    const { language } = viewOf(request, ctx);
    // A person who proved two factors has chosen well; a link in an old mailbox must not undo it.
    const restores = reached(record.proofs).level === "single";
    const notice = { what: "email_changed", address, restores } as const;
    const jobs = noticeJobs(notice, { person, request, language }, ctx);
    if ((await changeEmail({ sub, address, jobs }, by, ctx)) !== "done") return null;
    ctx.wakeJobs();
    ctx.log.info("address changed", { event_id: ctx.event_id, sub });
    const done = sealDone("email_changed", sub, ctx);
    return redirect(
      return_to.confirms === null
        ? pathOf(ctx, ACCOUNT_PAGES.security, { done })
        : return_to.on(sub),
    );
  },
});
