import assert from "node:assert/strict";
import { test } from "node:test";
import { randomText } from "../crypto/hash.ts";
import { serverSecrets } from "../crypto/server_secret.ts";
import { PUBLISHED_BEFORE_SIGNING, ROTATION_PERIOD, signingKeyAt } from "../crypto/signing_key.ts";
import { CONFORMANCE_LIFETIMES } from "../store/conformance/conformance.ts";
import { sqlStore } from "../store/sql/store.ts";
import { sqliteDriver } from "../store/sqlite/driver.ts";
import type { Store } from "../store/store.ts";
import { addKey, firstKeys, KeysSealed, keepSigningKeys, keyring } from "./keyring.ts";

const NOW = 1_800_000_000;
const secret = randomText(32);
const secrets = serverSecrets(secret);

async function withStore(run: (store: Store) => Promise<void>): Promise<void> {
  const store = sqlStore(sqliteDriver(":memory:"), CONFORMANCE_LIFETIMES);
  await store.migrate();
  try {
    await run(store);
  } finally {
    await store.close();
  }
}
const times = async (store: Store, alg = "ES256") =>
  (await store.listSigningKeys()).filter((key) => key.alg === alg).map(({ signs_at }) => signs_at);

test("the first keys sign at once, one per algorithm, however many nodes start", () =>
  withStore(async (store) => {
    await Promise.all(Array.from({ length: 4 }, () => keepSigningKeys(store, secrets, NOW)));
    assert.deepEqual(await times(store), [NOW]);
    assert.deepEqual(await times(store, "RS256"), [NOW]);
    await keepSigningKeys(store, secrets, NOW + 1);
    assert.equal((await store.listSigningKeys()).length, 2);
  }));

test("keys of the other algorithms are made when they are first needed, once, and replaced by schedule then", () =>
  withStore(async (store) => {
    const clock = () => NOW * 1000;
    const nodes = [1, 2].map(() => firstKeys({ store, secrets, clock }));
    const needed = ["PS256", "EdDSA", "ES256"] as const;
    await Promise.all(nodes.flatMap((add) => [add(needed), add(needed), add(["EdDSA"])]));
    for (const alg of needed) assert.deepEqual(await times(store, alg), [NOW]);
    assert.deepEqual(await times(store, "RS256"), []);
    await keepSigningKeys(store, secrets, NOW + ROTATION_PERIOD);
    const next = NOW + ROTATION_PERIOD + PUBLISHED_BEFORE_SIGNING;
    assert.deepEqual(await times(store, "EdDSA"), [next, NOW]);
    const other = firstKeys({ store, secrets: serverSecrets(randomText(32)), clock });
    await other(needed);
    for (const { kid, alg } of await store.listSigningKeys())
      if (alg === "EdDSA") await store.retireSigningKey(kid, NOW);
    await Promise.all(nodes.map((add) => add(["EdDSA"])));
    const live = (await store.listSigningKeys()).filter(
      ({ alg, retired_at }) => alg === "EdDSA" && retired_at === null,
    );
    assert.equal(live.length, 1);
  }));

test("the schedule makes the next key in time, once, and publishes it before it signs", () =>
  withStore(async (store) => {
    await keepSigningKeys(store, secrets, NOW);
    const due = NOW + ROTATION_PERIOD;
    await keepSigningKeys(store, secrets, due - 1);
    assert.equal((await times(store)).length, 1);
    for (const now of [due, due, due + 1, due + 599, due + 600, due + 10_000])
      await keepSigningKeys(store, secrets, now);
    assert.deepEqual(await times(store), [due + PUBLISHED_BEFORE_SIGNING, NOW]);
    const keys = await keyring(store, secrets)();
    assert.equal(signingKeyAt(keys, "ES256", due + 599)?.signs_at, NOW);
    assert.equal(signingKeyAt(keys, "ES256", due + 600)?.signs_at, due + 600);
  }));

test("when the only key is withdrawn, another one signs at once", () =>
  withStore(async (store) => {
    await keepSigningKeys(store, secrets, NOW);
    for (const { kid, alg } of await store.listSigningKeys())
      if (alg === "ES256") await store.retireSigningKey(kid, NOW + 5);
    await keepSigningKeys(store, secrets, NOW + 5);
    const keys = await keyring(store, secrets)();
    assert.equal(signingKeyAt(keys, "ES256", NOW + 5)?.signs_at, NOW + 5);
    assert.deepEqual(await times(store, "RS256"), [NOW]);
  }));

test("keys under another secret are an error, not a reason to make new ones", () =>
  withStore(async (store) => {
    await keepSigningKeys(store, secrets, NOW);
    const other = randomText(32);
    await assert.rejects(keepSigningKeys(store, serverSecrets(other), NOW + 1), KeysSealed);
    assert.equal((await store.listSigningKeys()).length, 2);
    assert.deepEqual(await keyring(store, serverSecrets(other))(), []);
    await keepSigningKeys(store, serverSecrets(other, { previous: [secret] }), NOW + 1);
    assert.equal((await store.listSigningKeys()).length, 2);
  }));

test("a key is opened once, and a withdrawn one is no longer in use", () =>
  withStore(async (store) => {
    await keepSigningKeys(store, secrets, NOW);
    let records = await store.listSigningKeys();
    const keys = keyring({ ...store, listSigningKeys: async () => records }, secrets);
    const [first, ...rest] = await keys();
    assert.ok(first && rest.length === 1);
    assert.equal((await keys())[0], first);
    await store.retireSigningKey(first.kid, NOW);
    records = await store.listSigningKeys();
    assert.deepEqual(
      (await keys()).map(({ kid }) => kid),
      rest.map(({ kid }) => kid),
    );
  }));

test("two concurrent rotations make one key", () =>
  withStore(async (store) => {
    await keepSigningKeys(store, secrets, NOW);
    const times_ = { alg: "ES256" as const, now: NOW + 1000, signs_at: NOW + 1600 };
    const made = await Promise.all([1, 2, 3].map(() => addKey(store, secrets, times_)));
    assert.equal(made.filter(Boolean).length, 1);
  }));
