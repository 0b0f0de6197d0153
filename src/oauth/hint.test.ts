import assert from "node:assert/strict";
import { test } from "node:test";
import { commandHint, scopeHint, updateHint } from "./hint.ts";

const HOSTILE = [
  "$(id)",
  "`id`",
  "a;b",
  "a b",
  "a&b",
  "a|b",
  'a"b',
  "a'b",
  "a\\b",
  "a\nb",
  "-x",
  "*",
  "",
];

test("a hint holds no text that a shell would read as something else", () => {
  assert.equal(updateHint("c-1.a_b", "--native").hint, "valetkey client update c-1.a_b --native");
  for (const id of HOSTILE)
    assert.equal(commandHint("client enable", id).hint, "valetkey client enable ID", id);
});

test("the scopes of a hint are those of the client and the missing ones, if a shell takes them as words", () => {
  const client = { client_id: "c", allowed_scope: ["openid"], allowed_resources: null };
  const registered_scope = ["openid", ...HOSTILE];
  const { hint = "" } = scopeHint(["a:b"], ["a:b"], { ...client, registered_scope });
  assert.equal(hint, `valetkey client update c --scope "openid ${"… ".repeat(HOSTILE.length)}a:b"`);
});
