/** Answers of the app's own addresses: redirects, and plain pages. */
import type { AuthError, Code } from "../../errors.ts";

const NOT_KEPT = { "cache-control": "no-store" };

export const nothing = (status: number): Response =>
  new Response(null, { status, headers: NOT_KEPT });

/** A form that was sent becomes a GET. */
export const seeOther = (location: string): Response =>
  new Response(null, { status: 303, headers: { ...NOT_KEPT, location } });

/** What people can do about it; for developers, the message of the error says more. */
const WORDS: Partial<Record<Code, [status: number, title: string, advice: string]>> = {
  access_denied: [403, "You are not signed in", "The sign-in was refused."],
  login_expired: [400, "That took too long", "Please sign in again."],
  login_elsewhere: [400, "That sign-in began elsewhere", "Please sign in again in this browser."],
  step_up_needed: [403, "This page needs more access", "You have allowed less than it needs."],
  issuer_unreachable: [503, "Signing in does not work right now", "Please try again in a minute."],
};
const OTHER = [500, "Signing in did not work", "Please tell the operators of this site."] as const;

/** @param link where to try again */
export function errorPage(error: AuthError, link: string): Response {
  const [status, title, advice] = WORDS[error.code] ?? OTHER;
  const what = error.code === "step_up_needed" ? "Change what you allow" : "Sign in";
  const again = `<p><a href="${escaped(link)}">${what}</a></p>`;
  const body = `<p>${advice}</p>${again}<p><small>${error.code}</small></p>`;
  return page(status, title, body);
}

/** Another site may have led here: the person decides. */
export const logoutPage = (action: string): Response =>
  page(
    200,
    "Sign out?",
    `<form method="post" action="${escaped(action)}"><button>Sign out</button></form>`,
  );

function page(status: number, title: string, body: string): Response {
  const html = `<!doctype html>
<html lang="en"><meta name="viewport" content="width=device-width"><title>${title}</title>
<main><h1>${title}</h1>${body}</main></html>
`;
  const headers = {
    ...NOT_KEPT,
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    ...(status === 503 && { "retry-after": "30" }),
  };
  return new Response(html, { status, headers });
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
