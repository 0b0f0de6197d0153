/** The versions that caches watch, the schema, and two nodes of one database. */
import assert from "node:assert/strict";
import { DIRECTORY_KINDS, type DirectoryKind, type Store } from "../store.ts";
import {
  START,
  sampleAccount,
  sampleClient,
  sampleConsent,
  sampleGrant,
  sampleKey,
  sampleSession,
} from "./samples.ts";
import { atOnce, grantWith, type RacingScenarios, type Scenarios, trueOnes } from "./scenario.ts";

export const stateScenarios: Scenarios = {
  async "migrating again changes nothing"(store) {
    await store.createClient(sampleClient({ client_id: "printly" }));
    const before = await store.readState();
    assert.deepEqual(await atOnce(3, () => store.migrate()), [0, 0, 0]);
    assert.deepEqual(await store.readState(), before);
    assert.ok(await store.findClient("printly"));
  },

  async "each change to a record raises the version of its kind, and no other"(store) {
    const [client, account, key] = [sampleClient(), sampleAccount(), sampleKey()];
    // No cache holds its absence, so a new client may leave the version.
    await store.createClient(client);
    const writes: [() => Promise<boolean>, ...DirectoryKind[]][] = [
      [() => store.updateClient(client), "clients"],
      [() => store.createAccount(account, ["ada"]), "people"],
      [() => store.updateAccount(account, ["ada"]), "people"],
      [() => store.addSigningKey(key, START - 600), "keys"],
      [() => store.retireSigningKey(key.kid, START), "keys"],
      // A person's apps are removed with the account.
      [() => store.removeAccount(account.sub, START), "clients", "people"],
      [() => store.removeClient(client.client_id, START), "clients"],
    ];
    let before = await store.readState();
    for (const [write, ...kinds] of writes) {
      assert.equal(await write(), true);
      const after = await store.readState();
      assert.equal(after.epoch, before.epoch);
      for (const kind of DIRECTORY_KINDS) {
        const [was, is] = [before.versions[kind], after.versions[kind]];
        assert.ok(kinds.includes(kind) ? is > was : is === was, `${kind}: ${was} to ${is}`);
      }
      before = after;
    }
  },

  async "changes made by every request do not raise a version"(store) {
    const before = await store.readState();
    const [grant, session] = [sampleGrant(), sampleSession()];
    await grantWith(store, grant, sampleConsent());
    await store.advanceGrant(grant.grant_id, 0, START);
    await store.createSession(session);
    await store.touchSession(session.session_id, START + 1, null);
    await store.claimOnce("jti", "a", { now: START, expires_at: START + 1 });
    await store.revokeGrant(grant.grant_id, START);
    assert.deepEqual(await store.readState(), before);
  },

  async "the schema is at least as new as the code needs"(store) {
    const { version, newest } = await store.readSchema();
    assert.ok(version >= newest, `${version} of ${newest}`);
  },

  async "the database's clock, if any, is in milliseconds since the epoch"(store) {
    const read = await store.readClock();
    // Machines may differ by minutes, while a wrong unit is off by a factor of a thousand.
    if (read !== null) assert.ok(Math.abs(read - Date.now()) < 86_400_000, `${read}`);
  },
};

/** 25 tries from each of two nodes, all at once. */
async function onBoth(
  [one, two]: readonly [Store, Store],
  operation: (store: Store, i: number) => Promise<boolean>,
): Promise<number> {
  return trueOnes(await atOnce(50, (i) => operation(i % 2 === 0 ? one : two, i)));
}

export const racingScenarios: RacingScenarios = {
  async "a write by one node is read by the other"(one, two) {
    const [grant, client] = [sampleGrant(), sampleClient()];
    await grantWith(one, grant, sampleConsent());
    assert.deepEqual(await two.findGrant(grant.grant_id), grant);
    const { versions } = await two.readState();
    await one.createClient(client);
    assert.equal(await one.updateClient({ ...client, trusted: false }), true);
    assert.ok((await two.readState()).versions.clients > versions.clients);
    assert.deepEqual(await two.findClient(client.client_id), client);
  },

  async "each operation that succeeds once does so at one of two nodes"(one, two) {
    const nodes = [one, two] as const;
    const grant = sampleGrant();
    const { grant_id } = grant;
    const created = await onBoth(
      nodes,
      async (node) => (await grantWith(node, grant, sampleConsent())) === "approved",
    );
    assert.equal(created, 1);
    assert.equal(await onBoth(nodes, (node) => node.advanceGrant(grant_id, 0, START)), 1);
    assert.equal(await onBoth(nodes, (node) => node.raiseAccessEpoch(grant_id, 0)), 1);
    const times = { now: START, expires_at: START + 60 };
    assert.equal(await onBoth(nodes, (node) => node.claimOnce("jti", "a", times)), 1);
    const client = sampleClient();
    assert.equal(await onBoth(nodes, (node) => node.createClient(client)), 1);
    assert.equal(await onBoth(nodes, (node) => node.addSigningKey(sampleKey(), START - 600)), 1);
    const first = () => sampleAccount({ is_admin: true });
    const logins = (i: number) => [`admin ${i}`];
    assert.equal(
      await onBoth(nodes, (node, i) =>
        node.createAccount(first(), logins(i), { only_as_first: true }),
      ),
      1,
    );
    assert.equal(await onBoth(nodes, (node) => node.createAccount(sampleAccount(), ["ada"])), 1);
    const session = sampleSession();
    await one.createSession(session);
    const renew = (node: Store, i: number) =>
      node.renewSession({ ...session, secret_hash: `new ${i}` }, session.secret_hash);
    assert.equal(await onBoth(nodes, renew), 1);
  },

  async "a counter counts the tries of both nodes"(one, two) {
    const rules = { now: START, window: 900, free: 5, wait: 2, longest_wait: 60 };
    const tryOn = async (node: Store) => (await node.countTry(1, rules)).counted;
    assert.equal(await onBoth([one, two], tryOn), 5);
  },

  async "after one node has revoked a grant, the other cannot advance it"(one, two) {
    for (let round = 0; round < 10; round += 1) {
      const { grant_id } = await createdOn(one);
      await Promise.all([
        two.advanceGrant(grant_id, 0, START),
        one.revokeGrant(grant_id, START),
        two.advanceGrant(grant_id, 0, START),
      ]);
      assert.equal(await two.advanceGrant(grant_id, 1, START), false);
      assert.equal((await two.findGrant(grant_id))?.revoked_at, START);
    }
  },

  async "no grant at one node survives the removal of its consent at the other"(one, two) {
    for (let round = 0; round < 10; round += 1) {
      await createdOn(one);
      const grant = sampleGrant();
      await Promise.all([
        grantWith(two, grant, null),
        one.removeConsent({ sub: "ada", client_id: "printly" }, START),
        grantWith(two, sampleGrant(), null),
      ]);
      const found = await two.findGrant(grant.grant_id);
      assert.ok(found === null || found.revoked_at !== null);
    }
  },

  async "both nodes migrate and sweep at once"(one, two) {
    await atOnce(30, (i) => one.claimOnce("jti", `${i}`, { now: START, expires_at: START + 1 }));
    const work = [one, two].flatMap((node) => [
      () => node.migrate(),
      () => node.sweep(START + 1000, 5),
      () => node.sweep(START + 1000, 500),
    ]);
    await Promise.all(work.map((each) => each()));
    assert.equal(await two.isClaimed("jti", "0"), false);
  },
};

async function createdOn(store: Store) {
  const grant = sampleGrant();
  await grantWith(store, grant, sampleConsent());
  return grant;
}
