import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "../crypto/hash.ts";
import { checkSecret, makeSecret, withNewSecret } from "./client_secret.ts";

const NOW = 1_800_000_000;

test("a secret is 256 random bits with a scannable prefix, and only its hash is stored", () => {
  const made = Array.from({ length: 1000 }, () => makeSecret(NOW));
  for (const { secret, kept } of made) {
    assert.match(secret, /^vks_[\w-]{43}$/);
    assert.deepEqual(kept, { hash: sha256(secret), created_at: NOW, expires_at: null });
  }
  assert.equal(new Set(made.map(({ secret }) => secret)).size, made.length);
});

test("only a live secret is accepted", () => {
  const { secret, kept } = makeSecret(NOW);
  for (const [sent, secrets, expected] of [
    [secret, [kept], true],
    [secret, [makeSecret(NOW).kept, kept], true],
    [secret, [{ ...kept, expires_at: NOW + 1 }], true],
    [secret, [{ ...kept, expires_at: NOW }], false],
    [secret, [makeSecret(NOW).kept], false],
    [secret, [], false],
    ["", [kept], false],
    ["", [], false],
    [" ", [kept], false],
    [`${secret} `, [kept], false],
    [secret.slice(0, -1), [kept], false],
    [secret.toUpperCase(), [kept], false],
    [kept.hash, [kept], false],
    ["", [{ ...kept, hash: "" }], false],
  ] as const)
    assert.equal(checkSecret(sent, secrets, NOW), expected, sent);
});

test("a new secret and the previous one are valid together for a while; at most two are live", () => {
  const first = makeSecret(NOW);
  const second = withNewSecret([first.kept], { now: NOW + 10, overlap: 100 });
  assert.equal(checkSecret(first.secret, second.secrets, NOW + 109), true);
  assert.equal(checkSecret(first.secret, second.secrets, NOW + 110), false);
  assert.equal(checkSecret(second.secret, second.secrets, NOW + 9_999_999), true);

  const third = withNewSecret(second.secrets, { now: NOW + 20, overlap: 100 });
  assert.equal(third.secrets.length, 2);
  assert.equal(checkSecret(first.secret, third.secrets, NOW + 20), false);
  assert.equal(checkSecret(second.secret, third.secrets, NOW + 119), true);
  assert.equal(checkSecret(third.secret, third.secrets, NOW + 20), true);
});

test("rotating again does not extend the previous secret", () => {
  const first = makeSecret(NOW);
  const ending = [{ ...first.kept, expires_at: NOW + 5 }];
  const { secrets } = withNewSecret(ending, { now: NOW, overlap: 100 });
  assert.equal(checkSecret(first.secret, secrets, NOW + 5), false);
});

test("without overlap the old secret ends at once", () => {
  const first = makeSecret(NOW);
  const { secret, secrets } = withNewSecret([first.kept], { now: NOW, overlap: 0 });
  assert.equal(secrets.length, 1);
  assert.equal(checkSecret(first.secret, secrets, NOW), false);
  assert.equal(checkSecret(secret, secrets, NOW), true);
});
