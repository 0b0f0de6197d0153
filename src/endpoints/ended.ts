/** The list of ended access tokens, by which APIs refuse a JWT seconds after its end (docs/ended-tokens.md). */
import type { Context } from "../context.ts";
import { readQuery } from "../http/body.ts";
import {
  type HeaderList,
  type HttpRequest,
  type HttpResponse,
  JSON_TYPE,
} from "../http/message.ts";
import { OAuthError } from "../oauth/errors.ts";
import { endedWindow } from "../store/ended_tokens.ts";

export async function ended(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const { store, settings, now } = ctx;
  const after = secondsIn(readQuery(request, ctx).get("after") ?? "0");
  const { access_token_lives } = await store.currentState();
  const lives = { ...access_token_lives, [settings.lifetimes.access_token]: now };
  const window = endedWindow(lives, now);
  const list = await ctx.ended_tokens.since(after, { now, window });
  // Caches ask each time, and are answered without the list while there is nothing new.
  const headers: HeaderList = [
    ["cache-control", "no-cache"],
    ["etag", list.etag],
  ];
  if (isKnown(request, list.etag)) return { status: 304, headers, body: "" };
  const next = list.next === null ? "" : `,"next":${list.next}`;
  const body = `{"now":${now},"window":${window},"after":${list.after},"ended":${list.ended}${next}}`;
  return { status: 200, headers: [...JSON_TYPE, ...headers], body };
}

/** @throws OAuthError `invalid_request` */
function secondsIn(text: string): number {
  if (/^\d{1,12}$/.test(text)) return Number(text);
  throw new OAuthError("invalid_request", "after is not a number of seconds", {
    parameter: "after",
  });
}

/** RFC 9110 §13.1.2: a weak tag, which a compressing proxy may have made, is as good. */
const isKnown = (request: HttpRequest, etag: string): boolean =>
  (request.header("if-none-match") ?? "")
    .split(",")
    .some((each) => each.trim().replace(/^W\//, "") === etag);
