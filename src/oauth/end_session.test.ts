import assert from "node:assert/strict";
import { test } from "node:test";
import { endSessionStep, mayLeadBack, parseEndSession, postLogoutUrl } from "./end_session.ts";
import { parseForm } from "./params.ts";

test("only a genuine hint of a session in this browser ends it without a question", () => {
  const rows = [
    ["genuine", true, true, "end"],
    ["genuine", false, true, "ask"],
    ["genuine", false, false, "nobody"],
    ["wrong", false, true, "ask"],
    ["wrong", true, true, "ask"],
    ["wrong", false, false, "nobody"],
    ["absent", false, true, "ask"],
    ["absent", true, true, "ask"],
    ["absent", false, false, "nobody"],
  ] as const;
  for (const [hint, session, anybody, step] of rows)
    assert.equal(endSessionStep(hint, { session, anybody }), step, `${hint} ${session} ${anybody}`);
});

test("a wrong hint never leads back; without a hint only an operator's or a used app does", () => {
  for (const by_operator of [true, false])
    for (const used of [true, false]) {
      assert.equal(mayLeadBack("genuine", { by_operator, used }), true);
      assert.equal(mayLeadBack("wrong", { by_operator, used }), false);
      assert.equal(mayLeadBack("absent", { by_operator, used }), by_operator || used);
    }
});

test("only state is added to the address, and comes back as it was", () => {
  const state = "aZ09-._~ &=?#+%ü".repeat(3);
  for (const uri of [
    "https://a.test/bye",
    "https://a.test/bye?x=1",
    "https://a.test/bye?",
    "https://a.test/bye?x=1&",
    "com.example.app:/bye",
  ]) {
    assert.equal(postLogoutUrl(uri, null), uri);
    const url = new URL(postLogoutUrl(uri, state));
    assert.ok(url.href.startsWith(uri));
    assert.equal(url.searchParams.get("state"), state);
    const expected = uri.includes("x=1") ? ["x", "state"] : ["state"];
    assert.deepEqual([...url.searchParams.keys()], expected);
  }
});

test("parameters that are too long are refused; empty ones are absent", () => {
  const parse = (fields: Record<string, string>) =>
    parseEndSession(parseForm(new URLSearchParams(fields).toString(), 100));
  assert.deepEqual(new Set(Object.values(parse({ state: "" }))), new Set([null]));
  for (const [name, longest] of [
    ["id_token_hint", 8192],
    ["logout_hint", 256],
    ["client_id", 2000],
    ["post_logout_redirect_uri", 2000],
    ["state", 4096],
  ] as const) {
    const error = { error: "invalid_request", parameter: name };
    assert.throws(() => parse({ [name]: "x".repeat(longest + 1) }), error);
    assert.equal(parse({ [name]: "x".repeat(longest) })[name]?.length, longest);
  }
});
