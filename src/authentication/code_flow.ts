/**
 * A code that is mailed to an address, and typed where it was asked for: the part that is the same for every use. Known
 * and unknown addresses get the same pages, after the same statements; their mail is written after the answer has left.
 */
import { appOf } from "../authorization/origins.ts";
import type { Context } from "../context.ts";
import { readBody, readQuery } from "../http/body.ts";
import { checkForm, csrfToken, visitOf } from "../http/browser.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { PageError, pageResponse, viewOf } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import { canReceiveMail } from "../mail/mail_address.ts";
import { spendMail } from "../mail/mail_limits.ts";
import { openLink, rememberTicket, waitingHere } from "../mail/mail_link.ts";
import {
  type Addressee,
  type MailTicket,
  newTicket,
  openTicket,
  sealTicket,
  tryCode,
} from "../mail/mail_ticket.ts";
import type { Mail } from "../mail_sender.ts";
import type { Params } from "../oauth/params.ts";
import {
  type AddressProps,
  type CodeProps,
  type CodeUse,
  codeAddressPage,
  codeElsewherePage,
  codePage,
} from "../pages/mail_code.ts";
import { CODE_PAGES } from "../pages/paths.ts";
import type { Language } from "../pages/texts.ts";
import type { Page } from "../pages/view.ts";
import type { Person } from "../people/users.ts";
import type { SignInVisit } from "./finish_proof.ts";
import { knownPeople } from "./known_people.ts";
import { readReturnTo } from "./return_to.ts";
import { onTheWay } from "./sign_in.ts";

/** The one to whom a typed address belongs. */
export interface CodeAddressee extends Addressee {
  /** Null: nobody. */
  person: Person | null;
}

export interface MailOrder {
  ticket: MailTicket;
  sealed: string;
  /** Of the page. */
  language: Language;
}

export interface CodeFlow {
  use: CodeUse;
  /** Left out: every address that can receive mail. */
  accepts?(address: string): boolean;
  find(address: string, ctx: Context): Promise<CodeAddressee>;
  /** Called after the answer has left. Null: nobody gets a mail. */
  write(order: MailOrder, addressee: CodeAddressee, ctx: Context): Mail | null;
  /** The code was right, and is used up. Null: it no longer counts. */
  proved(
    proof: { ticket: MailTicket; addressee: CodeAddressee },
    visit: SignInVisit,
  ): Promise<HttpResponse | null>;
}

/** Seconds before another mail can be asked for by the page of the first. */
const PAUSE = 30;

/** GET: asks for the address, or for the code of a ticket or link. It changes nothing. */
export async function showCode(
  flow: CodeFlow,
  request: HttpRequest,
  ctx: Context,
): Promise<HttpResponse> {
  const page = visitOf(request, ctx);
  const params = readQuery(request, ctx);
  const visit = { ...page, return_to: readReturnTo(params, page) };
  const [link, sealed] = [params.get("link"), params.get("ticket")];
  if (link !== undefined) return followLink(flow, link, visit);
  if (sealed === undefined)
    return askAddress(flow, visit, { address: hinted(visit), problem: null });
  const ticket = openTicket(sealed, flow.use, visit);
  if (!ticket) return askAddress(flow, visit, EXPIRED);
  const told = params.get("again") === undefined ? null : ({ kind: "again" } as const);
  return askCode(flow, visit, { ticket, sealed, told });
}

const EXPIRED = { address: "", problem: { kind: "expired" } } as const;

function hinted({ return_to: { tx } }: SignInVisit): string {
  const hint = tx?.asked.login_hint ?? "";
  return canReceiveMail(hint) ? hint : "";
}

/** The link of a mail. Only the browser in which the ticket waits gets the form. */
async function followLink(
  flow: CodeFlow,
  sealed_link: string,
  visit: SignInVisit,
): Promise<HttpResponse> {
  const { request, ctx, browser } = visit;
  const link = openLink(sealed_link, flow.use, ctx);
  if (!link) return askAddress(flow, visit, EXPIRED);
  const { code } = link;
  const waiting = waitingHere(request, ctx);
  const here = waiting?.ticket_id === link.ticket_id ? waiting : null;
  const ticket = here && openTicket(here.sealed, flow.use, visit);
  if (!here || !ticket) {
    const view = viewOf(request, ctx);
    return pageResponse(codeElsewherePage({ code }, view), view, { headers: browser.headers });
  }
  const fields = new Map(Object.entries(here.hidden));
  const back = { ...visit, return_to: readReturnTo(fields, visit) };
  return askCode(flow, back, { ticket, sealed: here.sealed, code, told: null });
}

/** POST: mails a code, or takes one. */
export async function takeCode(
  flow: CodeFlow,
  request: HttpRequest,
  ctx: Context,
): Promise<HttpResponse> {
  const page = visitOf(request, ctx);
  const params = readBody(request, ctx, { json: false });
  checkForm(request, params, page);
  const visit = { ...page, return_to: readReturnTo(params, page) };
  switch (params.get("intent")) {
    case "send":
      return send(flow, params, visit);
    case "code":
      return judge(flow, params, visit);
    default:
      throw new PageError("form", { detail: "the form does not say what to do" });
  }
}

