import assert from "node:assert/strict";
import { after, test } from "node:test";
import { contextOf, testServer } from "../../test/support/server.ts";
import { knownPeople, rememberPerson } from "../authentication/known_people.ts";
import type { Context } from "../context.ts";
import { randomText } from "../crypto/hash.ts";
import { serverSecrets } from "../crypto/server_secret.ts";
import { parseForm } from "../oauth/params.ts";
import { browserOf, checkForm, csrfToken } from "./browser.ts";
import type { HttpRequest } from "./message.ts";
import { PageError } from "./page.ts";

const server = await testServer();
after(() => server.close());
const ctx: Context = contextOf(server);
const request = (headers: Record<string, string> = {}): HttpRequest => ({
  method: "POST",
  path: "/consent",
  query: "",
  header: (name) => headers[name],
  body: "",
  origin: "https://as.test",
  address: "203.0.113.7",
});
const pairOf = ([, text]: readonly [string, string]) => text.split(";")[0] ?? "";

test("a browser gets an id once and keeps it", () => {
  const first = browserOf(request(), ctx);
  assert.match(first.id, /^[\w-]{22}$/);
  const [cookie] = first.headers;
  assert.ok(cookie);
  const again = browserOf(request({ cookie: pairOf(cookie) }), ctx);
  assert.deepEqual(again, { id: first.id, headers: [] });
  assert.notEqual(browserOf(request(), ctx).id, first.id);
});

test("an id that we cannot have issued is replaced", () => {
  for (const id of [
    "",
    "x",
    "x".repeat(21),
    "x".repeat(23),
    `${"x".repeat(21)}+`,
    `${"x".repeat(21)}"`,
  ]) {
    const { id: given, headers } = browserOf(
      request({ cookie: `__Host-valetkey_browser=${id}` }),
      ctx,
    );
    assert.notEqual(given, id);
    assert.equal(headers.length, 1);
  }
});

test("S1: a form is accepted from a page of ours in this browser only", () => {
  const browser = browserOf(request(), ctx);
  const csrf = csrfToken(browser, ctx);
  const form = (text: string, headers: Record<string, string> = {}) =>
    checkForm(request(headers), parseForm(text, 10), { browser, ctx });
  assert.doesNotThrow(() => form(`csrf=${csrf}`));
  for (const site of ["same-origin", "same-site", "none"])
    assert.doesNotThrow(() => form(`csrf=${csrf}`, { "sec-fetch-site": site }));
  // Our pages send no referrer, so browsers send `Origin: null`.
  assert.doesNotThrow(() => form(`csrf=${csrf}`, { origin: "null" }));
  const other = csrfToken({ id: "another browser", headers: [] }, ctx);
  const stranger = csrfToken(browser, { ...ctx, secrets: serverSecrets(randomText(32)) });
  const other_issuer = csrfToken(browser, { ...ctx, issuer: `${ctx.issuer}/other` });
  for (const [text, headers] of [
    [`csrf=${other_issuer}`, {}],
    ["", {}],
    ["csrf=", {}],
    ["csrf=x", {}],
    [`csrf=${csrf}x`, {}],
    [`csrf=${csrf.slice(1)}`, {}],
    [`csrf=${other}`, {}],
    [`csrf=${stranger}`, {}],
    [`csrf=${csrf}`, { "sec-fetch-site": "cross-site" }],
  ] as [string, Record<string, string>][])
    assert.throws(
      () => form(text, headers),
      (error) => error instanceof PageError && error.status === 403,
    );
});

test("the last ten people who signed in are remembered, in an unreadable and unforgeable list", () => {
  let cookie = "";
  for (let i = 1; i <= 12; i += 1)
    cookie = pairOf(rememberPerson(`person ${i}`, request({ cookie }), ctx));
  cookie = pairOf(rememberPerson("person 9", request({ cookie }), ctx));
  const known = knownPeople(request({ cookie }), ctx);
  assert.deepEqual(known, [
    "person 9",
    ...[12, 11, 10, 8, 7, 6, 5, 4, 3].map((i) => `person ${i}`),
  ]);
  assert.ok(!Buffer.from(cookie.split("=")[1] ?? "", "base64url").includes("person"));
  for (const forged of [
    "",
    "x",
    `${cookie}x`,
    cookie.replace(/=.{8}/, "=AAAAAAAA"),
    '["person 1"]',
  ])
    assert.deepEqual(knownPeople(request({ cookie: forged }), ctx), []);
  assert.deepEqual(knownPeople(request({ cookie }), { ...ctx, epoch: 2 }), []);
});
