/** Consents: removing one ends every grant that rests on it. */
import assert from "node:assert/strict";
import { START, sampleConsent, sampleGrant } from "./samples.ts";
import { atOnce, type Scenarios } from "./scenario.ts";

export const consentScenarios: Scenarios = {
  async "a consent reads back as it was written; there is one for a person and a client"(store) {
    const consent = sampleConsent({ scope: [], declined: [], resources: [] });
    await store.createGrant(sampleGrant(), consent);
    assert.deepEqual(await store.findConsent("ada", "printly"), consent);
    assert.equal(await store.findConsent("ada", "other"), null);
    assert.equal(await store.findConsent("eve", "printly"), null);
  },

  async "a consent that is given again says what is agreed now, and since when it stands"(store) {
    await store.createGrant(sampleGrant(), sampleConsent());
    const again = sampleConsent({
      scope: ["openid", "photos.write"],
      declined: ["photos.read"],
      resources: [],
      since: START + 50,
      used_at: START + 50,
    });
    await store.createGrant(sampleGrant(), again);
    assert.deepEqual(await store.findConsent("ada", "printly"), { ...again, since: START });
    assert.equal((await store.listConsents("ada", { limit: 1000 })).length, 1);
  },

  async "a person's consents are listed, the one used last first"(store) {
    for (const [client_id, used_at] of [
      ["b", START + 1],
      ["a", START + 3],
      ["c", START + 2],
    ] as const)
      await store.createGrant(sampleGrant({ client_id }), sampleConsent({ client_id, used_at }));
    await store.createGrant(sampleGrant({ sub: "eve" }), sampleConsent({ sub: "eve" }));
    const listed = async () =>
      (await store.listConsents("ada", { limit: 1000 })).map((each) => each.client_id);
    assert.deepEqual(await listed(), ["a", "c", "b"]);
    await store.touchConsent("ada", "b", START + 9);
    assert.deepEqual(await listed(), ["b", "a", "c"]);
    assert.deepEqual(await store.listConsents("nobody", { limit: 1000 }), []);
  },

  async "removing a consent revokes what rests on it, and nothing else"(store) {
    const own = [sampleGrant(), sampleGrant()];
    const others = [sampleGrant({ sub: "eve" }), sampleGrant({ client_id: "other" })];
    for (const grant of [...own, ...others])
      await store.createGrant(grant, sampleConsent({ sub: grant.sub, client_id: grant.client_id }));
    const [first, second] = own;
    assert.ok(first && second);
    await store.revokeGrant(second.grant_id, START + 1);
    await store.removeConsent({ sub: "ada", client_id: "printly" }, START + 2);
    await store.removeConsent({ sub: "ada", client_id: "printly" }, START + 3);
    assert.equal(await store.findConsent("ada", "printly"), null);
    assert.equal((await store.findGrant(first.grant_id))?.revoked_at, START + 2);
    assert.equal((await store.findGrant(second.grant_id))?.revoked_at, START + 1);
    for (const { grant_id, sub, client_id } of others) {
      assert.equal((await store.findGrant(grant_id))?.revoked_at, null);
      assert.ok(await store.findConsent(sub, client_id));
    }
  },

  async "a grant that is made while its consent is removed does not outlive it"(store) {
    for (let round = 0; round < 20; round += 1) {
      await store.createGrant(sampleGrant(), sampleConsent());
      const grants = Array.from({ length: 6 }, () => sampleGrant());
      const racing: (() => Promise<unknown>)[] = [
        ...grants.map((grant) => () => store.createGrant(grant, null)),
      ];
      racing.splice(round % 7, 0, () =>
        store.removeConsent({ sub: "ada", client_id: "printly" }, START),
      );
      await Promise.all(racing.map((operation) => operation()));
      for (const { grant_id } of grants) {
        const grant = await store.findGrant(grant_id);
        assert.ok(grant === null || grant.revoked_at !== null);
      }
    }
  },

  async "agreeing and removing at once: no grant is left alive without its consent"(store) {
    for (let round = 0; round < 20; round += 1) {
      const grant = sampleGrant();
      const agree = () => store.createGrant(grant, sampleConsent());
      const remove = () => store.removeConsent({ sub: "ada", client_id: "printly" }, START);
      const order = round % 2 === 0 ? [agree, remove] : [remove, agree];
      await Promise.all(order.map((operation) => operation()));
      const made = await store.findGrant(grant.grant_id);
      const consent = await store.findConsent("ada", "printly");
      // The other way round will do: a consent may stand whose grant was caught by the removal.
      assert.ok(made !== null && (made.revoked_at !== null || consent !== null));
    }
  },

  async "20 people agree at once, each to the same client"(store) {
    const outcomes = await atOnce(20, (i) =>
      store.createGrant(sampleGrant({ sub: `p${i}` }), sampleConsent({ sub: `p${i}` })),
    );
    assert.ok(outcomes.every((outcome) => outcome === "created"));
  },
};
