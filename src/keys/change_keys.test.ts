import assert from "node:assert/strict";
import { test } from "node:test";
import { OPERATOR, operationTest } from "../../test/support/operation.ts";
import { serverSecrets } from "../crypto/server_secret.ts";
import { signingKeyAt } from "../crypto/signing_key.ts";
import { type KeyEnv, retireKey, rotateKeys } from "./change_keys.ts";
import { KeysSealed } from "./keyring.ts";

const secrets = serverSecrets("A".repeat(43));
const ES256 = { algs: ["ES256"], at_once: true } as const;

async function setup() {
  const set = await operationTest();
  const env: KeyEnv = { ...set.env, secrets };
  const signing = async () => {
    const now = Math.floor(env.clock() / 1000);
    return signingKeyAt(await set.store.listSigningKeys(), "ES256", now)?.kid;
  };
  return { set, env, signing };
}

test("a key made with --now signs at once, another one after ten minutes", async () => {
  const { set, env, signing } = await setup();
  await using _ = set;
  const [first] = await rotateKeys(ES256, OPERATOR, env);
  const [second] = await rotateKeys(ES256, OPERATOR, env);
  assert.ok(first && second);
  set.advance(1);
  assert.equal(await signing(), second.kid);
  const [ahead] = await rotateKeys({ ...ES256, at_once: false }, OPERATOR, env);
  assert.ok(ahead);
  assert.equal(ahead.signs_at, ahead.created_at + 600);
  assert.deepEqual(
    await rotateKeys({ ...ES256, at_once: false }, OPERATOR, env),
    [],
    "a new key is already pending",
  );
  assert.equal(await signing(), second.kid);
  set.advance(600);
  assert.equal(await signing(), ahead.kid);
  const told = await set.events();
  assert.deepEqual(
    told.map((each) => "details" in each && each.details),
    [first, second, ahead].map(({ kid, alg, signs_at }) => ({ kid, alg, signs_at })),
  );
});

test("a key is retired once, and a signing key gets a successor first", async () => {
  const { set, env, signing } = await setup();
  await using _ = set;
  const [first] = await rotateKeys(ES256, OPERATOR, env);
  set.advance(10);
  const outcome = await retireKey(first?.kid ?? "", OPERATOR, env);
  assert.ok(typeof outcome === "object" && outcome.replacement);
  assert.equal(await signing(), outcome.replacement.kid);
  assert.equal(await retireKey(first?.kid ?? "", OPERATOR, env), "was_retired");
  assert.equal(await retireKey("nobody", OPERATOR, env), "unknown");
  assert.deepEqual(
    (await set.events()).map((each) => "event" in each && each.event),
    ["signing_key_added", "signing_key_added", "signing_key_retired"],
  );
});

test("with a different secret no key is made, since the server could not open it", async () => {
  const { set, env } = await setup();
  await using _ = set;
  const [first] = await rotateKeys(ES256, OPERATOR, env);
  const other: KeyEnv = { ...env, secrets: serverSecrets("B".repeat(43)) };
  await assert.rejects(rotateKeys(ES256, OPERATOR, other), KeysSealed);
  await assert.rejects(retireKey(first?.kid ?? "", OPERATOR, other), KeysSealed);
  assert.equal((await set.events()).length, 1);
});
