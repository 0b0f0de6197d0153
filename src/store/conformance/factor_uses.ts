/** Uses of factors: each that may happen once happens once. */
import assert from "node:assert/strict";
import type { Store } from "../store.ts";
import { START, samplePasskey, sampleRecoveryCodes, sampleTotp } from "./samples.ts";
import { atOnce, type RacingScenarios, type Scenarios, trueOnes } from "./scenario.ts";

const sub = "ada";

/** Gives a person one factor of each kind. */
export async function enrolled(store: Store) {
  const [passkey, totp] = [samplePasskey(), sampleTotp()];
  const recovery_codes = sampleRecoveryCodes();
  const change = { add_passkeys: [passkey], add_totps: [totp], recovery_codes };
  const first = { ...change, user_handle: "handle of Ada" };
  assert.equal(await store.changeFactors({ sub, version: 0 }, first), true);
  return { passkey, totp, recovery_codes };
}

export const factorUseScenarios: Scenarios = {
  async "a passkey is used by the counter that was read"(store) {
    const { passkey } = await enrolled(store);
    const { credential_id, sign_count } = passkey;
    const becomes = { sign_count: sign_count + 3, backed_up: false, used_at: START + 9 };
    assert.equal(await store.usePasskey(credential_id, passkey, becomes), true);
    assert.deepEqual(await store.findPasskey(credential_id), { ...passkey, ...becomes });
    assert.equal(await store.usePasskey(credential_id, passkey, becomes), false);
    assert.equal(await store.usePasskey("unknown", passkey, becomes), false);
    assert.equal((await store.loadFactors(sub)).version, 1);
  },

  async "a code of an app is taken once, and none of an earlier step after it"(store) {
    const { totp } = await enrolled(store);
    const { totp_id, last_step } = totp;
    for (const step of [last_step, last_step - 1])
      assert.equal(await store.useTotp(totp_id, step, START + 1), false);
    assert.equal(await store.useTotp(totp_id, last_step + 2, START + 1), true);
    for (const step of [last_step + 1, last_step + 2])
      assert.equal(await store.useTotp(totp_id, step, START + 2), false);
    const used = { ...totp, last_step: last_step + 2, used_at: START + 1 };
    assert.deepEqual((await store.loadFactors(sub)).totps, [used]);
    assert.equal(await store.useTotp("unknown", last_step + 9, START), false);
    await store.changeFactors({ sub, version: 1 }, { remove_totps: [totp_id] });
    assert.equal(await store.useTotp(totp_id, last_step + 9, START), false, "it was removed");
  },

  async "a recovery code goes with its use, by person, slot and hash"(store) {
    const { recovery_codes } = await enrolled(store);
    const [code, ...others] = recovery_codes;
    assert.ok(code);
    const wrong = [{ sub: "eve" }, { slot: 9 }, { hash: "another" }];
    for (const part of wrong)
      assert.equal(await store.useRecoveryCode({ ...code, ...part }), false);
    assert.equal(await store.useRecoveryCode(code), true);
    assert.equal(await store.useRecoveryCode(code), false);
    const { version, recovery_codes: left } = await store.loadFactors(sub);
    assert.deepEqual([version, left], [1, others]);
  },

  async "of 50 uses of one code, one succeeds"(store) {
    const { passkey, totp, recovery_codes } = await enrolled(store);
    const [code] = recovery_codes;
    assert.ok(code);
    const becomes = { sign_count: passkey.sign_count + 1, backed_up: true, used_at: START };
    const uses = {
      passkey: () => store.usePasskey(passkey.credential_id, passkey, becomes),
      totp: () => store.useTotp(totp.totp_id, totp.last_step + 1, START),
      recovery_code: () => store.useRecoveryCode(code),
    };
    for (const [kind, use] of Object.entries(uses))
      assert.equal(trueOnes(await atOnce(50, use)), 1, kind);
  },

  async "app codes are found by the secret that sealed them, and sealed anew once"(store) {
    const [old, other] = [sampleTotp({ secret_id: "0badcafe" }), sampleTotp()];
    const leaked = sampleTotp({ secret_id: "00c0ffee" });
    const add_totps = [old, other, leaked];
    await store.changeFactors({ sub, version: 0 }, { add_totps });
    const under = (limit: number, after = "") =>
      store.listTotpsUnder(["0badcafe", "00c0ffee"], { after, limit });
    const found = await under(10);
    assert.deepEqual(new Set(found), new Set([old, leaked]));
    const [first] = await under(1);
    assert.ok(first);
    assert.deepEqual(found, [first, ...(await under(1, first.totp_id))]);
    assert.deepEqual(await store.listTotpsUnder([], { after: "", limit: 10 }), []);
    const sealed = { sealed_secret: "sealed anew", secret_id: other.secret_id };
    const made = await atOnce(50, () => store.resealTotp(old, sealed));
    assert.equal(trueOnes(made), 1);
    assert.deepEqual(await under(10), [leaked]);
    const { version, totps } = await store.loadFactors(sub);
    assert.equal(version, 1);
    assert.deepEqual(
      totps.find(({ totp_id }) => totp_id === old.totp_id),
      { ...old, ...sealed },
    );
  },
};

export const racingFactors: RacingScenarios = {
  async "two nodes make one of two changes, and take one code once"(one, two) {
    await enrolled(one);
    for (let version = 1; version < 10; version += 1) {
      const change = (store: Store) =>
        store.changeFactors({ sub, version }, { add_totps: [sampleTotp()] });
      assert.equal(trueOnes(await Promise.all([change(one), change(two)])), 1);
    }
    const { totps, recovery_codes } = await two.loadFactors(sub);
    assert.equal(totps.length, 10);
    for (const { totp_id, last_step } of totps) {
      const use = (store: Store) => store.useTotp(totp_id, last_step + 1, START);
      assert.equal(trueOnes(await Promise.all([use(one), use(two)])), 1);
    }
    for (const code of recovery_codes) {
      const use = (store: Store) => store.useRecoveryCode(code);
      assert.equal(trueOnes(await Promise.all([use(one), use(two)])), 1);
    }
  },
};
