/** Second factors: replays, guesses, codes of others, on both databases and on two nodes of each. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import type { Context } from "../../src/context.ts";
import { newRecoveryCodes } from "../../src/factors/recovery_codes.ts";
import { newTotpSecret, totpCode } from "../../src/factors/totp.ts";
import { sealTotpSecret } from "../../src/factors/totp_secret.ts";
import {
  type SecondFactorVerdict,
  tryRecoveryCode,
  tryTotp,
} from "../../src/factors/try_second_factor.ts";
import { hashPassword, passwordQueue, TooBusy } from "../../src/people/password.ts";
import { sampleTotp } from "../../src/store/conformance/samples.ts";
import { startPostgres } from "../support/postgres.ts";
import { contextOf, START } from "../support/server.ts";
import { twoNodes } from "../support/two_nodes.ts";

const folder = mkdtempSync(join(tmpdir(), "valetkey-second-factors-"));
const postgres = await startPostgres();
after(async () => {
  rmSync(folder, { recursive: true });
  await postgres.stop();
});
let files = 0;
const databases = {
  SQLite: async () => `sqlite:${join(folder, `${++files}.sqlite`)}`,
  PostgreSQL: () => postgres.newDatabase(),
};

const STEP = START / 30;
const HOUR = 3600;

async function scene(database: string) {
  const pair = await twoNodes(database);
  const [one, two] = pair.nodes;
  /** Requests alternate between the nodes, and each comes from a network of its own. */
  let turn = 0;
  const at = (now = START): Context => {
    turn += 1;
    const address = `198.51.${turn >> 8}.${turn & 255}`;
    return { ...contextOf(turn % 2 === 0 ? one : two, now), address };
  };
  const { store, secrets } = one.server;

  async function enrol(sub: string, secret = newTotpSecret()) {
    const { version } = await store.loadFactors(sub);
    const totp = { ...sampleTotp({ last_step: STEP - 2 }), sub };
    const sealed = { ...totp, ...sealTotpSecret(secret, totp, secrets) };
    const { codes, records } = await newRecoveryCodes(START);
    const change = { add_totps: [sealed], recovery_codes: records };
    assert.equal(await store.changeFactors({ sub, version }, change), true);
    return { secret, codes, code: totpCode(secret, STEP), totp: sealed };
  }
  return { at, enrol, store, [Symbol.asyncDispose]: () => pair.close() };
}

const outcome = (verdict: SecondFactorVerdict): string =>
  "proof" in verdict ? "proof" : verdict.problem;
const counts = (verdicts: readonly SecondFactorVerdict[], of: string): number =>
  verdicts.filter((verdict) => outcome(verdict) === of).length;
const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

