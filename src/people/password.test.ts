import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { hash } from "@node-rs/argon2";
import { hashPassword, NOBODYS_HASH, refusePassword, TooBusy, verifyPassword } from "./password.ts";

/** Cheap to check, so that a full queue is empty again soon. */
const cheap = await hash("a cheap password", { memoryCost: 8, timeCost: 1, parallelism: 1 });
const AT_ONCE = Math.max(1, availableParallelism() - 1);
const WAITING = 100;

// Runs first, before this process has made the dummy hash for unknown accounts.
test("a full queue refuses more, loses nothing, and empties afterwards", async () => {
  const full = AT_ONCE + WAITING;
  const tries = Array.from({ length: full + 50 }, (_, i) =>
    verifyPassword(cheap, i % 2 === 0 ? "a cheap password" : "another"),
  );
  const unknown = verifyPassword(null, "a cheap password");
  const outcomes = await Promise.allSettled([...tries, unknown]);
  for (const [i, outcome] of outcomes.entries())
    if (i < full) assert.deepEqual(outcome, { status: "fulfilled", value: i % 2 === 0 });
    else if (i < tries.length)
      assert.ok(outcome.status === "rejected" && outcome.reason instanceof TooBusy);
  // The check for the unknown account has ended, with any outcome.
  assert.equal(await verifyPassword(null, "a cheap password"), false);
  assert.equal(await verifyPassword(cheap, "a cheap password"), true);
});

test("a failing check passes its turn to the next", async () => {
  const outcomes = await Promise.allSettled([
    verifyPassword("no hash at all", "x"),
    verifyPassword(cheap, "a cheap password"),
    verifyPassword("$argon2id$v=19$m=8,t=1,p=1$", "x"),
    verifyPassword(cheap, "a cheap password"),
  ]);
  const states = outcomes.map(({ status }) => status);
  assert.deepEqual(states, ["rejected", "fulfilled", "rejected", "fulfilled"]);
});

test("a password is hashed with Argon2id at OWASP's cost and with its own salt", async () => {
  const [one, two] = await Promise.all([
    hashPassword("correct horse"),
    hashPassword("correct horse"),
  ]);
  assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  assert.notEqual(one, two);
  assert.equal(await verifyPassword(one, "correct horse"), true);
});

test("no part of a password is cut off or ignored", async () => {
  const long = "x".repeat(72);
  for (const [password, others] of [
    [`${long}1`, [long, `${long}2`]],
    ["a\0bcdefghij", ["a", "a\0", "a\0bcdefghik"]],
    ["Pass Phrase 1", ["pass phrase 1", "Pass Phrase 1 ", "PassPhrase1"]],
    ["", [" "]],
    ["\u{1f511}".repeat(500), ["\u{1f511}".repeat(499)]],
  ] as const) {
    const phc = await hashPassword(password);
    assert.equal(await verifyPassword(phc, password), true);
    for (const other of others) assert.equal(await verifyPassword(phc, other), false);
  }
});

test("composed and decomposed letters are the same password", async () => {
  const phc = await hashPassword("Ång\u0301strøm 42");
  assert.equal(await verifyPassword(phc, "A\u030ang\u0301strøm 42".normalize("NFD")), true);
});

test("a password of nobody costs as much as one of an account", async () => {
  const cost = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/;
  assert.match(await hashPassword("correct horse"), cost);
  assert.match(NOBODYS_HASH, cost);
});

test("the dummy password of unknown accounts is never correct", async () => {
  assert.equal(await verifyPassword(null, "nobody has this password"), false);
});

test("a queue full of strangers holds up nobody who signed in from their browser before", async () => {
  const phc = await hashPassword("correct horse");
  let done = 0;
  const flood = Array.from({ length: 300 }, () =>
    verifyPassword(null, "guess").then(
      () => {
        done += 1;
      },
      () => {},
    ),
  );
  await new Promise(setImmediate);
  await assert.rejects(verifyPassword(null, "one more"), TooBusy);
  assert.equal(await verifyPassword(phc, "correct horse", { is_known: true }), true);
  assert.ok(done < 20, `${done} strangers came first`);
  await Promise.all(flood);
  assert.ok(done >= 100);
});

test("a password must be long enough, not too long, and not a common one", () => {
  for (const [password, expected] of [
    ["", "too_short"],
    ["123456789", "too_short"],
    ["\u{1f511}".repeat(9), "too_short"],
    ["\u{1f511}".repeat(10), null],
    ["password123", "common"],
    ["qwertyuiop", "common"],
    ["1234567890", "common"],
    ["correct horse battery", null],
    ["tenletters", null],
    ["aB3$xyz-0q", null],
    [`${"long ".repeat(204)}pass`, null],
    [`${"long ".repeat(204)}passw`, "too_long"],
    ["p\u00e4sswo\u0308rt 99", null],
  ] as const)
    assert.equal(refusePassword(password, 1024), expected, password);
});
