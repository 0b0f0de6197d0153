/**
 * The language that a person chooses in the foot of a page. A link leads to the same page with one more parameter; it
 * sets a cookie, and leads on to the page without it.
 */
import type { Context } from "../context.ts";
import { remember } from "../oauth/remember.ts";
import type { Language } from "../pages/texts.ts";
import type { OtherLanguage } from "../pages/view.ts";
import { readCookie, setCookie } from "./cookies.ts";
import { type HttpRequest, type HttpResponse, redirect } from "./message.ts";

const PARAMETER = "choose_language=";
/** Characters of a query that a link repeats. A request in progress has fewer. */
const MOST = 10_000;
/** Seconds: a year. */
const LIFE = 31_536_000;
/** Fields of forms that the address of their page may hold too. No password and no form token is among them. */
const IN_ADDRESS = ["continue", "to", "link", "user_code", "app", "ticket"];

/** @returns the tag of one of our languages; null: the person has chosen none */
export function chosenLanguage(request: HttpRequest, { issuer, languages }: Context) {
  const chosen = readCookie(request, "language", issuer);
  return languages.find(({ tag }) => tag === chosen)?.tag ?? null;
}

/**
 * The links of the foot. They hold a query only, so they lead to the address of the page and nowhere else. Under another
 * origin there are none, since the cookie would not count for the issuer's.
 */
export function otherLanguages(
  request: HttpRequest,
  { tag: current }: Language,
  { issuer, languages }: Context,
): OtherLanguage[] {
  if (request.origin !== originOf(issuer)) return [];
  const query = queryOf(request);
  if (query.length > MOST) return [];
  const before = query === "" ? "?" : `?${query}&`;
  return languages
    .filter(({ tag }) => tag !== current)
    .map(({ tag }) => ({ tag, href: `${before}${PARAMETER}${tag}` }));
}

/** The query that shows the page of this request again. A form that was refused has left it in its fields. */
function queryOf({ method, query, body }: HttpRequest): string {
  if (method !== "POST") return withoutChoice(query);
  const fields = [...new URLSearchParams(body)].filter(([name]) => IN_ADDRESS.includes(name));
  return new URLSearchParams(fields).toString();
}

/** Answers a link of the foot. Null: the request is none. */
export function switchLanguage(request: HttpRequest, ctx: Context): HttpResponse | null {
  const { method, path, query, origin } = request;
  const { issuer, languages } = ctx;
  if (method !== "GET" || !query.includes(PARAMETER) || origin !== originOf(issuer)) return null;
  const wanted = query.split("&").find((each) => each.startsWith(PARAMETER));
  const chosen = languages.find(({ tag }) => wanted === PARAMETER + tag);
  if (!chosen) return null;
  // The parts are set one by one: a path such as `//other.example` would be another host in a relative address.
  const url = new URL(issuer);
  url.pathname = path;
  url.search = withoutChoice(query);
  return redirect(url.href, [setCookie("language", chosen.tag, { issuer, max_age: LIFE })]);
}

const withoutChoice = (query: string): string =>
  query
    .split("&")
    .filter((each) => !each.startsWith(PARAMETER))
    .join("&");

const originOf = remember((issuer) => new URL(issuer).origin);
