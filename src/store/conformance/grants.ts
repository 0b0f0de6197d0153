/** Grants: inserted once; each advance and revocation is one conditional write. */
import assert from "node:assert/strict";
import { START, sampleConsent, sampleGrant, sampleSession } from "./samples.ts";
import { atOnce, grantWith, type Scenarios, trueOnes } from "./scenario.ts";

export const grantScenarios: Scenarios = {
  async "a grant is created with its consent and reads back as written"(store) {
    const grant = sampleGrant();
    const bare = sampleGrant({
      session_id: "session of Ada",
      permissions: [],
      left_out: [],
      code: null,
      proofs: [
        { kind: "upstream", at: START - 9, provider: "work", amr: ["pwd"] },
        { kind: "totp", at: START - 8 },
      ],
      revoked_at: START,
    });
    assert.equal(await grantWith(store, grant, sampleConsent()), "approved");
    assert.equal(await grantWith(store, bare, null), "approved");
    assert.deepEqual(await store.findGrant(grant.grant_id), grant);
    assert.deepEqual(await store.findGrant(bare.grant_id), bare);
  },

  async "a request is granted once: the second time the grant exists, and nothing is written"(
    store,
  ) {
    const grant = sampleGrant();
    await grantWith(store, grant, sampleConsent());
    const again = sampleGrant({ grant_id: grant.grant_id, client_id: "evil" });
    const consent = sampleConsent({ client_id: "evil" });
    assert.equal(await grantWith(store, again, consent), "exists");
    assert.deepEqual(await store.findGrant(grant.grant_id), grant);
    assert.equal(await store.findConsent("ada", "evil"), null);
  },

  async "a grant is loaded with its session, while that exists"(store) {
    const session = sampleSession();
    const tied = sampleGrant({ session_id: session.session_id });
    const free = sampleGrant();
    await grantWith(store, tied, sampleConsent());
    await grantWith(store, free, null);
    assert.deepEqual(await store.loadGrant(tied.grant_id), { grant: tied, session: null });
    await store.createSession(session);
    assert.deepEqual(await store.loadGrant(tied.grant_id), { grant: tied, session });
    assert.deepEqual(await store.loadGrant(free.grant_id), { grant: free, session: null });
    assert.equal(await store.loadGrant(sampleGrant().grant_id), null);
  },

  async "while the code is unused, a second answer changes its grant; code and salt stay"(store) {
    const grant = sampleGrant();
    await grantWith(store, grant, sampleConsent());
    const before = await store.findConsent("ada", "printly");
    assert.ok(before);
    const changed = { ...grant, permissions: ["https://as.example openid"], left_out: ["x"] };
    const consent = { before, becomes: sampleConsent() };
    const again = { grant: changed, instead_of: grant, consent };
    assert.equal(await store.approve(again), "approved");
    assert.deepEqual(await store.findGrant(grant.grant_id), changed);
    assert.deepEqual(await store.findConsent("ada", "printly"), consent.becomes);
    for (const stale of [consent, { stands: before }])
      assert.equal(
        await store.approve({ ...again, consent: stale }),
        "changed",
        "the consent was read earlier",
      );
    assert.deepEqual(await store.findGrant(grant.grant_id), changed);
  },

  async "an answer to a code used meanwhile changes nothing"(store) {
    const grant = sampleGrant();
    await grantWith(store, grant, sampleConsent());
    await store.advanceGrant(grant.grant_id, 0, START + 1);
    const used = await store.findGrant(grant.grant_id);
    const before = await store.findConsent("ada", "printly");
    assert.ok(used && before);
    const wider = { ...grant, permissions: ["https://as.example everything"] };
    const consent = { before, becomes: sampleConsent() };
    assert.equal(await store.approve({ grant: wider, instead_of: grant, consent }), "changed");
    assert.deepEqual(await store.findGrant(grant.grant_id), used);
    assert.deepEqual(await store.findConsent("ada", "printly"), before);
    // Narrowing is still possible: it raises the access epoch, so access tokens issued before end.
    const narrower = { ...used, permissions: [], access_epoch: used.access_epoch + 1 };
    const narrowing = { grant: narrower, instead_of: used, consent };
    assert.equal(await store.approve(narrowing), "approved");
    assert.deepEqual(await store.findGrant(grant.grant_id), narrower);
  },

  async "of 20 concurrent second answers one counts, and none if the grant is revoked"(store) {
    const grant = sampleGrant();
    await grantWith(store, grant, sampleConsent());
    const stands = await store.findConsent("ada", "printly");
    assert.ok(stands);
    const answer = (i: number) =>
      store.approve({
        grant: { ...grant, permissions: [`https://as.example ${i}`], access_epoch: 1 },
        instead_of: grant,
        consent: { stands },
      });
    const outcomes = await atOnce(20, answer);
    assert.equal(trueOnes(outcomes.map((outcome) => outcome === "approved")), 1);
    await store.revokeGrant(grant.grant_id, START + 1);
    const revoked = await store.findGrant(grant.grant_id);
    assert.ok(revoked);
    const again = { grant: { ...revoked, revoked_at: null }, instead_of: revoked };
    assert.equal(await store.approve({ ...again, consent: { stands } }), "changed");
  },

  async "a repeated form does not restore a removed consent"(store) {
    const grant = sampleGrant();
    await grantWith(store, grant, sampleConsent());
    await store.removeConsent({ sub: "ada", client_id: "printly" }, START + 1);
    assert.equal(await grantWith(store, grant, sampleConsent()), "exists");
    assert.equal(await store.findConsent("ada", "printly"), null);
  },

  async "of 50 concurrent grants of one request, one is created"(store) {
    const grant = sampleGrant();
    const outcomes = await atOnce(50, () => grantWith(store, grant, sampleConsent()));
    assert.equal(trueOnes(outcomes.map((outcome) => outcome === "approved")), 1);
    assert.equal(trueOnes(outcomes.map((outcome) => outcome === "exists")), 49);
  },

  async "a grant without its consent is refused"(store) {
    await grantWith(store, sampleGrant(), sampleConsent());
    for (const given of [{ sub: "eve" }, { client_id: "evil" }]) {
      const grant = sampleGrant(given);
      assert.equal(await grantWith(store, grant, null), "changed");
      assert.equal(await store.findGrant(grant.grant_id), null);
    }
  },

  async "a missing grant is null, and cannot be advanced or revoked"(store) {
    assert.equal(await store.findGrant("0".repeat(32)), null);
    assert.equal(await store.advanceGrant("0".repeat(32), 0, START), false);
    assert.equal(await store.raiseAccessEpoch("0".repeat(32), 0), false);
    await store.revokeGrant("0".repeat(32), START);
    await store.touchGrant("0".repeat(32), START);
    assert.equal(await store.findGrant("0".repeat(32)), null);
  },

  async "a generation is advanced once, and the row says when"(store) {
    const grant = sampleGrant();
    await grantWith(store, grant, sampleConsent());
    assert.equal(await store.advanceGrant(grant.grant_id, 0, START + 7), true);
    const advanced = { ...grant, generation: 1, advanced_at: START + 7, used_at: START + 7 };
    assert.deepEqual(await store.findGrant(grant.grant_id), advanced);
    assert.equal(await store.advanceGrant(grant.grant_id, 0, START + 8), false);
    assert.deepEqual(await store.findGrant(grant.grant_id), advanced);
    assert.equal(await store.advanceGrant(grant.grant_id, 1, START + 9), true);
  },

  async "of 50 concurrent advances of one generation, one succeeds"(store) {
    const grant = sampleGrant();
    await grantWith(store, grant, sampleConsent());
    for (const from of [0, 1, 2]) {
      const outcomes = await atOnce(50, (i) => store.advanceGrant(grant.grant_id, from, START + i));
      assert.equal(trueOnes(outcomes), 1);
    }
    assert.equal((await store.findGrant(grant.grant_id))?.generation, 3);
  },

  async "a row older than the tokens issued catches up"(store) {
    const grant = sampleGrant({ generation: 2 });
    await grantWith(store, grant, sampleConsent());
    assert.equal(await store.advanceGrant(grant.grant_id, 5, START), true);
    assert.equal((await store.findGrant(grant.grant_id))?.generation, 6);
    assert.equal(await store.advanceGrant(grant.grant_id, 4, START), false);
  },

  async "a revoked grant stays revoked: it is never advanced, touched or raised"(store) {
    const grant = sampleGrant();
    await grantWith(store, grant, sampleConsent());
    await store.revokeGrant(grant.grant_id, START + 10);
    assert.equal(await store.advanceGrant(grant.grant_id, 0, START + 11), false);
    assert.equal(await store.raiseAccessEpoch(grant.grant_id, 0), false);
    await store.touchGrant(grant.grant_id, START + 11);
    await store.revokeGrant(grant.grant_id, START + 99);
    assert.deepEqual(await store.findGrant(grant.grant_id), { ...grant, revoked_at: START + 10 });
  },

  async "after a revocation has resolved, no concurrent advance succeeds"(store) {
    for (let round = 0; round < 20; round += 1) {
      const grant = sampleGrant();
      const id = grant.grant_id;
      await grantWith(store, grant, sampleConsent());
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

  async "the live grants beyond a number are those used longest ago"(store) {
    const consent = sampleConsent();
    const { sub, client_id } = consent;
    const of = { keep: 2, now: START + 500, idle: 1000 };
    const code_expires_at = START + 600;
    const made = [30, 10, 40, 20, 50].map((used) =>
      sampleGrant({ code_expires_at, used_at: START + used }),
    );
    const dead = [
      { revoked_at: START + 70 },
      { expires_at: START + 500 },
      { code_expires_at: START + 500 },
      { used_at: START - 500 },
    ].map((given) => sampleGrant({ code_expires_at, used_at: START + 60, ...given }));
    const others = [
      sampleGrant({ sub: "eve", used_at: START + 70 }),
      sampleGrant({ client_id: "snaps", used_at: START + 70 }),
    ];
    for (const grant of [...made, ...dead]) await grantWith(store, grant, consent);
    for (const { sub, client_id, ...grant } of others)
      await grantWith(store, { ...grant, sub, client_id }, { ...consent, sub, client_id });
    const ids = (...at: number[]) => at.map((i) => made[i]?.grant_id);
    assert.deepEqual(await store.listSurplusGrants({ sub, client_id }, of), ids(0, 3, 1));
    assert.deepEqual(await store.listSurplusGrants({ sub, client_id }, { ...of, keep: 5 }), []);
    // Of those that were used in the same second, the later ones stay.
    await store.touchGrant(made[0]?.grant_id ?? "", START + 50);
    const [earlier] = ids(0, 4).sort();
    const surplus = await store.listSurplusGrants({ sub, client_id }, { ...of, keep: 1 });
    assert.deepEqual(surplus, [earlier, ...ids(2, 3, 1)]);
  },

  async "a use is recorded, and nothing else changes"(store) {
    const grant = sampleGrant({ generation: 1 });
    await grantWith(store, grant, sampleConsent());
    await store.touchGrant(grant.grant_id, START + 86_400);
    const touched = { ...grant, used_at: START + 86_400 };
    assert.deepEqual(await store.findGrant(grant.grant_id), touched);
  },

  async "the access epoch is raised once from the value that was read"(store) {
    const grant = sampleGrant();
    await grantWith(store, grant, sampleConsent());
    const outcomes = await atOnce(50, () => store.raiseAccessEpoch(grant.grant_id, 0));
    assert.equal(trueOnes(outcomes), 1);
    assert.equal(await store.raiseAccessEpoch(grant.grant_id, 2), false);
    assert.deepEqual(await store.findGrant(grant.grant_id), { ...grant, access_epoch: 1 });
    assert.equal(await store.raiseAccessEpoch(grant.grant_id, 1), true);
  },
};
