import assert from "node:assert/strict";
import { test } from "node:test";
import { randomText } from "../crypto/hash.ts";
import { serverSecrets } from "../crypto/server_secret.ts";
import { CONFORMANCE_LIFETIMES, START, sampleTotp } from "../store/conformance/samples.ts";
import type { TotpRecord } from "../store/factor_store.ts";
import { sqlStore } from "../store/sql/store.ts";
import { sqliteDriver } from "../store/sqlite/driver.ts";
import { newTotpSecret } from "./totp.ts";
import { openTotpSecret, resealAllTotps, resealTotps, sealTotpSecret } from "./totp_secret.ts";

const [OLD, NEW] = [randomText(32), randomText(32)];
const before = serverSecrets(OLD);
const after = serverSecrets(NEW, { previous: [OLD] });
const SECRET = newTotpSecret();

const sealedBy = (secrets: typeof before, given: Partial<TotpRecord> = {}): TotpRecord => {
  const totp = sampleTotp(given);
  return { ...totp, ...sealTotpSecret(SECRET, totp, secrets) };
};

async function storeWith(add_totps: readonly TotpRecord[]) {
  const store = sqlStore(sqliteDriver(":memory:"), CONFORMANCE_LIFETIMES);
  await store.migrate();
  await store.changeFactors({ sub: "ada", version: 0 }, { add_totps });
  return store;
}

test("a secret opens in its own row, and in no other", () => {
  const totp = sealedBy(before);
  assert.deepEqual(openTotpSecret(totp, before), SECRET);
  assert.ok(!totp.sealed_secret.includes(SECRET.toString("base64url")));
  for (const moved of [{ sub: "eve" }, { totp_id: "another" }])
    assert.equal(openTotpSecret({ ...totp, ...moved }, before), null);
  assert.equal(openTotpSecret(totp, serverSecrets(NEW)), null);
});

test("a secret that an earlier or a leaked secret sealed still opens", () => {
  const totp = sealedBy(before);
  assert.deepEqual(openTotpSecret(totp, after), SECRET);
  assert.deepEqual(openTotpSecret(totp, serverSecrets(NEW, { leaked: [OLD] })), SECRET);
});

const noted = async (store: Awaited<ReturnType<typeof storeWith>>, ...secrets: string[]) => {
  for (const [i, secret] of secrets.entries())
    await store.noteSecret(serverSecrets(secret).current.secret_id, START + i);
};

test("after a change all seals are made anew, and the earlier secret is no longer needed", async () => {
  const earlier = Array.from({ length: 5 }, () => sealedBy(before));
  const store = await storeWith([...earlier, sealedBy(after)]);
  await noted(store, OLD, NEW);
  const env = { store, secrets: after };
  const first = await resealTotps({ after: "", limit: 2 }, env);
  assert.equal(first.sealed, 2);
  assert.ok(first.next);
  assert.equal(await resealAllTotps(env), 3);
  assert.equal(await resealAllTotps(env), 0);
  for (const totp of (await store.loadFactors("ada")).totps)
    assert.deepEqual(openTotpSecret(totp, serverSecrets(NEW)), SECRET);
  await store.close();
});

test("a node that still has the earlier secret does not seal with it again", async () => {
  const store = await storeWith([sealedBy(after)]);
  await noted(store, OLD, NEW);
  const behind = serverSecrets(OLD, { previous: [NEW] });
  assert.equal(await resealAllTotps({ store, secrets: behind }), 0);
  assert.equal(await resealAllTotps({ store, secrets: after }), 0);
  await store.close();
});

test("what a leaked secret sealed is sealed anew at once", async () => {
  const store = await storeWith([sealedBy(before), sampleTotp({ secret_id: "0badcafe" })]);
  const secrets = serverSecrets(NEW, { leaked: [OLD] });
  assert.equal(await resealAllTotps({ store, secrets }), 1);
  const { totps } = await store.loadFactors("ada");
  const opened = totps.map((totp) => openTotpSecret(totp, serverSecrets(NEW)));
  assert.deepEqual(new Set(opened), new Set([SECRET, null]), "a row of an unknown secret stays");
  await store.close();
});
