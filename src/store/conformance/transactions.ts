/** Transactions stored at the server: the person, the answer, and the pace of polls. */
import assert from "node:assert/strict";
import { START, sampleTransaction } from "./samples.ts";
import { atOnce, type Scenarios, trueOnes } from "./scenario.ts";

const NOW = { now: START };
const MS = START * 1000;
const poll = (at: number) => ({ now_ms: MS + at, early_ms: 0, slower: 5 });

export const transactionScenarios: Scenarios = {
  async "a transaction reads back as written, and an id is taken once"(store) {
    const transaction = sampleTransaction();
    const outcomes = await atOnce(20, () => store.addTransaction(transaction));
    assert.equal(trueOnes(outcomes), 1);
    assert.deepEqual(await store.findTransaction(transaction.id), transaction);
    assert.equal(await store.findTransaction("another"), null);
  },

  async "of 20 people who claim a transaction at once, one gets it and may claim it again"(store) {
    const { id } = sampleTransaction();
    await store.addTransaction(sampleTransaction({ id }));
    const claim = (sub: string, previous: string | null = null, now = START) =>
      store.claimTransaction(id, { sub, previous, now });
    assert.equal(trueOnes(await atOnce(20, (i) => claim(`person ${i}`))), 1);
    const sub = (await store.findTransaction(id))?.sub ?? assert.fail();
    assert.equal(await claim(sub), true);
    assert.equal(await claim("somebody else"), false);
    assert.equal(await claim("somebody else", "a third"), false);
    // The same browser, with another of its accounts.
    assert.equal(await claim("eve", sub), true);
    assert.equal(await claim(sub), false);
    assert.equal(await claim("eve", null, START + 600), false, "the transaction has expired");
  },

  async "only the person who claimed a transaction can answer it; a refusal is final"(store) {
    const { id } = sampleTransaction();
    await store.addTransaction(sampleTransaction({ id }));
    const settle = (sub: string, state: "approved" | "denied", now = START) =>
      store.settleTransaction(id, { sub, state, now });
    assert.equal(await settle("ada", "approved"), false, "no person has claimed it");
    await store.claimTransaction(id, { sub: "ada", previous: null, ...NOW });
    assert.equal(await settle("eve", "approved"), false);
    assert.equal(
      await settle("ada", "approved", START + 600),
      false,
      "the transaction has expired",
    );
    assert.equal(await settle("ada", "approved"), true);
    assert.equal(await settle("ada", "approved"), true, "the same person again");
    assert.equal((await store.findTransaction(id))?.state, "approved");
    assert.equal(await store.claimTransaction(id, { sub: "eve", previous: "ada", ...NOW }), false);
    assert.equal(await settle("ada", "denied"), true);
    assert.equal(await settle("ada", "approved"), false);
    assert.equal((await store.findTransaction(id))?.state, "denied");
  },

  async "of 20 concurrent answers, allowing and refusing, a refusal is final"(store) {
    const { id } = sampleTransaction();
    await store.addTransaction(sampleTransaction({ id, sub: "ada" }));
    const answers = ["approved", "denied"] as const;
    await atOnce(20, (i) =>
      store.settleTransaction(id, { sub: "ada", state: answers[i % 2] ?? "denied", ...NOW }),
    );
    assert.equal((await store.findTransaction(id))?.state, "denied");
  },

  async "polls keep their interval, in milliseconds since the last accepted one"(store) {
    const { id } = sampleTransaction();
    await store.addTransaction(sampleTransaction({ id }));
    const crowded = sampleTransaction();
    await store.addTransaction(crowded);
    const once = await atOnce(20, () => store.pollTransaction(crowded.id, poll(0)));
    assert.equal(trueOnes(once), 1, "of those in one millisecond, one is accepted");
    const at = (ms: number) => store.pollTransaction(id, poll(ms));
    assert.equal(await at(0), true);
    assert.equal(await at(5000), true);
    assert.equal(await at(10_000), true);
    assert.equal(await at(14_999), false);
    // Five seconds more, since the last accepted one.
    assert.equal(await at(19_999), false);
    assert.equal((await store.findTransaction(id))?.poll_interval, 15);
    assert.equal(await at(25_002), true);
    assert.equal(await at(40_002), true);
    const early = { ...poll(54_502), early_ms: 500 };
    assert.equal(await store.pollTransaction(id, early), true, "clocks may differ that much");
    assert.equal(await store.pollTransaction("another", poll(0)), false);
  },

  async "a transaction is removed an hour after its end"(store) {
    const transaction = sampleTransaction();
    await store.addTransaction(transaction);
    await store.sweep(transaction.expires_at + 3599, 100);
    assert.ok(await store.findTransaction(transaction.id));
    await store.sweep(transaction.expires_at + 3600, 100);
    assert.equal(await store.findTransaction(transaction.id), null);
  },
};
