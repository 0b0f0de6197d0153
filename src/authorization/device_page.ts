/** The page where a person types the code of a device (RFC 8628 §3.3). */
import type { Context } from "../context.ts";
import { readBody, readQuery } from "../http/body.ts";
import { checkForm, csrfToken, type PageVisit, visitOf } from "../http/browser.ts";
import { type Budget, refund, spend } from "../http/budget.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { networkOf } from "../http/network.ts";
import { pageResponse, viewOf } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import { readUserCode, showUserCode } from "../oauth/user_code.ts";
import { type DeviceProblem, deviceCodePage } from "../pages/device.ts";
import { sessionsOf } from "../sessions/session.ts";
import { findByUserCode } from "../tokens/device_code.ts";
import { beginTransaction, carry } from "./transaction.ts";

const AN_HOUR = 3600;

/** The address of `verification_uri_complete` only fills in the code: the person still looks at it and goes on. */
export async function showDevice(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const typed = readUserCode(readQuery(request, ctx).get("user_code") ?? "");
  return show(visitOf(request, ctx), {
    user_code: typed ? showUserCode(typed) : "",
    problem: null,
  });
}

export async function enterDevice(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const visit = visitOf(request, ctx);
  const params = readBody(request, ctx, { json: false });
  checkForm(request, params, visit);
  const text = params.get("user_code") ?? "";
  const typed = readUserCode(text);
  const wrong = (problem: DeviceProblem, status: number, seconds = 0) =>
    show(visit, { user_code: text.slice(0, 20), problem, status, seconds });
  const sessions = await sessionsOf(request, ctx);
  // Each try is counted before it is judged, so that parallel tries get no further than sequential ones.
  const budgets = triesOf(sessions[0]?.record.session_id ?? visit.browser.id, request.address);
  const seconds = await spend(budgets, ctx);
  if (seconds > 0) return wrong("too_many", 429, seconds);
  const found = typed && (await findByUserCode(typed, ctx));
  // A code that another person has entered counts as unknown.
  const subs = [null, ...sessions.map(({ person }) => person.sub)];
  const free = found && subs.includes(found.row.sub);
  if (!typed || !found || !free || found.row.state !== "pending") return wrong("wrong", 404);
  await refund(budgets, ctx);

  const { row, device } = found;
  const { id, expires_at } = row;
  const { request_id, address, begun_at, asked } = device;
  const from = { kind: "device", id, user_code: typed, address, begun_at, expires_at } as const;
  // The account of this browser that the request was shown to before. Another one may take its place.
  const { sub } = row;
  const given = { id: request_id, expires_at, asked, from, browser: visit.browser.id, sub };
  const tx = beginTransaction(given, ctx);
  return redirect(pathOf(ctx, "/authorize", { continue: carry(tx, ctx) }), visit.browser.headers);
}

const triesOf = (session: string, address: string): Budget[] => [
  { kind: "device", name: `user codes of session ${session}`, most: 10, window: AN_HOUR },
  { kind: "device", name: `user codes from ${networkOf(address)}`, most: 50, window: AN_HOUR },
];

function show(
  { request, ctx, browser }: PageVisit,
  given: { user_code: string; problem: DeviceProblem | null; status?: number; seconds?: number },
): HttpResponse {
  const { user_code, problem, status = 200, seconds = 0 } = given;
  const view = viewOf(request, ctx);
  const form = { action: pathOf(ctx, "/device"), hidden: { csrf: csrfToken(browser, ctx) } };
  const minutes = Math.ceil(ctx.settings.lifetimes.device_code / 60);
  const page = deviceCodePage({ form, user_code, problem, seconds, minutes }, view);
  const retry = seconds > 0 ? ([["retry-after", String(seconds)]] as const) : [];
  return pageResponse(page, view, { status, headers: [...browser.headers, ...retry] });
}
