/** Changes of the server's secret, and leaked secrets. */
import assert from "node:assert/strict";
import type { GrantRecord } from "../records.ts";
import type { FreshKey } from "../store.ts";
import { START, sampleConsent, sampleGrant, sampleKey } from "./samples.ts";
import { atOnce, grantWith, type Scenarios, trueOnes } from "./scenario.ts";

const freshKey = ({ salt, secret_id }: GrantRecord, below: number): FreshKey => ({
  salt: `fresh ${salt} '"\u{1f511}`,
  secret_id: "00c0ffee",
  replaced_key: { salt, secret_id, below },
});

export const secretScenarios: Scenarios = {
  async "since when each secret is in use is told with the versions, and a secret may come back"(
    store,
  ) {
    const { versions, epoch } = await store.readState();
    const told = async () => (await store.readState()).secrets;
    assert.deepEqual(await told(), {});
    await atOnce(5, () => store.noteSecret("0badcafe", START));
    assert.deepEqual(await told(), { "0badcafe": START });
    await store.noteSecret("0badcafe", START + 5);
    assert.deepEqual(await told(), { "0badcafe": START }, "it is the latest already");
    await store.noteSecret("00c0ffee", START + 10);
    await store.noteSecret("00c0ffee", START + 11);
    assert.deepEqual(await told(), { "0badcafe": START, "00c0ffee": START + 10 });
    await store.noteSecret("0badcafe", START + 20);
    assert.deepEqual(await told(), { "0badcafe": START + 20, "00c0ffee": START + 10 });
    const after = await store.readState();
    assert.deepEqual([after.versions, after.epoch], [versions, epoch]);
  },

  async "of 20 nodes that store a salt of subjects at once, one does; it is replaced as it was read"(
    store,
  ) {
    assert.equal(await store.findSubjectSalt(), null);
    const seals = Array.from({ length: 20 }, (_, i) => `seal ${i}`);
    const first = await Promise.all(seals.map((seal) => store.storeSubjectSalt(seal, null)));
    assert.equal(trueOnes(first), 1);
    const kept = await store.findSubjectSalt();
    assert.ok(kept !== null);
    assert.equal(kept, seals[first.indexOf(true)]);
    const anew = await Promise.all(
      seals.map((seal) => store.storeSubjectSalt(`new ${seal}`, kept)),
    );
    assert.equal(trueOnes(anew), 1);
    assert.equal(await store.findSubjectSalt(), `new ${seals[anew.indexOf(true)]}`);
    assert.equal(await store.storeSubjectSalt("late", kept), false);
  },

  async "a grant that moves on may get another key, in the same write"(store) {
    const grant = sampleGrant();
    const { grant_id } = grant;
    await grantWith(store, grant, sampleConsent());
    const fresh = freshKey(grant, 1);
    assert.equal(await store.advanceGrant(grant_id, 0, START + 5, fresh), true);
    const moved = { ...grant, ...fresh, generation: 1, advanced_at: START + 5, used_at: START + 5 };
    assert.deepEqual(await store.findGrant(grant_id), moved);
    assert.deepEqual((await store.loadGrant(grant_id))?.grant, moved);
    // Without a fresh key the grant keeps its key.
    assert.equal(await store.advanceGrant(grant_id, 1, START + 6, null), true);
    assert.deepEqual((await store.findGrant(grant_id))?.replaced_key, fresh.replaced_key);
  },

  async "of 20 that would give a grant another key, one does; a key that is not the row's is not replaced"(
    store,
  ) {
    const grant = sampleGrant();
    const { grant_id } = grant;
    await grantWith(store, grant, sampleConsent());
    const salts = Array.from({ length: 20 }, (_, i) => ({ ...freshKey(grant, 1), salt: `${i}` }));
    const outcomes = await Promise.all(
      salts.map((fresh) => store.advanceGrant(grant_id, 0, START, fresh)),
    );
    assert.equal(trueOnes(outcomes), 1);
    assert.equal((await store.findGrant(grant_id))?.salt, salts[outcomes.indexOf(true)]?.salt);
    for (const given of [{ salt: "another" }, { secret_id: "another" }]) {
      const other = sampleGrant();
      await grantWith(store, other, null);
      const fresh = freshKey({ ...other, ...given }, 1);
      assert.equal(await store.advanceGrant(other.grant_id, 0, START, fresh), false);
      assert.deepEqual(await store.findGrant(other.grant_id), other);
    }
  },

  async "grants that are or were under a leaked secret are ended, a few at a time, and no others"(
    store,
  ) {
    const grants = Array.from({ length: 25 }, (_, i) =>
      sampleGrant({ sub: `person ${i % 7}`, secret_id: `secret ${i % 3}` }),
    );
    for (const grant of grants) await grantWith(store, grant, sampleConsent({ sub: grant.sub }));
    const [first, second] = grants;
    assert.ok(first && second);
    await store.revokeGrant(first.grant_id, START + 1);
    assert.ok(await store.advanceGrant(second.grant_id, 0, START + 2, freshKey(second, 1)));
    const counts: number[] = [];
    let after: string | null = "";
    while (after !== null && counts.length < 10) {
      const which = { after, limit: 10, now: START + 9 };
      const step = await store.revokeGrantsUnder(["secret 0", "secret 1"], which);
      counts.push(step.revoked);
      after = step.next;
    }
    assert.equal(counts.length, 3);
    assert.equal(
      counts.reduce((sum, count) => sum + count),
      16,
    );
    for (const { grant_id, secret_id } of grants) {
      const ended = secret_id === "secret 2" ? null : START + 9;
      const expected: number | null = grant_id === first.grant_id ? START + 1 : ended;
      assert.equal((await store.findGrant(grant_id))?.revoked_at, expected);
    }
  },

  async "signing keys are withdrawn together with the one that takes over being added, once"(
    store,
  ) {
    const lost = [sampleKey(), sampleKey({ signs_at: START + 600 })];
    for (const key of lost) await store.addSigningKey(key, START);
    const kids = lost.map(({ kid }) => kid);
    const { versions } = await store.readState();
    const replacements = Array.from({ length: 20 }, () => sampleKey({ signs_at: START + 1 }));
    const outcomes = await Promise.all(
      replacements.map((key) => store.replaceSigningKeys(kids, key, START + 1)),
    );
    assert.equal(trueOnes(outcomes), 1);
    const live = (await store.listSigningKeys()).filter(({ retired_at }) => retired_at === null);
    assert.deepEqual(live, [replacements[outcomes.indexOf(true)]]);
    assert.ok((await store.readState()).versions.keys > versions.keys);
    const [other, next] = [
      sampleKey({ alg: "RS256" }),
      sampleKey({ alg: "RS256", signs_at: START + 9 }),
    ];
    for (const key of [other, next]) await store.addSigningKey(key, START);
    assert.equal(await store.replaceSigningKeys([other.kid], null, START + 2), true);
    assert.equal(await store.replaceSigningKeys(["unknown"], null, START + 2), false);
    const rsa = (await store.listSigningKeys()).filter(({ alg }) => alg === "RS256");
    assert.deepEqual(rsa, [next, { ...other, retired_at: START + 2 }]);
  },
};
