import assert from "node:assert/strict";
import { test } from "node:test";
import { randomText } from "../crypto/hash.ts";
import { secretIdOf } from "../crypto/seal.ts";
import { serverSecrets } from "../crypto/server_secret.ts";
import { CONFORMANCE_LIFETIMES } from "../store/conformance/conformance.ts";
import { sqlStore } from "../store/sql/store.ts";
import { sqliteDriver } from "../store/sqlite/driver.ts";
import type { Store } from "../store/store.ts";
import { KeysSealed } from "./keyring.ts";
import { sealSaltAnew, subjectSalt } from "./subject_salt.ts";

const [OLD, NEW] = [randomText(32), randomText(32)] as const;
const HOUSE = { keeps_house: true };

async function withStore(run: (store: Store) => Promise<void>): Promise<void> {
  const store = sqlStore(sqliteDriver(":memory:"), CONFORMANCE_LIFETIMES);
  await store.migrate();
  try {
    await run(store);
  } finally {
    await store.close();
  }
}

async function loaded(store: Store, secrets: ReturnType<typeof serverSecrets>): Promise<Buffer> {
  const salt = subjectSalt(store, secrets);
  await salt.load(HOUSE);
  return salt.value();
}

test("nodes that start together agree on one random salt, which a restart keeps", () =>
  withStore(async (store) => {
    const secrets = serverSecrets(OLD);
    const salts = await Promise.all([1, 2, 3, 4].map(() => loaded(store, secrets)));
    assert.equal(new Set(salts.map((salt) => salt.toString("hex"))).size, 1);
    assert.equal(salts[0]?.length, 32);
    assert.deepEqual(await loaded(store, secrets), salts[0]);
    await withStore(async (other) => {
      assert.notDeepEqual(await loaded(other, secrets), salts[0], "each database has its own");
    });
  }));

test("after a change of the secret the same salt is sealed under the new one, also after a leak", () =>
  withStore(async (store) => {
    const salt = await loaded(store, serverSecrets(OLD));
    const changed = serverSecrets(NEW, { previous: [OLD] });
    assert.deepEqual(await loaded(store, changed), salt);
    const sealed = (await store.findSubjectSalt()) ?? "";
    assert.equal(secretIdOf(sealed), changed.current.secret_id);
    assert.deepEqual(await loaded(store, serverSecrets(NEW)), salt, "the old secret is not needed");
    const back = serverSecrets(OLD, { leaked: [NEW] });
    assert.equal(await sealSaltAnew(store, back), true);
    assert.equal(await sealSaltAnew(store, back), false);
    assert.deepEqual(await loaded(store, serverSecrets(OLD)), salt);
  }));

test("a salt under an unknown secret is an error, not a reason to make another one", () =>
  withStore(async (store) => {
    await loaded(store, serverSecrets(OLD));
    const sealed = await store.findSubjectSalt();
    await assert.rejects(loaded(store, serverSecrets(NEW)), KeysSealed);
    assert.equal(await store.findSubjectSalt(), sealed);
    await store.storeSubjectSalt("altered", sealed);
    await assert.rejects(loaded(store, serverSecrets(OLD)), KeysSealed);
  }));

test("a process that does not keep house only reads; before the salt is loaded there is none", () =>
  withStore(async (store) => {
    const secrets = serverSecrets(OLD);
    const worker = subjectSalt(store, secrets);
    await worker.load({ keeps_house: false });
    assert.equal(await store.findSubjectSalt(), null);
    assert.throws(worker.value, /not loaded/);
    const salt = await loaded(store, secrets);
    const later = subjectSalt(store, serverSecrets(NEW, { previous: [OLD] }));
    await later.load({ keeps_house: false });
    assert.deepEqual(later.value(), salt);
    assert.equal(secretIdOf((await store.findSubjectSalt()) ?? ""), secrets.current.secret_id);
  }));
