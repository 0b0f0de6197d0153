/** Grants: inserted once, advanced and revoked by one conditional write each. */
import assert from "node:assert/strict";
import { START, sampleConsent, sampleGrant } from "./samples.ts";
import { atOnce, type Scenarios, trueOnes } from "./scenario.ts";

export const grantScenarios: Scenarios = {
  async "a grant is created with its consent, and reads back as it was written"(store) {
    const grant = sampleGrant();
    const bare = sampleGrant({
      session_id: "session of Ada",
      code_challenge: null,
      redirect_uri_sent: false,
      nonce: null,
      scope: [],
      resources: [],
      proofs: [
        { kind: "upstream", at: START - 9, provider: "work", amr: ["pwd"] },
        { kind: "totp", at: START - 8 },
      ],
      revoked_at: START,
    });
    assert.equal(await store.createGrant(grant, sampleConsent()), "created");
    assert.equal(await store.createGrant(bare, null), "created");
    assert.deepEqual(await store.findGrant(grant.grant_id), grant);
    assert.deepEqual(await store.findGrant(bare.grant_id), bare);
  },

  async "a request is granted once: the second time it exists, and nothing is written"(store) {
    const grant = sampleGrant();
    await store.createGrant(grant, sampleConsent());
    const again = sampleGrant({ grant_id: grant.grant_id, sub: "eve", client_id: "evil" });
    const consent = sampleConsent({ sub: "eve", client_id: "evil" });
    assert.equal(await store.createGrant(again, consent), "exists");
    assert.deepEqual(await store.findGrant(grant.grant_id), grant);
    assert.equal(await store.findConsent("eve", "evil"), null);
  },

  async "all grants of a person to a client but one are revoked, and nobody else's"(store) {
    const [kept, other, anothers] = [
      sampleGrant(),
      sampleGrant(),
      sampleGrant({ sub: "eve", client_id: "printly" }),
    ] as const;
    await store.createGrant(kept, sampleConsent());
    await store.createGrant(other, null);
    await store.createGrant(anothers, sampleConsent({ sub: "eve" }));
    await store.revokeOtherGrants("ada", "printly", kept.grant_id, START + 5);
    assert.equal((await store.findGrant(kept.grant_id))?.revoked_at, null);
    assert.equal((await store.findGrant(other.grant_id))?.revoked_at, START + 5);
    assert.equal((await store.findGrant(anothers.grant_id))?.revoked_at, null);
  },

  async "a form that is sent again does not bring a removed consent back"(store) {
    const grant = sampleGrant();
    await store.createGrant(grant, sampleConsent());
    await store.removeConsent({ sub: "ada", client_id: "printly" }, START + 1);
    assert.equal(await store.createGrant(grant, sampleConsent()), "exists");
    assert.equal(await store.findConsent("ada", "printly"), null);
  },

  async "of 50 that grant one request at once, one creates"(store) {
    const grant = sampleGrant();
    const outcomes = await atOnce(50, () => store.createGrant(grant, sampleConsent()));
    assert.equal(trueOnes(outcomes.map((outcome) => outcome === "created")), 1);
    assert.equal(trueOnes(outcomes.map((outcome) => outcome === "exists")), 49);
  },

  async "without the consent that it rests on there is no grant"(store) {
    await store.createGrant(sampleGrant(), sampleConsent());
    for (const given of [{ sub: "eve" }, { client_id: "evil" }]) {
      const grant = sampleGrant(given);
      assert.equal(await store.createGrant(grant, null), "no_consent");
      assert.equal(await store.findGrant(grant.grant_id), null);
    }
  },

  async "what is not there is null, and can be neither advanced nor revoked"(store) {
    assert.equal(await store.findGrant("0".repeat(32)), null);
    assert.equal(await store.advanceGrant("0".repeat(32), 0, START), false);
    assert.equal(await store.raiseAccessEpoch("0".repeat(32), 0), false);
    await store.revokeGrant("0".repeat(32), START);
    await store.touchGrant("0".repeat(32), START);
    assert.equal(await store.findGrant("0".repeat(32)), null);
  },

  async "a generation is left once, and the row says when"(store) {
    const grant = sampleGrant();
    await store.createGrant(grant, sampleConsent());
    assert.equal(await store.advanceGrant(grant.grant_id, 0, START + 7), true);
    const advanced = { ...grant, generation: 1, advanced_at: START + 7, used_at: START + 7 };
    assert.deepEqual(await store.findGrant(grant.grant_id), advanced);
    assert.equal(await store.advanceGrant(grant.grant_id, 0, START + 8), false);
    assert.deepEqual(await store.findGrant(grant.grant_id), advanced);
    assert.equal(await store.advanceGrant(grant.grant_id, 1, START + 9), true);
  },

  async "of 50 that leave one generation at once, one succeeds"(store) {
    const grant = sampleGrant();
    await store.createGrant(grant, sampleConsent());
    for (const from of [0, 1, 2]) {
      const outcomes = await atOnce(50, (i) => store.advanceGrant(grant.grant_id, from, START + i));
      assert.equal(trueOnes(outcomes), 1);
    }
    assert.equal((await store.findGrant(grant.grant_id))?.generation, 3);
  },

  async "a row that lags behind the tokens handed out catches up"(store) {
    const grant = sampleGrant({ generation: 2 });
    await store.createGrant(grant, sampleConsent());
    assert.equal(await store.advanceGrant(grant.grant_id, 5, START), true);
    assert.equal((await store.findGrant(grant.grant_id))?.generation, 6);
    assert.equal(await store.advanceGrant(grant.grant_id, 4, START), false);
  },

  async "what is revoked stays so: it is never advanced, touched or raised again"(store) {
    const grant = sampleGrant();
    await store.createGrant(grant, sampleConsent());
    await store.revokeGrant(grant.grant_id, START + 10);
    assert.equal(await store.advanceGrant(grant.grant_id, 0, START + 11), false);
    assert.equal(await store.raiseAccessEpoch(grant.grant_id, 0), false);
    await store.touchGrant(grant.grant_id, START + 11);
    await store.revokeGrant(grant.grant_id, START + 99);
    assert.deepEqual(await store.findGrant(grant.grant_id), { ...grant, revoked_at: START + 10 });
  },

  async "revoking while others advance: once it has resolved, nobody advances"(store) {
    for (let round = 0; round < 20; round += 1) {
      const grant = sampleGrant();
      const id = grant.grant_id;
      await store.createGrant(grant, sampleConsent());
      const racing = [
        () => store.advanceGrant(id, 0, START),
        () => store.revokeGrant(id, START).then(() => store.advanceGrant(id, 1, START)),
        () => store.advanceGrant(id, 0, START),
      ];
      if (round % 2 === 0) racing.reverse();
      const outcomes = await Promise.all(racing.map((operation) => operation()));
      assert.equal(outcomes[1], false);
      const after = await store.findGrant(id);
      assert.equal(after?.revoked_at, START);
      assert.equal(after?.generation, trueOnes([outcomes[0] === true, outcomes[2] === true]));
    }
  },

  async "a use is noted, and nothing else changes"(store) {
    const grant = sampleGrant({ generation: 1 });
    await store.createGrant(grant, sampleConsent());
    await store.touchGrant(grant.grant_id, START + 86_400);
    const touched = { ...grant, used_at: START + 86_400 };
    assert.deepEqual(await store.findGrant(grant.grant_id), touched);
  },

  async "the access epoch is raised from what it was read as, once"(store) {
    const grant = sampleGrant();
    await store.createGrant(grant, sampleConsent());
    const outcomes = await atOnce(50, () => store.raiseAccessEpoch(grant.grant_id, 0));
    assert.equal(trueOnes(outcomes), 1);
    assert.equal(await store.raiseAccessEpoch(grant.grant_id, 2), false);
    assert.deepEqual(await store.findGrant(grant.grant_id), { ...grant, access_epoch: 1 });
    assert.equal(await store.raiseAccessEpoch(grant.grant_id, 1), true);
  },
};
