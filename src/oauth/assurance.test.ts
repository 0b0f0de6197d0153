import assert from "node:assert/strict";
import { test } from "node:test";
import {
  allowsChange,
  isAtLeast,
  type Level,
  levelsNamed,
  type Proof,
  type ProofKind,
  type Proofs,
  reachable,
  reached,
  stronger,
  weakestOf,
  withProof,
} from "./assurance.ts";

const proof = (kind: ProofKind, at: number, given: Partial<Proof> = {}): Proof => ({
  kind,
  at,
  ...given,
});
const trusted = { provider: "work", amr: ["pwd", "mfa"] };

test("each combination of proofs gives its acr, amr and auth_time", () => {
  for (const [first, second, level, amr, auth_time] of [
    [proof("pwd", 100), undefined, "single", "pwd", 100],
    [proof("email", 100), undefined, "single", "email", 100],
    [proof("upstream", 100, { provider: "work" }), undefined, "single", "fed", 100],
    [proof("passkey", 100), undefined, "phishing_resistant", "pop user mfa", 100],
    [proof("pwd", 100), proof("totp", 200), "multi", "pwd otp mfa", 100],
    [proof("pwd", 200), proof("totp", 100), "multi", "pwd otp mfa", 100],
    [proof("upstream", 100), proof("totp", 200), "multi", "fed otp mfa", 100],
    [proof("upstream", 100, trusted), undefined, "multi", "fed mfa", 100],
    [proof("upstream", 100, { amr: ["pwd"] }), undefined, "single", "fed", 100],
    [proof("email", 100), proof("totp", 200), "single", "email otp", 100],
    [proof("email", 200), proof("totp", 100), "single", "email otp", 200],
    [proof("pwd", 100), proof("recovery", 200), "single", "pwd recovery", 100],
    [proof("pwd", 200), proof("recovery", 100), "single", "pwd recovery", 200],
    [proof("email", 100), proof("recovery", 200), "single", "email recovery", 100],
    [proof("upstream", 100, trusted), proof("recovery", 200), "single", "fed recovery", 100],
    [proof("passkey", 100), proof("recovery", 200), "single", "pop user recovery", 100],
  ] as const) {
    const found = reached(second ? [first, second] : [first]);
    const name = `${first.kind} ${second?.kind ?? ""}`;
    assert.deepEqual(found, { level, amr: amr.split(" "), auth_time }, name);
  }
});

test("a first factor starts anew; a second one is added or replaces the second", () => {
  const [pwd, later, totp, recovery] = [
    proof("pwd", 100),
    proof("passkey", 400),
    proof("totp", 200),
    proof("recovery", 300),
  ];
  assert.deepEqual(withProof(null, pwd), [pwd]);
  assert.deepEqual(withProof([pwd], totp), [pwd, totp]);
  assert.deepEqual(withProof([pwd, recovery], totp), [pwd, totp]);
  assert.deepEqual(withProof([pwd, totp], recovery), [pwd, recovery]);
  assert.deepEqual(withProof([pwd, totp], later), [later]);
});

test("a second factor alone does not sign in", () => {
  for (const kind of ["totp", "recovery"] as const)
    assert.throws(() => withProof(null, proof(kind, 100)), /nothing without a first factor/);
});

test("the reachable levels follow from the proofs that the server asks for", () => {
  for (const [kinds, levels] of [
    [[], []],
    [["totp", "recovery"], []],
    [["pwd"], ["single"]],
    [["pwd", "recovery"], ["single"]],
    [["email", "totp"], ["single"]],
    [
      ["pwd", "totp"],
      ["single", "multi"],
    ],
    [["passkey"], ["phishing_resistant"]],
    [
      ["passkey", "pwd", "totp", "recovery"],
      ["single", "multi", "phishing_resistant"],
    ],
  ] as const)
    assert.deepEqual(reachable(kinds), levels, kinds.join(" "));
});

test("of two demands the stronger one counts, and an unknown level is met by nothing", () => {
  for (const [one, other, expected] of [
    [null, null, null],
    [null, "single", "single"],
    ["multi", "single", "multi"],
    ["multi", "phishing_resistant", "phishing_resistant"],
    ["unknown", "single", "unknown"],
    [null, "unknown", "unknown"],
  ] as const) {
    assert.equal(stronger(one, other), expected);
    assert.equal(stronger(other, one), expected);
  }
});

test("values of acr mean the weakest level that they name", () => {
  const names = { single: "urn:one", multi: "urn:two", phishing_resistant: "phr" };
  assert.equal(weakestOf(["phr", "urn:two"], names), "multi");
  assert.equal(weakestOf(["urn:three", "phr"], names), "phishing_resistant");
  for (const values of [[], ["multi"], ["urn:three"]])
    assert.equal(weakestOf(values, names), "unknown");
  assert.ok(isAtLeast("multi", "single") && isAtLeast("multi", "multi"));
  assert.ok(!isAtLeast("multi", "phishing_resistant"));
});

test("a change needs a fresh proof at the highest level; a recovery code stands for a lost factor", () => {
  const at = (kind: ProofKind, ago: number) => ({ kind, at: 1000 - ago });
  const times = { now: 1000, life: 600 };
  for (const [proofs, highest, expected] of [
    [[at("pwd", 10)], "single", true],
    [[at("pwd", 600)], "single", false],
    [[at("pwd", 10)], "multi", false],
    [[at("pwd", 9000), at("totp", 10)], "multi", true],
    [[at("pwd", 9000), at("totp", 700)], "multi", false],
    [[at("pwd", 9000), at("totp", 10)], "phishing_resistant", false],
    [[at("passkey", 10)], "phishing_resistant", true],
    [[at("email", 10), at("totp", 10)], "multi", false],
    [[at("pwd", 10), at("recovery", 5)], "phishing_resistant", true],
    [[at("pwd", 700), at("recovery", 5)], "multi", false],
    [[at("pwd", 10), at("recovery", 700)], "multi", false],
  ] as [Proofs, Level, boolean][])
    assert.equal(allowsChange(proofs, highest, times), expected, JSON.stringify([proofs, highest]));
});

test("levels are named in the order of the values; unknown names are passed over", () => {
  const names = { single: "urn:one", multi: "urn:two", phishing_resistant: "phr" };
  assert.deepEqual(levelsNamed(["phr", "gold", "urn:one"], names), [
    "phishing_resistant",
    "single",
  ]);
});
