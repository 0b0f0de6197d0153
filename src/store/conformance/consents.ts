/** Consents: removing one ends every grant that rests on it. */
import assert from "node:assert/strict";
import { START, sampleConsent, sampleGrant } from "./samples.ts";
import { atOnce, grantWith, type Scenarios, trueOnes } from "./scenario.ts";

export const consentScenarios: Scenarios = {
  async "a consent reads back as written; there is one for a person and a client"(store) {
    const consent = sampleConsent({ agreed: [], refused: [], waived: [] });
    await grantWith(store, sampleGrant(), consent);
    assert.deepEqual(await store.findConsent("ada", "printly"), consent);
    assert.equal(await store.findConsent("ada", "other"), null);
    assert.equal(await store.findConsent("eve", "printly"), null);
  },

  async "a repeated consent has the permissions of the last answer"(store) {
    await grantWith(store, sampleGrant(), sampleConsent());
    const again = sampleConsent({
      agreed: ["https://as.example openid"],
      refused: ["https://snaps.example/api photos.read"],
      waived: [],
      used_at: START + 50,
    });
    assert.equal(await grantWith(store, sampleGrant(), again), "approved");
    assert.deepEqual(await store.findConsent("ada", "printly"), again);
    assert.equal((await store.listConsents("ada", { limit: 1000 })).length, 1);
  },

  async "nothing is approved under a consent that changed since it was read"(store) {
    await grantWith(store, sampleGrant(), sampleConsent());
    const stands = await store.findConsent("ada", "printly");
    assert.ok(stands);
    await grantWith(store, sampleGrant(), sampleConsent({ agreed: [] }));
    const now = await store.findConsent("ada", "printly");
    const becomes = sampleConsent();
    for (const consent of [{ stands }, { before: stands, becomes }, { before: null, becomes }]) {
      const grant = sampleGrant();
      assert.equal(await store.approve({ grant, consent }), "changed");
      assert.equal(await store.findGrant(grant.grant_id), null);
      assert.deepEqual(await store.findConsent("ada", "printly"), now);
    }
  },

  async "a consent that is removed and given again is a new one"(store) {
    await grantWith(store, sampleGrant(), sampleConsent());
    const stands = await store.findConsent("ada", "printly");
    assert.ok(stands);
    await store.removeConsent({ sub: "ada", client_id: "printly" }, START + 1);
    const grant = sampleGrant();
    assert.equal(await store.approve({ grant, consent: { stands } }), "changed");
    await grantWith(store, sampleGrant(), sampleConsent());
    assert.equal(await store.approve({ grant, consent: { stands } }), "changed");
    assert.equal(await store.findGrant(grant.grant_id), null);
  },

  async "of 20 concurrent answers to the same read, one is written; the others can retry"(store) {
    for (const before of [null, "standing"]) {
      if (before !== null) await grantWith(store, sampleGrant(), sampleConsent());
      const read = await store.findConsent("ada", "printly");
      const answers = Array.from({ length: 20 }, () => sampleConsent());
      const outcomes = await Promise.all(
        answers.map((becomes) =>
          store.approve({ grant: sampleGrant(), consent: { before: read, becomes } }),
        ),
      );
      assert.equal(trueOnes(outcomes.map((outcome) => outcome === "approved")), 1);
      assert.equal(trueOnes(outcomes.map((outcome) => outcome === "changed")), 19);
      const winner = answers[outcomes.indexOf("approved")];
      assert.deepEqual(await store.findConsent("ada", "printly"), winner);
      await store.removeConsent({ sub: "ada", client_id: "printly" }, START);
    }
  },

  async "a narrower answer ends all other grants of the person to the client"(store) {
    const [other, hers] = [sampleGrant(), sampleGrant({ sub: "eve" })];
    await grantWith(store, other, sampleConsent());
    await grantWith(store, hers, sampleConsent({ sub: "eve" }));
    const before = await store.findConsent("ada", "printly");
    const grant = sampleGrant();
    const consent = { before, becomes: sampleConsent({ agreed: [] }) };
    assert.equal(await store.approve({ grant, consent, narrowed_at: START + 5 }), "approved");
    assert.equal((await store.findGrant(other.grant_id))?.revoked_at, START + 5);
    assert.equal((await store.findGrant(grant.grant_id))?.revoked_at, null);
    assert.equal((await store.findGrant(hers.grant_id))?.revoked_at, null);
  },

  async "no wide grant survives a narrowing beside silent requests"(store) {
    for (let round = 0; round < 20; round += 1) {
      await grantWith(store, sampleGrant(), sampleConsent());
      const read = await store.findConsent("ada", "printly");
      assert.ok(read);
      const silent = Array.from({ length: 6 }, () => sampleGrant());
      const becomes = sampleConsent({ agreed: [] });
      const narrow = () =>
        store.approve({
          grant: sampleGrant(),
          consent: { before: read, becomes },
          narrowed_at: START + 9,
        });
      const racing: (() => Promise<unknown>)[] = silent.map(
        (grant) => () => store.approve({ grant, consent: { stands: read } }),
      );
      racing.splice(round % 7, 0, narrow);
      await Promise.all(racing.map((operation) => operation()));
      for (const { grant_id } of silent) {
        const grant = await store.findGrant(grant_id);
        assert.ok(grant === null || grant.revoked_at === START + 9, "a wide grant survived");
      }
      await store.removeConsent({ sub: "ada", client_id: "printly" }, START + 10);
    }
  },

  async "a person's consents are listed most recently used first"(store) {
    for (const [client_id, used_at] of [
      ["b", START + 1],
      ["a", START + 3],
      ["c", START + 2],
    ] as const)
      await grantWith(store, sampleGrant({ client_id }), sampleConsent({ client_id, used_at }));
    await grantWith(store, sampleGrant({ sub: "eve" }), sampleConsent({ sub: "eve" }));
    const listed = async () =>
      (await store.listConsents("ada", { limit: 1000 })).map((each) => each.client_id);
    assert.deepEqual(await listed(), ["a", "c", "b"]);
    await store.touchConsent("ada", "b", START + 9);
    assert.deepEqual(await listed(), ["b", "a", "c"]);
    assert.deepEqual(await store.listConsents("nobody", { limit: 1000 }), []);
  },

  async "removing a consent revokes its grants, and no others"(store) {
    const own = [sampleGrant(), sampleGrant()];
    const others = [sampleGrant({ sub: "eve" }), sampleGrant({ client_id: "other" })];
    for (const grant of [...own, ...others])
      await grantWith(store, grant, sampleConsent({ sub: grant.sub, client_id: grant.client_id }));
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

  async "a grant made while its consent is removed is revoked too"(store) {
    for (let round = 0; round < 20; round += 1) {
      await grantWith(store, sampleGrant(), sampleConsent());
      const grants = Array.from({ length: 6 }, () => sampleGrant());
      const racing: (() => Promise<unknown>)[] = [
        ...grants.map((grant) => () => grantWith(store, grant, null)),
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

  async "agreeing beside a removal: no grant stays alive without its consent"(store) {
    for (let round = 0; round < 20; round += 1) {
      const grant = sampleGrant();
      const before = await store.findConsent("ada", "printly");
      const consent = { before, becomes: sampleConsent() };
      const agree = () => store.approve({ grant, consent });
      const remove = () => store.removeConsent({ sub: "ada", client_id: "printly" }, START);
      const order = round % 2 === 0 ? [agree, remove] : [remove, agree];
      await Promise.all(order.map((operation) => operation()));
      const made = await store.findGrant(grant.grant_id);
      const now = await store.findConsent("ada", "printly");
      // The reverse is acceptable: a consent may stay although the removal revoked its grant.
      assert.ok(made === null || made.revoked_at !== null || now !== null);
    }
  },

  async "20 people can agree at once to the same client"(store) {
    const outcomes = await atOnce(20, (i) =>
      grantWith(store, sampleGrant({ sub: `p${i}` }), sampleConsent({ sub: `p${i}` })),
    );
    assert.ok(outcomes.every((outcome) => outcome === "approved"));
  },
};
