/** Sessions: renewing one requires the secret of its row. */
import assert from "node:assert/strict";
import { START, sampleConsent, sampleGrant, sampleSession } from "./samples.ts";
import { atOnce, grantWith, type Scenarios, trueOnes } from "./scenario.ts";

export const sessionScenarios: Scenarios = {
  async "a session reads back as written"(store) {
    const sessions = [
      sampleSession(),
      sampleSession({ signed_in_for: null, proofs: [{ kind: "pwd", at: START }] }),
    ];
    for (const session of sessions) {
      await store.createSession(session);
      assert.deepEqual(await store.findSession(session.session_id), session);
    }
    assert.equal(await store.findSession("unknown"), null);
  },

  async "a session is loaded with its person's consent for one client"(store) {
    const [session, of_eve] = [sampleSession(), sampleSession({ sub: "eve" })];
    for (const each of [session, of_eve]) await store.createSession(each);
    const { session_id } = session;
    assert.deepEqual(await store.loadSession(session_id, "printly"), { session, consent: null });
    const consent = sampleConsent();
    await grantWith(store, sampleGrant(), consent);
    assert.deepEqual(await store.loadSession(session_id, "printly"), { session, consent });
    assert.deepEqual(await store.loadSession(session_id, "other"), { session, consent: null });
    const loaded = await store.loadSession(of_eve.session_id, "printly");
    assert.deepEqual(loaded, { session: of_eve, consent: null }, "the consent is not eve's");
    assert.equal(await store.loadSession("unknown", "printly"), null);
  },

  async "a person's sessions are listed newest first"(store) {
    const [old, young] = [sampleSession(), sampleSession({ created_at: START + 1 })];
    for (const session of [old, young, sampleSession({ sub: "eve" })])
      await store.createSession(session);
    assert.deepEqual(await store.listSessions("ada", { limit: 200 }), [young, old]);
    assert.deepEqual(await store.listSessions("nobody", { limit: 200 }), []);
  },

  async "a session is renewed once with the secret that was read"(store) {
    const session = sampleSession();
    await store.createSession(session);
    const renewals = Array.from({ length: 20 }, (_, i) => ({
      ...session,
      secret_hash: `new ${i}`,
      proofs: [{ kind: "pwd", at: START + 100 + i }] as const,
      signed_in_for: null,
      seen_at: START + 100,
      expires_at: START + 9_000_000,
    }));
    const outcomes = await Promise.all(
      renewals.map((renewal) => store.renewSession(renewal, session.secret_hash)),
    );
    assert.equal(trueOnes(outcomes), 1);
    assert.deepEqual(await store.findSession(session.session_id), renewals[outcomes.indexOf(true)]);
  },

  async "renewing an ended session, or with another secret, writes nothing"(store) {
    const session = sampleSession();
    await store.createSession(session);
    const renewal = { ...session, secret_hash: "new", expires_at: START + 9_000_000 };
    assert.equal(await store.renewSession(renewal, "guessed"), false);
    assert.deepEqual(await store.findSession(session.session_id), session);
    const stolen = { sub: "eve", session_id: session.session_id };
    assert.equal(await store.endSessions(stolen), 0, "the session is not eve's");
    await store.endSessions(session);
    assert.equal(await store.renewSession(renewal, session.secret_hash), false);
    assert.equal(await store.findSession(session.session_id), null);
  },

  async "touching a session changes when and where it was seen, and nothing else"(store) {
    const session = sampleSession();
    await store.createSession(session);
    const { session_id } = session;
    await store.touchSession(session_id, START + 86_400, null);
    const seen_by_app = { ...session, seen_at: START + 86_400 };
    assert.deepEqual(await store.findSession(session_id), seen_by_app, "the network stays");
    const seen = { seen_at: START + 90_000, network: "2001:db8:6::/48" };
    await store.touchSession(session_id, seen.seen_at, seen.network);
    assert.deepEqual(await store.findSession(session_id), { ...session, ...seen });
    await store.touchSession("unknown", START, null);
    assert.equal(await store.findSession("unknown"), null);
  },

  async "ending a session, even twice, ends that one only"(store) {
    const [ended, kept] = [sampleSession(), sampleSession()];
    for (const session of [ended, kept]) await store.createSession(session);
    await atOnce(2, () => store.endSessions(ended));
    assert.equal(await store.findSession(ended.session_id), null);
    assert.deepEqual(await store.findSession(kept.session_id), kept);
  },

  async "all other sessions of a person end, and no one else's"(store) {
    const [here, there, hers] = [sampleSession(), sampleSession(), sampleSession({ sub: "eve" })];
    for (const session of [here, there, hers]) await store.createSession(session);
    await store.endSessions({ sub: "ada", except: here.session_id });
    assert.deepEqual(await store.listSessions("ada", { limit: 200 }), [here]);
    assert.deepEqual(await store.listSessions("eve", { limit: 200 }), [hers]);
    await store.endSessions({ sub: "ada", except: null });
    assert.deepEqual(await store.listSessions("ada", { limit: 200 }), []);
    assert.deepEqual(await store.listSessions("eve", { limit: 200 }), [hers]);
  },
};
