import assert from "node:assert/strict";
import { after, test } from "node:test";
import { contextOf, testServer } from "../../test/support/server.ts";
import { languages } from "../pages/texts.ts";
import { chosenLanguage, otherLanguages, switchLanguage } from "./language.ts";
import type { HttpRequest } from "./message.ts";

const server = await testServer({ issuer: "https://id.example/auth" });
after(() => server.close());
const ctx = contextOf(server);
const [english, german] = languages();
assert.ok(english && german);

const request = (given: Partial<HttpRequest> & { cookie?: string } = {}): HttpRequest => ({
  method: "GET",
  path: "/auth/sign-in",
  query: "",
  header: (name) => (name === "cookie" ? given.cookie : undefined),
  body: "",
  origin: "https://id.example",
  address: "203.0.113.7",
  ...given,
});
const hrefs = (given: Partial<HttpRequest>) =>
  otherLanguages(request(given), english, ctx).map(({ href }) => href);
const locationOf = (path: string, query: string): string | undefined =>
  switchLanguage(request({ path, query }), ctx)?.headers.find(([name]) => name === "location")?.[1];

test("a link to another language repeats the query of the page, and an earlier choice goes", () => {
  assert.deepEqual(hrefs({}), ["?choose_language=de"]);
  assert.deepEqual(hrefs({ query: "continue=a.b&x=%20" }), [
    "?continue=a.b&x=%20&choose_language=de",
  ]);
  assert.deepEqual(hrefs({ query: "choose_language=en&a=1" }), ["?a=1&choose_language=de"]);
  const english_link = otherLanguages(request(), german, ctx);
  assert.deepEqual(english_link, [{ tag: "en", href: "?choose_language=en" }]);
});

test("after a form, the link repeats what the address may hold, and no password or token", () => {
  const body = new URLSearchParams({
    ...{ csrf: "c", continue: "a.b", username: "ada", password: "p", to: "/account", app: "x" },
    ...{ account: "k", shown: "s", new_password: "n", user_code: "ABCD" },
  }).toString();
  assert.deepEqual(hrefs({ method: "POST", body }), [
    "?continue=a.b&to=%2Faccount&app=x&user_code=ABCD&choose_language=de",
  ]);
});

test("a very long query has no link, rather than one that loses its end", () => {
  assert.equal(hrefs({ query: `continue=${"a".repeat(9000)}` }).length, 1);
  assert.deepEqual(hrefs({ query: `continue=${"a".repeat(10_000)}` }), []);
  const body = `continue=${"a".repeat(10_000)}`;
  assert.deepEqual(hrefs({ method: "POST", body }), []);
});

test("with one language, or under another address, there is no choice", () => {
  const alone = { ...ctx, languages: [english] };
  assert.deepEqual(otherLanguages(request(), english, alone), []);
  assert.deepEqual(hrefs({ origin: "https://other.example" }), []);
  const query = "choose_language=de";
  assert.equal(switchLanguage(request({ query, origin: "https://other.example" }), ctx), null);
});

test("a choice sets a cookie and leads to the same page without it", () => {
  const query = "continue=a.b&choose_language=de&x=%26choose_language=en";
  const { status, headers } = switchLanguage(request({ query }), ctx) ?? assert.fail();
  assert.equal(status, 303);
  const { location, "set-cookie": cookie = "" } = Object.fromEntries(headers);
  assert.equal(location, "https://id.example/auth/sign-in?continue=a.b&x=%26choose_language=en");
  assert.match(
    cookie,
    /^__Host-valetkey_language_[\w-]{8}=de; Path=\/; HttpOnly; SameSite=Lax; Secure; Max-Age=31536000$/,
  );
  assert.equal(locationOf("/auth/", query.split("&")[1] ?? ""), "https://id.example/auth/");
});

test("a choice leads to no other host, whatever the path looks like", () => {
  for (const path of ["//evil.example/x", "/\\evil.example/x", "/@evil.example", "///evil.example"])
    assert.equal(
      new URL(locationOf(path, "choose_language=de") ?? "").origin,
      "https://id.example",
      path,
    );
});

test("only a GET with one of the languages is a choice", () => {
  const query = "choose_language=de";
  for (const given of [
    { query: "" },
    { query: "choose_language=fr" },
    { query: "choose_language=" },
    { query: "choose_language=DE%0d%0aset-cookie:a=b" },
    { query: "x=choose_language=de" },
    { query: "choose_language=fr&choose_language=de" },
    { query, method: "POST" },
    { query, method: "HEAD" },
  ])
    assert.equal(switchLanguage(request(given), ctx), null, JSON.stringify(given));
});

test("a cookie counts only if it names a language of the pages", () => {
  const [, line = ""] =
    switchLanguage(request({ query: "choose_language=de" }), ctx)?.headers.find(
      ([name]) => name === "set-cookie",
    ) ?? [];
  const [name = ""] = line.split("=");
  const chosen = (value: string) => chosenLanguage(request({ cookie: `${name}=${value}` }), ctx);
  assert.equal(chosen("de"), "de");
  for (const value of ["", "fr", "constructor", "de-AT", "x".repeat(9000)])
    assert.equal(chosen(value), null, value.slice(0, 20));
  assert.equal(chosenLanguage(request(), ctx), null);
});
