import assert from "node:assert/strict";
import { test } from "node:test";
import type { Prompt } from "./authorization_request.ts";
import { type Selection, selectAccount } from "./select_account.ts";

const ada = { sub: "sub-ada", logins: ["ada", "ada@example.org"] };
const bob = { sub: "sub-bob", logins: ["bob"] };
const eve = { sub: "sub-eve", logins: ["eve", "BOB@example.org"] };

interface Given extends Partial<Omit<Selection, "asked">> {
  prompt?: Prompt[];
  login_hint?: string;
}
function told({ prompt = [], login_hint, ...given }: Given): string {
  const selected = selectAccount({
    asked: { prompt, login_hint: login_hint ?? null },
    hinted_sub: null,
    chosen_sub: null,
    accounts: [ada, bob, eve],
    last_sub: null,
    ...given,
  });
  return selected.account === "selected" ? selected.sub : selected.account;
}

test("a silent request takes the hinted, the only or the last answered account, else none", () => {
  const prompt: Prompt[] = ["none"];
  for (const [given, expected] of [
    [{}, "several"],
    [{ accounts: [] }, "none"],
    [{ accounts: [bob] }, bob.sub],
    [{ last_sub: bob.sub }, bob.sub],
    [{ last_sub: "sub-gone" }, "several"],
    [{ login_hint: "bob" }, bob.sub],
    [{ login_hint: "ADA@Example.org", last_sub: bob.sub }, ada.sub],
    [{ login_hint: "nobody", last_sub: bob.sub }, bob.sub],
    [{ login_hint: "nobody", accounts: [ada] }, ada.sub],
    [{ hinted_sub: eve.sub, login_hint: "bob", last_sub: ada.sub }, eve.sub],
    [{ hinted_sub: "sub-gone", login_hint: "bob", last_sub: ada.sub }, "none"],
  ] as [Given, string][])
    assert.equal(told({ prompt, ...given }), expected, JSON.stringify(given));
});

test("any other request asks which of several accounts, unless it names one", () => {
  for (const [given, expected] of [
    [{}, "several"],
    [{ last_sub: bob.sub }, "several"],
    [{ accounts: [ada] }, ada.sub],
    [{ accounts: [] }, "none"],
    [{ login_hint: "bob" }, bob.sub],
    [{ hinted_sub: bob.sub }, bob.sub],
    [{ hinted_sub: "sub-gone" }, "none"],
    [{ prompt: ["login"] }, "several"],
  ] as [Given, string][])
    assert.equal(told(given), expected, JSON.stringify(given));
});

test("prompt=select_account asks even about the only account, until one is chosen", () => {
  const prompt: Prompt[] = ["select_account"];
  assert.equal(told({ prompt, accounts: [ada] }), "several");
  assert.equal(told({ prompt, hinted_sub: ada.sub, login_hint: "ada" }), "several");
  assert.equal(told({ prompt, accounts: [] }), "none", "then they sign in");
  assert.equal(told({ prompt, chosen_sub: bob.sub }), bob.sub);
});

test("the chosen account stays the chosen one, and no other takes its place", () => {
  assert.equal(told({ chosen_sub: bob.sub, hinted_sub: ada.sub, login_hint: "eve" }), bob.sub);
  assert.equal(told({ chosen_sub: bob.sub, accounts: [ada] }), "several", "bob was signed out");
  assert.equal(told({ chosen_sub: bob.sub, accounts: [] }), "none");
});

test("a login_hint that several accounts match names none of them", () => {
  const twin = { sub: "sub-twin", logins: ["bob"] };
  assert.equal(told({ login_hint: "bob", accounts: [ada, bob, twin] }), "several");
});
