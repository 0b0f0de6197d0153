/** Checks that pages reach a browser with their cookies and protective headers. */
import { createHash } from "node:crypto";
import { setCookie } from "../../http/cookies.ts";
import { type Answer, headerOf, isAnswer } from "./ask.ts";
import type { Answers } from "./collect.ts";
import { type Finding, leftOut, listed, ok, problem } from "./finding.ts";

const NOT_OPEN = "pages do not open under this address";

/** Checks each attribute of the cookies, and that the browser's cookies reach the server (RFC 6265bis §4.1). */
export function checkCookies({
  sign_in,
  sign_in_again,
  issuer,
}: Pick<Answers, "sign_in" | "sign_in_again" | "issuer">): Finding {
  const check = "cookies";
  if (!isAnswer(sign_in) || sign_in.status !== 200) return leftOut(check, NOT_OPEN);
  const expected = parseCookie(setCookie("browser", "", { issuer, max_age: A_YEAR })[1]);
  const all = (sign_in.headers["set-cookie"] ?? []).map(parseCookie);
  const cookie = all.find(({ name }) => name === expected.name);
  if (!cookie) {
    const others = all.map(({ name }) => name);
    return problem(
      check,
      others.length > 0
        ? `${expected.name} is not set, but ${listed(others)}`
        : "no cookie is set: nobody can sign in",
      "let the proxy pass on Set-Cookie as it comes. nginx: no proxy_hide_header Set-Cookie",
    );
  }
  const [wrong] = differences(expected.attributes, cookie.attributes);
  if (wrong)
    return problem(
      check,
      `${expected.name} comes with ${wrong.got ?? `no ${wrong.name}`}${wrong.wanted ? `, and not ${wrong.wanted}` : ""}`,
      `let the proxy leave cookies alone. nginx: no ${DIRECTIVES[wrong.name] ?? "proxy_cookie_flags"} here`,
    );
  const again = isAnswer(sign_in_again) ? (sign_in_again.headers["set-cookie"] ?? []) : [];
  if (again.some((each) => parseCookie(each).name === expected.name))
    return problem(
      check,
      "a cookie that is sent does not reach the server: nobody can sign in",
      "let the proxy pass on Cookie. nginx: no proxy_set_header Cookie here",
    );
  const flags = ["secure", "httponly", "samesite"].flatMap(
    (name) => expected.attributes.get(name) ?? [],
  );
  return ok(check, `${expected.name} is set (${flags.join(", ")}) and comes back`);
}

const A_YEAR = 31_536_000;
const DIRECTIVES: Readonly<Record<string, string>> = {
  path: "proxy_cookie_path",
  domain: "proxy_cookie_domain",
};

interface Cookie {
  name: string;
  /** By name in lower case, with the values as written. */
  attributes: ReadonlyMap<string, string>;
}

function parseCookie(text: string): Cookie {
  const [pair = "", ...attributes] = text.split(";").map((part) => part.trim());
  return {
    name: pair.split("=")[0] ?? "",
    attributes: new Map(attributes.map((each) => [each.split("=")[0]?.toLowerCase() ?? "", each])),
  };
}

interface Difference {
  name: string;
  wanted: string | undefined;
  got: string | undefined;
}

function differences(expected: Cookie["attributes"], got: Cookie["attributes"]): Difference[] {
  const names = [...new Set([...expected.keys(), ...got.keys()])].filter(
    (name) => name !== "expires",
  );
  return names
    .map((name) => ({ name, wanted: expected.get(name), got: got.get(name) }))
    .filter((each) => each.wanted?.toLowerCase() !== each.got?.toLowerCase());
}

interface Guard {
  header: string;
  holds(value: string): boolean;
}

const GUARDS: readonly Guard[] = [
  // A second policy would be joined by a comma, and the page would need both to allow its content.
  {
    header: "content-security-policy",
    holds: (value) =>
      /default-src 'none'/.test(value) &&
      /frame-ancestors 'none'/.test(value) &&
      !value.includes(","),
  },
  { header: "x-frame-options", holds: (value) => value.toUpperCase() === "DENY" },
  { header: "x-content-type-options", holds: (value) => value.toLowerCase() === "nosniff" },
  { header: "referrer-policy", holds: (value) => value.toLowerCase() === "no-referrer" },
  { header: "cross-origin-opener-policy", holds: (value) => value === "same-origin" },
];
const HSTS: Guard = {
  header: "strict-transport-security",
  holds: (value) => /max-age="?0*[1-9]/i.test(value),
};

export function checkPages({
  sign_in,
  foreign_form,
  issuer,
}: Pick<Answers, "sign_in" | "foreign_form" | "issuer">): Finding {
  const check = "pages";
  const page = [sign_in, foreign_form]
    .filter(isAnswer)
    .find((each) => isPage(each) && each.status !== 303);
  if (!page) return leftOut(check, NOT_OPEN);
  const guards = issuer.startsWith("https:") ? [...GUARDS, HSTS] : GUARDS;
  const broken = guards.filter(({ header, holds }) => !holds(headerOf(page, header) ?? ""));
  if (broken.length > 0) {
    const seen = broken.map(({ header }) => `${header}: ${headerOf(page, header) ?? "absent"}`);
    return problem(
      check,
      `the protective headers of pages were changed on the way: ${listed(seen)}`,
      "let the proxy pass on these headers, and add none of them. nginx: no proxy_hide_header and no add_header of these names",
    );
  }
  if (!isUnchanged(page))
    return problem(
      check,
      "the page was changed on the way, so that its own policy forbids its style or its script",
      "switch off everything that rewrites HTML: sub_filter in nginx, and in a CDN minifying, script loaders, injected analytics",
    );
  return ok(check, "arrive unchanged, with the headers that protect them");
}

const isPage = (answer: Answer): boolean =>
  /^text\/html/.test(headerOf(answer, "content-type") ?? "");

/** Inline styles and scripts are allowed by their hashes. */
function isUnchanged(page: Answer): boolean {
  const policy = headerOf(page, "content-security-policy") ?? "";
  const inline = [...page.body.matchAll(/<(style|script)\b[^>]*>([\s\S]*?)<\/\1>/g)];
  return inline.every(([, , text = ""]) =>
    policy.includes(`'sha256-${createHash("sha256").update(text).digest("base64")}'`),
  );
}