for (const [name, newDatabase] of Object.entries(databases))
  describe(name, () => {
    test("of 50 concurrent uses of one app code one succeeds, and it counts never again", async () => {
      await using it = await scene(await newDatabase());
      const { code, totp } = await it.enrol("ada");
      const verdicts = await Promise.all(times(50, () => tryTotp("ada", code, it.at())));
      assert.equal(counts(verdicts, "proof"), 1);
      assert.equal(counts(verdicts, "wrong"), 0);
      const [used] = (await it.store.loadFactors("ada")).totps;
      assert.deepEqual([used?.last_step, used?.used_at], [STEP, START]);
      for (const now of [START, START + 39])
        assert.equal(outcome(await tryTotp("ada", code, it.at(now + HOUR))), "wrong", "too late");
      assert.equal(used?.totp_id, totp.totp_id);
    });

    test("a code that was seen does not count, though its time has not passed", async () => {
      await using it = await scene(await newDatabase());
      const { code, secret } = await it.enrol("ada");
      const { proof } = await proved(tryTotp("ada", code, it.at()));
      assert.deepEqual(proof, { kind: "totp", at: START });
      for (const now of [START, START + 39])
        assert.deepEqual(await tryTotp("ada", code, it.at(now)), { problem: "used" });
      // The code of the step before counts no more either, nor does that of a step that is still to come.
      const around = [totpCode(secret, STEP - 1), totpCode(secret, STEP + 2)];
      assert.equal(outcome(await tryTotp("ada", around[0] ?? "", it.at(START + 5))), "used");
      assert.equal(outcome(await tryTotp("ada", around[1] ?? "", it.at(START))), "wrong");
    });

    test("the code of another account is wrong, and a copied secret opens nowhere", async () => {
      await using it = await scene(await newDatabase());
      const [ada, eve] = [await it.enrol("ada"), await it.enrol("eve")];
      assert.deepEqual(await tryTotp("ada", eve.code, it.at()), { problem: "wrong" });
      assert.deepEqual(await tryRecoveryCode("ada", eve.codes[0] ?? "", it.at()), {
        problem: "wrong",
      });
      // A row of Eve's that is put into Ada's place in the database.
      const moved = { ...eve.totp, totp_id: "moved" };
      await it.store.changeFactors({ sub: "ada", version: 1 }, { add_totps: [moved] });
      assert.deepEqual(await tryTotp("ada", eve.code, it.at()), { problem: "wrong" });
      assert.equal(outcome(await tryTotp("ada", ada.code, it.at())), "proof");
      assert.equal(outcome(await tryTotp("eve", eve.code, it.at())), "proof");
      assert.deepEqual(await tryTotp("nobody", ada.code, it.at()), { problem: "wrong" });
    });

    test("wrong codes count for the account: ten an hour, from however many networks", async () => {
      await using it = await scene(await newDatabase());
      const [ada, eve] = [await it.enrol("ada"), await it.enrol("eve")];
      const guesses = await Promise.all(
        times(60, (i) =>
          i % 3 === 0
            ? tryRecoveryCode("ada", `${i}`, it.at())
            : tryTotp("ada", `${100_000 + i}`, it.at()),
        ),
      );
      assert.equal(counts(guesses, "wrong"), 10);
      assert.equal(counts(guesses, "throttled"), 50);
      const late = await tryTotp("ada", ada.code, it.at(START + 30));
      assert.deepEqual(late, { problem: "throttled", seconds: HOUR - 30 });
      const [recovery = ""] = ada.codes;
      assert.equal(outcome(await tryRecoveryCode("ada", recovery, it.at())), "throttled");
      assert.equal(outcome(await tryTotp("eve", eve.code, it.at())), "proof");
      const later = START + HOUR;
      const fresh = totpCode(ada.secret, later / 30);
      assert.equal(outcome(await tryTotp("ada", fresh, it.at(later))), "proof");
    });

    test("a right code does not give the guesses back", async () => {
      await using it = await scene(await newDatabase());
      const { secret } = await it.enrol("ada");
      let wrong = 0;
      for (let step = STEP; step < STEP + 20; step += 1) {
        const ctx = () => it.at(step * 30);
        assert.equal(outcome(await tryTotp("ada", totpCode(secret, step), ctx())), "proof");
        wrong += counts([await tryTotp("ada", "no code", ctx())], "wrong");
        if (wrong === 10) break;
      }
      assert.equal(wrong, 10);
      assert.equal(outcome(await tryTotp("ada", "no code", it.at())), "throttled");
    });

    test("of 50 concurrent uses of one recovery code one succeeds, with one event", async () => {
      await using it = await scene(await newDatabase());
      const [code = "", other = ""] = (await it.enrol("ada")).codes;
      const verdicts = await Promise.all(times(50, () => tryRecoveryCode("ada", code, it.at())));
      assert.equal(counts(verdicts, "proof"), 1);
      const found = await it.store.listAudit({ sub: "ada", limit: 10 });
      const events = found.map(({ event, actor_id, details }) => ({ event, actor_id, details }));
      const used = { event: "recovery_code_used", actor_id: "ada", details: { left: 9 } };
      assert.deepEqual(events, [used]);
      const later = () => it.at(START + HOUR);
      assert.deepEqual(await tryRecoveryCode("ada", code, later()), { problem: "wrong" });
      const { proof } = await proved(tryRecoveryCode("ada", other, later()));
      assert.deepEqual(proof, { kind: "recovery", at: START + HOUR });
      assert.equal((await it.store.loadFactors("ada")).recovery_codes.length, 8);
    });

    test("any text is a wrong code: nothing is thrown, and nothing else happens", async () => {
      await using it = await scene(await newDatabase());
      const { codes } = await it.enrol("ada");
      const before = await it.store.loadFactors("ada");
      const [first = "", second = ""] = codes;
      const texts = [
        ...["", "0", "\0", "\ud800", "null", "%00", "0'; DROP TABLE recovery_code; --"],
        ...[
          first.slice(0, -1),
          `${first}0`,
          `${second.charAt(0)}${first.slice(1)}`,
          "x".repeat(1e6),
        ],
      ];
      for (const [i, text] of texts.entries())
        for (const attempt of [tryTotp, tryRecoveryCode]) {
          const verdict = await attempt("ada", text, it.at(START + i * HOUR));
          assert.deepEqual(verdict, { problem: "wrong" });
        }
      assert.deepEqual(await it.store.loadFactors("ada"), before);
      assert.deepEqual(await it.store.listAudit({ limit: 10 }), []);
    });
  });

test("a try that could not be judged does not count", async () => {
  await using it = await scene(await databases.SQLite());
  const [code = ""] = (await it.enrol("ada")).codes;
  let is_full = true;
  /** Takes the next place as soon as one is free. */
  const others = async () => {
    while (is_full) await hashPassword("somebody signs in");
  };
  const busy: Promise<void>[] = [];
  while (passwordQueue().waiting < 100) busy.push(others());
  for (let i = 0; i < 15; i += 1)
    await assert.rejects(tryRecoveryCode("ada", code, it.at()), TooBusy);
  is_full = false;
  await Promise.all(busy);
  assert.equal(outcome(await tryRecoveryCode("ada", code, it.at())), "proof");
});

/** The proof of a verdict that has one. */
async function proved(verdict: Promise<SecondFactorVerdict>) {
  const found = await verdict;
  assert.ok("proof" in found, outcome(found));
  return found;
}
