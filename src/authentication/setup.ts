/** The first administrator, by the one-time link that a first start prints. */
import type { Context, Server } from "../context.ts";
import { seal, unseal } from "../crypto/seal.ts";
import { personOnPage } from "../http/actor.ts";
import { readBody, readQuery } from "../http/body.ts";
import { checkForm, csrfToken, type PageVisit, visitOf } from "../http/browser.ts";
import type { HttpRequest, HttpResponse } from "../http/message.ts";
import { PageError, pageResponse, viewOf } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import { type SetupProps, setupPage } from "../pages/setup.ts";
import { createPerson } from "../people/create_person.ts";
import { TooBusy } from "../people/password.ts";
import { finishProof } from "./finish_proof.ts";
import { isFaultless, newPersonOf, readAccountForm } from "./new_account.ts";
import { toPage } from "./return_to.ts";

const PURPOSE = "setup link";
/** Seconds. */
const LIFE = 86_400;

/** Null when an account exists already, or people are kept elsewhere. */
export async function setupLink(
  server: Server,
  { now, epoch }: { now: number; epoch: number },
): Promise<string | null> {
  if (!server.users.create || (await server.store.hasAccounts())) return null;
  const { secrets, issuer } = server;
  const link = seal(String(now + LIFE), PURPOSE, { secrets, issuer, epoch });
  return new URL(pathOf(server, "/setup", { link }), server.issuer).href;
}

export async function showSetup(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const visit = visitOf(request, ctx);
  const link = await checkLink(readQuery(request, ctx).get("link"), ctx);
  const empty = { values: { username: "", email: "", name: "" }, errors: {} };
  return show({ ...visit, link }, empty);
}

export async function setUp(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const page = visitOf(request, ctx);
  const params = readBody(request, ctx, { json: false });
  checkForm(request, params, page);
  const link = await checkLink(params.get("link"), ctx);
  const visit = { ...page, link };
  const form = readAccountForm(params, ctx);
  if (!isFaultless(form)) return show(visit, form, 400);
  try {
    // Creating the account uses the link up: the insert succeeds only while there is no account.
    const new_person = newPersonOf(form, { is_admin: true, only_as_first: true });
    const person = await createPerson(new_person, personOnPage(null, request, ctx), ctx);
    if (person === "taken") throw new PageError("setup_link", { status: 410 });
    ctx.log.info("first administrator created", { event_id: ctx.event_id, sub: person.sub });
    const proved = { person, proof: { kind: "pwd", at: ctx.now } } as const;
    return await finishProof(proved, { ...page, return_to: toPage(ctx, "your_apps") });
  } catch (error) {
    if (!(error instanceof TooBusy)) throw error;
    return show(visit, { ...form, problem: "busy" }, 503);
  }
}

/** @throws PageError 410 for a link that is not genuine, has expired, or was used */
async function checkLink(link: string | undefined, ctx: Context): Promise<string> {
  const text = link === undefined ? null : unseal(link, PURPOSE, ctx);
  const holds = link !== undefined && text !== null && Number(text) > ctx.now;
  if (!holds || (await ctx.store.hasAccounts())) throw new PageError("setup_link", { status: 410 });
  return link;
}

function show(
  { request, ctx, browser, link }: PageVisit & { link: string },
  { values, errors, problem = null }: Pick<SetupProps, "values" | "errors" | "problem">,
  status = 200,
): HttpResponse {
  const view = viewOf(request, ctx);
  const hidden = { csrf: csrfToken(browser, ctx), link };
  const form = { action: pathOf(ctx, "/setup"), hidden };
  const page = setupPage({ form, values, errors, problem }, view);
  return pageResponse(page, view, { status, headers: browser.headers });
}
