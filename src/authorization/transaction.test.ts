import assert from "node:assert/strict";
import { after, test } from "node:test";
import { contextOf, START, testServer } from "../../test/support/server.ts";
import { readReturnTo } from "../authentication/return_to.ts";
import type { Context } from "../context.ts";
import { seal } from "../crypto/seal.ts";
import { PageError } from "../http/page.ts";
import { parseForm } from "../oauth/params.ts";
import type { ErrorKind } from "../pages/error.ts";
import { checkSize, openPending, type Pending, sealPending } from "./transaction.ts";

const server = await testServer();
after(() => server.close());
const ctx: Context = contextOf(server);
const browser = { id: "b".repeat(22), headers: [] };
const pendingWith = (given: Partial<Pending> = {}): Pending => ({
  id: "0".repeat(32),
  request: {
    client_id: "c",
    redirect_uri: "https://rp.test/cb",
    redirect_uri_sent: true,
    response_mode: "query",
    state: "\u00e4 \u{1f511}\r\n",
    scope: ["openid"],
    resources: [],
    code_challenge: "x",
    nonce: null,
    prompt: [],
    max_age: null,
    login_hint: null,
  },
  ui_locales: [],
  hinted_sub: null,
  expires_at: START + 3600,
  browser: browser.id,
  answer: null,
  ...given,
});
const refused = (kind: ErrorKind) => (error: unknown) =>
  error instanceof PageError && error.kind === kind;

test("a request in progress comes back as it went", () => {
  const pending = pendingWith({
    answer: { sub: "ada", scope: ["openid"], declined: [], resources: [] },
  });
  assert.deepEqual(openPending(sealPending(pending, ctx), { browser, ctx }), pending);
});

test("S4: it belongs to the browser that began it, and to no other", () => {
  const sealed = sealPending(pendingWith(), ctx);
  const other = { ...browser, id: "x".repeat(22) };
  for (const unbound of [false, true])
    assert.throws(() => openPending(sealed, { browser: other, ctx, unbound }), refused("browser"));
});

test("one that no browser has come with yet begins at one place only", () => {
  const sealed = sealPending(pendingWith({ browser: null }), ctx);
  assert.equal(openPending(sealed, { browser, ctx, unbound: true }).browser, null);
  assert.throws(() => openPending(sealed, { browser, ctx }), refused("browser"));
});

test("it expires", () => {
  const sealed = sealPending(pendingWith(), ctx);
  const { authorization_request } = ctx.settings.lifetimes;
  const at = (now: number) => openPending(sealed, { browser, ctx: { ...ctx, now } });
  assert.doesNotThrow(() => at(START + authorization_request - 1));
  assert.throws(() => at(START + authorization_request), refused("expired"));
});

test("what we did not seal for this end, or in this epoch, can't be read", () => {
  const sealed = sealPending(pendingWith(), ctx);
  const text = JSON.stringify(pendingWith());
  for (const wrong of [
    undefined,
    "",
    "x",
    `${sealed}x`,
    sealed.slice(1),
    text,
    Buffer.from(text).toString("base64url"),
    seal(text, "consent shown", ctx),
    seal(text, "authorization request", { ...ctx, epoch: 0 }),
  ])
    assert.throws(() => openPending(wrong, { browser, ctx }), refused("request"));
});

test("8 KB at most, judged when it arrives; what a person answers fits in any case", () => {
  const withState = (length: number) => {
    const pending = pendingWith();
    return { ...pending, request: { ...pending.request, state: "x".repeat(length) } };
  };
  let length = 4096;
  assert.doesNotThrow(() => checkSize(withState(length)));
  assert.throws(() => checkSize(withState(8192)), { error: "invalid_request" });
  while (length < 8192) {
    try {
      checkSize(withState(length + 1));
    } catch {
      break;
    }
    length += 1;
  }
  const largest = withState(length);
  assert.ok(sealPending(largest, ctx).length <= 8192);
  // Bytes, not characters
  const wide = { ...largest.request, state: "\u{1f511}".repeat(Math.ceil(length / 4) + 99) };
  assert.throws(() => checkSize({ ...largest, request: wide }), { error: "invalid_request" });
  const answer = { sub: "ada", scope: ["openid"], declined: [], resources: [] };
  const answered = { ...largest, answer };
  assert.deepEqual(openPending(sealPending(answered, ctx), { browser, ctx }), answered);
});

test("after signing in a person goes on with the request, or to a page of ours, and nowhere else", () => {
  const sealed = sealPending(pendingWith(), ctx);
  const return_to = (query: string) => readReturnTo(parseForm(query, 10), { browser, ctx });
  const going = return_to(`continue=${sealed}&to=/account`);
  assert.equal(going.on, `/authorize?continue=${sealed}`);
  assert.deepEqual(going.hidden, { continue: sealed });
  for (const [query, on, hidden] of [
    ["", "/account", {}],
    ["to=/account/apps", "/account/apps", { to: "/account/apps" }],
    ["to=/account/security", "/account/security", { to: "/account/security" }],
    ["to=https://evil.test", "/account", {}],
    ["to=//evil.test", "/account", {}],
    ["to=/account/../admin", "/account", {}],
    ["to=/account/apps%0d%0ax:y", "/account", {}],
    ["to=javascript:alert(1)", "/account", {}],
  ] as const)
    assert.deepEqual(return_to(query), { pending: null, hidden, on }, query);
  assert.throws(() => return_to("continue=x"), refused("request"));
});
