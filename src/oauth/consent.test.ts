import assert from "node:assert/strict";
import { test } from "node:test";
import { mergeConsent } from "./consent.ts";
import type { Consent } from "./next_step.ts";

const consent = (agreed: string[], refused: string[] = [], waived: string[] = []): Consent => ({
  agreed,
  refused,
  waived,
});

test("the newest answer takes precedence, and permissions it does not name stay", () => {
  const before = consent(["a", "b"], ["c"], ["d"]);
  const merged = mergeConsent(before, { agreed: ["c", "d"], refused: ["b"] }, "answered");
  assert.deepEqual(merged, {
    consent: consent(["a", "c", "d"], ["b"]),
    changed: true,
    narrowed: true,
  });
});

test("only a permission that was agreed can be withdrawn", () => {
  for (const [before, refused, narrowed] of [
    [null, ["a"], false],
    [consent(["a"]), ["b"], false],
    [consent(["a"], ["b"]), ["b"], false],
    [consent(["a"]), ["a"], true],
    [consent([], [], ["a"]), ["a"], true],
  ] as [Consent | null, string[], boolean][])
    assert.equal(mergeConsent(before, { agreed: [], refused }, "answered").narrowed, narrowed);
});

test("a remembered answer changes nothing; the first consent is always written", () => {
  const before = consent(["a"], ["b"]);
  const silent = mergeConsent(before, { agreed: ["a"], refused: ["b"] }, "remembered");
  assert.deepEqual(silent, { consent: before, changed: false, narrowed: false });
  const again = mergeConsent(before, { agreed: ["a"], refused: [] }, "answered");
  assert.equal(again.changed, false);
  assert.equal(mergeConsent(null, { agreed: ["a"], refused: [] }, "waived").changed, true);
});

test("a waiver is kept apart from agreed permissions and withdraws none", () => {
  const merged = mergeConsent(consent(["a"], ["b"]), { agreed: ["a", "b"], refused: [] }, "waived");
  assert.deepEqual(merged.consent, consent(["a"], ["b"], ["b"]));
  assert.equal(merged.narrowed, false);
});
