/** Races between two processes for the factors of one person. */
import assert from "node:assert/strict";
import type { Store } from "../store.ts";
import { contest, type ProcessScenarios } from "./contest.ts";
import { type Call, type Lanes, race } from "./process.ts";
import { START, samplePasskey, sampleRecoveryCodes, sampleTotp } from "./samples.ts";

const ROUNDS = 20;

export const factorRaces: ProcessScenarios = {
  async "of 50 concurrent changes to the same read of factors, one is made"(pair, store) {
    const sub = "ada";
    for (let version = 0; version < ROUNDS; version += 1) {
      const change = (): Call<Store> => {
        return ["changeFactors", { sub, version }, { add_totps: [sampleTotp()] }];
      };
      assert.equal(await contest(pair, change, { each: 25 }), 1);
      const factors = await store.loadFactors(sub);
      assert.deepEqual([factors.version, factors.totps.length], [version + 1, version + 1]);
    }
  },

  async "of 50 concurrent uses of one passkey counter, app code or recovery code, one succeeds"(
    pair,
    store,
  ) {
    const [passkey, totp, codes] = [samplePasskey(), sampleTotp(), sampleRecoveryCodes()];
    const change = { add_passkeys: [passkey], add_totps: [totp], recovery_codes: codes };
    await store.changeFactors({ sub: "ada", version: 0 }, change);
    const { credential_id } = passkey;
    for (const [round, code] of codes.entries()) {
      const was = { sign_count: passkey.sign_count + round };
      const becomes = { sign_count: was.sign_count + 1, backed_up: true, used_at: START };
      const step = totp.last_step + 1 + round;
      const uses: Call<Store>[] = [
        ["usePasskey", credential_id, was, becomes],
        ["useTotp", totp.totp_id, step, START],
        ["useRecoveryCode", code],
      ];
      for (const use of uses) assert.equal(await contest(pair, () => use, { each: 25 }), 1);
    }
    const { passkeys, totps, recovery_codes } = await store.loadFactors("ada");
    const left = [passkeys[0]?.sign_count, totps[0]?.last_step, recovery_codes];
    assert.deepEqual(left, [passkey.sign_count + 10, totp.last_step + 10, []]);
  },

  async "of a code's use and the renewal of all codes, no old code is left"(pair, store) {
    const sub = "ada";
    let codes = sampleRecoveryCodes();
    await store.changeFactors({ sub, version: 0 }, { recovery_codes: codes });
    for (let version = 1; version <= ROUNDS; version += 1) {
      const renewed = sampleRecoveryCodes();
      const using: Lanes<Store> = codes.map((code) => [["useRecoveryCode", code]]);
      const renewing: Lanes<Store> = [
        [["changeFactors", { sub, version }, { recovery_codes: renewed }]],
      ];
      const lanes = [using, renewing] as const;
      const [one, two] = await race(pair, version % 2 === 0 ? lanes : [renewing, using]);
      const made = version % 2 === 0 ? two : one;
      assert.deepEqual(made, [[true]]);
      assert.deepEqual((await store.loadFactors(sub)).recovery_codes, renewed);
      codes = renewed;
    }
  },
};