async function send(flow: CodeFlow, params: Params, visit: SignInVisit): Promise<HttpResponse> {
  const { request, ctx, browser, return_to } = visit;
  const sealed_before = params.get("ticket");
  const before = openTicket(sealed_before, flow.use, visit);
  if (sealed_before !== undefined && !before) return askAddress(flow, visit, EXPIRED);
  const address = before?.address ?? (params.get("email") ?? "").trim();
  if (!canReceiveMail(address) || flow.accepts?.(address) === false)
    return askAddress(flow, visit, { address: address.slice(0, 254), problem: INVALID });
  const early = before ? before.sent_at + PAUSE - ctx.now : 0;
  if (before && early > 0) {
    const told = { kind: "wait", seconds: early } as const;
    return askCode(flow, visit, { ticket: before, sealed: sealed_before ?? "", told });
  }
  const addressee = await flow.find(address, ctx);
  const sub = addressee.person?.sub;
  const known_sub = sub !== undefined && knownPeople(request, ctx).includes(sub) ? sub : null;
  const seconds = await spendMail({ to: address, address: request.address, known_sub }, ctx);
  if (seconds > 0) {
    const told = { kind: "throttled", seconds } as const;
    ctx.log.info("mail not sent", { event_id: ctx.event_id, why: "limit", use: flow.use });
    return before
      ? askCode(flow, visit, { ticket: before, sealed: sealed_before ?? "", told })
      : askAddress(flow, visit, { address, problem: told });
  }
  const ticket = newTicket({ address, browser: browser.id }, ctx);
  const sealed = sealTicket(ticket, flow.use, ctx);
  const { language } = viewOf(request, ctx, return_to.tx?.ui_locales);
  ctx.mail?.sendSoon(() => flow.write({ ticket, sealed, language }, addressee, ctx));
  const { hidden } = return_to;
  const query = { ...hidden, ticket: sealed, ...(before && { again: "1" }) };
  return redirect(pathOf(ctx, CODE_PAGES[flow.use], query), [
    ...browser.headers,
    ...rememberTicket(ticket, { purpose: flow.use, sealed, hidden }, ctx),
  ]);
}

const INVALID = { kind: "invalid" } as const;

async function judge(flow: CodeFlow, params: Params, visit: SignInVisit): Promise<HttpResponse> {
  const { request, ctx, browser } = visit;
  const sealed = params.get("ticket");
  const purpose = flow.use;
  const find = (address: string) => flow.find(address, ctx);
  const verdict = await tryCode(params.get("code") ?? "", { sealed, purpose, browser, find }, ctx);
  const answer = "ticket" in verdict ? await flow.proved(verdict, visit) : null;
  if (answer) return answer;
  const problem = "problem" in verdict ? verdict.problem : "expired";
  const { event_id } = ctx;
  const { address } = request;
  ctx.log.info("mailed code refused", { event_id, use: flow.use, problem, address });
  const ticket = openTicket(sealed, purpose, visit);
  if (problem === "expired" || !ticket || sealed === undefined)
    return askAddress(flow, visit, EXPIRED);
  return askCode(flow, visit, { ticket, sealed, told: { kind: problem } });
}

const common = async (flow: CodeFlow, { ctx, browser, return_to }: SignInVisit) => ({
  use: flow.use,
  form: {
    action: pathOf(ctx, CODE_PAGES[flow.use]),
    hidden: { csrf: csrfToken(browser, ctx), ...return_to.hidden },
  },
  app: await appOf(return_to.tx, ctx),
  sign_in_href: pathOf(ctx, "/sign-in", return_to.hidden),
});

async function askAddress(
  flow: CodeFlow,
  visit: SignInVisit,
  props: Pick<AddressProps, "address" | "problem">,
): Promise<HttpResponse> {
  const view = viewOf(visit.request, visit.ctx, visit.return_to.tx?.ui_locales);
  const page = codeAddressPage({ ...(await common(flow, visit)), ...props }, view);
  return answer(page, props.problem, visit);
}

async function askCode(
  flow: CodeFlow,
  visit: SignInVisit,
  asked: { ticket: MailTicket; sealed: string; code?: string; told: CodeProps["told"] },
): Promise<HttpResponse> {
  const { ticket, sealed, code = "", told } = asked;
  const { request, ctx, return_to } = visit;
  const { form, ...rest } = await common(flow, visit);
  const target = { ...form, hidden: { ...form.hidden, ticket: sealed } };
  const life = ctx.settings.email_code_life;
  const view = viewOf(request, ctx, return_to.tx?.ui_locales);
  const { address } = ticket;
  const page = codePage({ ...rest, form: target, address, code, life, told }, view);
  return answer(page, told, visit);
}

const STATUS: Readonly<Record<string, number>> = {
  ...{ invalid: 400, expired: 400, wait: 429, throttled: 429 },
  ...{ wrong: 401, used: 401, too_many: 401 },
};

function answer(
  page: Page,
  told: { kind: string; seconds?: number } | null,
  { request, ctx, browser, return_to }: SignInVisit,
): HttpResponse {
  const view = viewOf(request, ctx, return_to.tx?.ui_locales);
  const wait = told?.seconds;
  const headers = [
    ...browser.headers,
    ...(wait === undefined ? [] : [["retry-after", String(wait)] as const]),
  ];
  const status = STATUS[told?.kind ?? ""] ?? 200;
  return pageResponse({ ...page, ...onTheWay(return_to) }, view, { status, headers });
}
