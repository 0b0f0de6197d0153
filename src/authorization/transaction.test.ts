import assert from "node:assert/strict";
import { after, test } from "node:test";
import fc from "fast-check";
import { contextOf, START, testServer } from "../../test/support/server.ts";
import type { Context } from "../context.ts";
import { seal } from "../crypto/seal.ts";
import { PageError } from "../http/page.ts";
import { NO_NAMED_CLAIMS } from "../oauth/claims_request.ts";
import { OAuthError } from "../oauth/errors.ts";
import type { ErrorKind } from "../pages/error.ts";
import {
  beginTransaction,
  carry,
  forAccount,
  openTransaction,
  type Transaction,
} from "./transaction.ts";

const server = await testServer();
after(() => server.close());
const ctx: Context = contextOf(server);
const browser = { id: "b".repeat(22), headers: [] };
const { issuer } = ctx;
const OPENID = `${issuer} openid`;
const begun = { ui_locales: [], hinted_sub: null, browser: browser.id };
const redirected = (state: string): Transaction["from"] => ({
  kind: "redirect",
  redirect_uri: "https://rp.test/cb",
  response_type: "code",
  redirect_uri_sent: true,
  response_mode: "query",
  state,
  code_challenge: "x",
  nonce: null,
});
const asked: Transaction["asked"] = {
  client_id: "c",
  permissions: [OPENID],
  left_out: [],
  prompt: [],
  max_age: null,
  login_hint: null,
  claims: NO_NAMED_CLAIMS,
  required_level: null,
  wished_levels: [],
};
const begin = (state = "\u00e4 \u{1f511}\r\n") =>
  beginTransaction({ ...begun, asked, from: redirected(state) }, ctx);
const txWith = (given: Partial<Transaction> = {}): Transaction => ({ ...begin(), ...given });
const answer = { sub: "ada", client: null, agreed: [OPENID], refused: [] };
const refused = (kind: ErrorKind) => (error: unknown) =>
  error instanceof PageError && error.kind === kind;

test("a pending request reads back as it was sealed", () => {
  const tx = txWith({ sub: "ada", answer });
  assert.deepEqual(openTransaction(carry(tx, ctx), { browser, ctx }), tx);
});

test("S4: a pending request is valid in the browser that began it only", () => {
  const sealed = carry(txWith(), ctx);
  const other = { ...browser, id: "x".repeat(22) };
  for (const unbound of [false, true])
    assert.throws(
      () => openTransaction(sealed, { browser: other, ctx, unbound }),
      refused("browser"),
    );
});

test("a request that no browser has begun is accepted at the authorization endpoint only", () => {
  const sealed = carry(txWith({ browser: null }), ctx);
  assert.equal(openTransaction(sealed, { browser, ctx, unbound: true }).browser, null);
  assert.throws(() => openTransaction(sealed, { browser, ctx }), refused("browser"));
});

test("a pending request expires", () => {
  const sealed = carry(txWith(), ctx);
  const { authorization_request } = ctx.settings.lifetimes;
  const at = (now: number) => openTransaction(sealed, { browser, ctx: { ...ctx, now } });
  assert.doesNotThrow(() => at(START + authorization_request - 1));
  assert.throws(() => at(START + authorization_request), refused("expired"));
});

test("a value sealed for another purpose or in another epoch is refused", () => {
  const sealed = carry(txWith(), ctx);
  const text = JSON.stringify(txWith());
  assert.throws(() => openTransaction(undefined, { browser, ctx }), refused("not_found"));
  for (const wrong of [
    "",
    "x",
    `${sealed}x`,
    sealed.slice(1),
    text,
    Buffer.from(text).toString("base64url"),
    seal(text, "consent shown", ctx),
    seal(text, "authorization request", { ...ctx, epoch: 0 }),
  ])
    assert.throws(() => openTransaction(wrong, { browser, ctx }), refused("expired"));
});

test("choosing another account begins a new transaction without earlier answers", () => {
  const begun = begin();
  const ada = forAccount(begun, "ada", ctx);
  assert.deepEqual(ada, { ...begun, account_sub: "ada", sub: "ada" });
  assert.equal(forAccount({ ...ada, answer }, "ada", ctx).answer, answer);
  const bob = forAccount({ ...ada, answer }, "bob", ctx);
  assert.notEqual(bob.id, ada.id);
  assert.equal(bob.request_id, ada.request_id);
  assert.deepEqual([bob.sub, bob.answer], ["bob", null]);
});

test("a request of 8 KB at most is accepted at its start; the person's answer always fits", () => {
  assert.doesNotThrow(() => begin("x".repeat(4096)));
  assert.throws(() => begin("x".repeat(8192)), { error: "invalid_request" });
  let [fits, large] = [4096, 8192];
  while (large - fits > 1) {
    const middle = Math.floor((fits + large) / 2);
    try {
      begin("x".repeat(middle));
      fits = middle;
    } catch {
      large = middle;
    }
  }
  const largest = begin("x".repeat(fits));
  assert.ok(carry(largest, ctx).length <= 8192);
  // Bytes, not characters
  assert.throws(() => begin("\u{1f511}".repeat(Math.ceil(fits / 4) + 1)), {
    error: "invalid_request",
  });
  const answered = { ...largest, sub: "ada", answer };
  assert.deepEqual(openTransaction(carry(answered, ctx), { browser, ctx }), answered);
});

test("a request is refused when its JSON is larger than an address may hold, and only then", () => {
  const text = fc.oneof(
    fc.string({ maxLength: 900 }),
    // The characters that take most in JSON.
    fc.nat(900).map((length) => "\u0000".repeat(length)),
    fc.nat(900).map((length) => "\u{1f511}".repeat(length)),
  );
  const list = fc.array(fc.string({ maxLength: 60 }), { maxLength: 60 });
  fc.assert(
    fc.property(text, list, list, (state, permissions, left_out) => {
      const given = {
        ...begun,
        asked: { ...asked, permissions, left_out },
        from: redirected(state),
      };
      let tx: Transaction | null = null;
      try {
        tx = beginTransaction(given, ctx);
      } catch (error) {
        assert.ok(error instanceof OAuthError);
      }
      if (tx) assert.ok(Buffer.byteLength(JSON.stringify(tx)) <= 6100);
      else {
        const { asked, from } = given;
        assert.ok(Buffer.byteLength(JSON.stringify({ ...begun, asked, from })) > 5500);
      }
    }),
  );
});
