/**
 * “That wasn't me”: the link of each notice. It signs nobody in. What was added is removed, sessions and the access of
 * apps end, and the person goes on to a new password. Nothing that was removed is restored.
 */
import type { Context } from "../context.ts";
import { personOnPage } from "../http/actor.ts";
import { readBody, readQuery } from "../http/body.ts";
import { checkForm, csrfToken, type PageVisit, visitOf } from "../http/browser.ts";
import type { HttpRequest, HttpResponse } from "../http/message.ts";
import { pageResponse, viewOf } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import { openUndo, type Undo } from "../mail/notices.ts";
import type { Actor } from "../operation.ts";
import { CODE_PAGES, UNDO } from "../pages/paths.ts";
import { type UndoProps, undoPage } from "../pages/undo.ts";
import { changeEmail } from "../people/change_email.ts";
import { revokePerson } from "../people/end_person.ts";
import { removeFactor } from "../people/remove_factor.ts";

export async function showUndo(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const link = readQuery(request, ctx).get("link");
  const undo = openUndo(link, ctx);
  const used = undo !== null && (await ctx.store.isClaimed(KIND, undo.notice_id));
  const visit = visitOf(request, ctx);
  if (!undo || used) return show(visit, { state: "expired", what: null, link: "" });
  return show(visit, { state: "asks", what: undo.what, link: link ?? "" });
}

export async function undoIt(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const visit = visitOf(request, ctx);
  const params = readBody(request, ctx, { json: false });
  checkForm(request, params, visit);
  const undo = openUndo(params.get("link"), ctx);
  if (!undo) return show(visit, { state: "expired", what: null, link: "" });
  const { notice_id, expires_at } = undo;
  if (!(await ctx.store.claimOnce(KIND, notice_id, { now: ctx.now, expires_at })))
    return show(visit, { state: "expired", what: null, link: "" });
  await undoNow(undo, personOnPage(undo.sub, request, ctx), ctx);
  ctx.log.warn("a person says that a change was not theirs", {
    ...{ event_id: ctx.event_id, sub: undo.sub, what: undo.what },
  });
  return show(visit, { state: "done", what: undo.what, link: "" });
}

const KIND = "undo";

async function undoNow({ sub, added, restores }: Undo, by: Actor, ctx: Context): Promise<void> {
  // The old address gets the code for a new password.
  if (restores !== undefined) await changeEmail({ sub, address: restores, jobs: [] }, by, ctx);
  // The factor goes first: whoever added it must not sign in with it again.
  await removeFactor({ sub, ...added }, by, ctx);
  await revokePerson({ sub, forget: false }, by, ctx);
}

function show(
  { request, ctx, browser }: PageVisit,
  { state, what, link }: Pick<UndoProps, "state" | "what"> & { link: string },
): HttpResponse {
  const view = viewOf(request, ctx);
  const hidden = { csrf: csrfToken(browser, ctx), link };
  const props: UndoProps = {
    ...{ state, what },
    form: { action: pathOf(ctx, UNDO), hidden },
    reset_href: ctx.features.has("reset") ? pathOf(ctx, CODE_PAGES.reset) : null,
    help: ctx.settings.sign_in_help ?? null,
  };
  const status = state === "expired" ? 410 : 200;
  return pageResponse(undoPage(props, view), view, { status, headers: browser.headers });
}
