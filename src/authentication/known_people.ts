/**
 * The people who signed in from this browser before, sealed into a cookie. Wrong passwords of others in their network
 * do not make them wait.
 */
import type { Context } from "../context.ts";
import { seal, unseal } from "../crypto/seal.ts";
import { readCookie, setCookie } from "../http/cookies.ts";
import type { HttpRequest } from "../http/message.ts";

const MOST = 10;
const YEAR = 31_536_000;

export function knownPeople(request: HttpRequest, ctx: Context): string[] {
  const sealed = readCookie(request, "known", ctx.issuer);
  const text = sealed === null ? null : unseal(sealed, "known people", ctx);
  const subs: unknown = text === null ? [] : JSON.parse(text);
  return Array.isArray(subs) ? subs.filter((sub) => typeof sub === "string") : [];
}

export function rememberPerson(
  sub: string,
  request: HttpRequest,
  ctx: Context,
): readonly [string, string] {
  const subs = [sub, ...knownPeople(request, ctx).filter((each) => each !== sub)].slice(0, MOST);
  const sealed = seal(JSON.stringify(subs), "known people", ctx);
  return setCookie("known", sealed, { issuer: ctx.issuer, max_age: YEAR });
}
