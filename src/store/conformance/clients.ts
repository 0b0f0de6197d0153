/** Clients and signing keys: small tables, in which every write raises the version. */
import assert from "node:assert/strict";
import {
  START,
  sampleAccount,
  sampleClient,
  sampleConsent,
  sampleGrant,
  sampleKey,
  sampleLogo,
} from "./samples.ts";
import { atOnce, grantWith, type Scenarios, settle, trueOnes } from "./scenario.ts";

export const clientScenarios: Scenarios = {
  async "a client reads back as written"(store) {
    const full = sampleClient({
      created_by: "user",
      owner_sub: "ada",
      trusted: true,
      require_pkce: false,
      resource: "https://snaps.example/api",
      disabled_at: START + 1,
      secrets: [
        { hash: "new", created_at: START, expires_at: null },
        { hash: "old", created_at: START - 9, expires_at: START + 9 },
      ],
    });
    for (const client of [full, sampleClient({ secrets: [] })]) {
      assert.equal(await store.createClient(client), true);
      assert.deepEqual(await store.findClient(client.client_id), client);
    }
    assert.equal(await store.findClient("unknown"), null);
  },

  async "an id is taken once, and the first record is not overwritten"(store) {
    const clients = Array.from({ length: 20 }, (_, i) =>
      sampleClient({ client_id: "printly", created_at: START + i }),
    );
    const outcomes = await Promise.all(clients.map((client) => store.createClient(client)));
    assert.equal(trueOnes(outcomes), 1);
    assert.deepEqual(await store.findClient("printly"), clients[outcomes.indexOf(true)]);
  },

  async "a client of an account is created only while that account stands"(store) {
    const mine = () => sampleClient({ created_by: "user", owner_sub: "ada" });
    const options = { owner_stands: true };
    assert.equal(await store.createClient(mine(), options), false, "there is no such account");
    const ada = sampleAccount({ sub: "ada" });
    await store.createAccount(ada, ["ada"]);
    assert.equal(await store.createClient(mine(), options), true);
    await store.updateAccount({ ...ada, disabled_at: START }, ["ada"]);
    assert.equal(await store.createClient(mine(), options), false, "it is disabled");
    await store.updateAccount(ada, ["ada"]);
    const racing = await Promise.all([
      ...Array.from({ length: 10 }, () => store.createClient(mine(), options)),
      store.removeAccount("ada", START),
      ...Array.from({ length: 10 }, () => store.createClient(mine(), options)),
    ]);
    assert.equal(racing[10], true);
    assert.deepEqual(await store.listClients({ owner_sub: "ada", limit: 100 }), []);
  },

  async "clients are listed oldest first, optionally of one person"(store) {
    const hers = sampleClient({ created_at: START + 2, owner_sub: "eve" });
    const own = sampleClient({ created_at: START + 1, owner_sub: "ada" });
    const nobodys = sampleClient({ created_at: START });
    for (const client of [hers, own, nobodys]) await store.createClient(client);
    assert.deepEqual(await store.listClients({ limit: 1000 }), [nobodys, own, hers]);
    assert.deepEqual(await store.listClients({ owner_sub: "ada", limit: 1000 }), [own]);
    assert.deepEqual(await store.listClients({ owner_sub: "nobody", limit: 1000 }), []);
  },

  async "a client is updated as a whole, and only if it exists"(store) {
    const client = sampleClient({ client_id: "printly" });
    assert.equal(await store.updateClient(client), false);
    assert.equal(await store.findClient("printly"), null);
    await store.createClient(client);
    const changed = sampleClient({
      client_id: "printly",
      trusted: true,
      secrets: [],
      disabled_at: START,
    });
    assert.equal(await store.updateClient(changed), true);
    assert.deepEqual(await store.findClient("printly"), changed);
  },

  async "of 20 concurrent changes of the same read, one is made; no other change is undone"(store) {
    const before = sampleClient({ client_id: "printly" });
    await store.createClient(before);
    const changes = Array.from({ length: 20 }, (_, i) => ({ ...before, resource: `${i}` }));
    const outcomes = await Promise.all(changes.map((each) => store.updateClient(each, { before })));
    assert.equal(trueOnes(outcomes), 1);
    const now = changes[outcomes.indexOf(true)];
    assert.ok(now);
    assert.deepEqual(await store.findClient("printly"), now);
    assert.equal(await store.updateClient({ ...now, disabled_at: START }, { before: now }), true);
    assert.equal(await store.updateClient({ ...now, secrets: [] }, { before: now }), false);
    assert.equal((await store.findClient("printly"))?.disabled_at, START);
  },

  async "a logo is stored with its client, and only while the client is as it was read"(store) {
    const client = sampleClient({ client_id: "printly" });
    assert.equal(await store.storeLogo(client, sampleLogo()), false, "there is no such client");
    assert.equal(await store.findLogo("printly"), null);
    await store.createClient(client);
    const picture = Buffer.alloc(131_072, 0xf5).toString("base64");
    const large = sampleLogo({ hash: "first", picture });
    assert.equal(await store.storeLogo(client, large), true);
    assert.deepEqual(await store.findLogo("printly"), large);
    const shown = { ...client, logo: "first" };
    assert.deepEqual(await store.findClient("printly"), shown);
    assert.equal(await store.storeLogo(client, sampleLogo({ hash: "late" })), false);
    assert.equal((await store.findLogo("printly"))?.hash, "first");
    const other = sampleLogo({ hash: "second", media_type: "image/gif", fetched_at: START + 9 });
    assert.equal(await store.storeLogo(shown, other), true);
    assert.deepEqual(await store.findLogo("printly"), other);
    await store.updateClient({ ...shown, logo: "second", trusted: true });
    assert.deepEqual(await store.findLogo("printly"), other, "another change leaves it");
  },

  async "a logo goes with its client, with its address, and with the account of an app"(store) {
    const logo = { hash: "picture" };
    for (const client_id of ["one", "two", "three"]) {
      const client = sampleClient({ client_id, owner_sub: client_id === "three" ? "ada" : null });
      await store.createClient(client);
      assert.equal(await store.storeLogo(client, sampleLogo({ client_id, ...logo })), true);
    }
    await store.removeClient("one", START);
    const two = await store.findClient("two");
    assert.ok(two);
    await store.updateClient({ ...two, logo: null }, { before: two });
    assert.equal(await store.findLogo("one"), null);
    assert.equal(await store.findLogo("two"), null);
    await store.createAccount(sampleAccount({ sub: "ada" }), ["ada"]);
    assert.ok(await store.findLogo("three"));
    await store.removeAccount("ada", START);
    assert.equal(await store.findLogo("three"), null);
  },

  async "removing a client ends its grants and consents, and no others"(store) {
    await store.createClient(sampleClient({ client_id: "printly" }));
    const own = [sampleGrant(), sampleGrant({ sub: "eve" })];
    const other = sampleGrant({ client_id: "other" });
    for (const grant of [...own, other])
      await grantWith(store, grant, sampleConsent({ sub: grant.sub, client_id: grant.client_id }));
    assert.equal(await store.removeClient("printly", START + 5), true);
    assert.equal(await store.removeClient("printly", START + 6), false);
    await settle(store);
    assert.equal(await store.findClient("printly"), null);
    for (const { grant_id, sub } of own) {
      assert.equal((await store.findGrant(grant_id))?.revoked_at, START + 5);
      assert.equal(await store.findConsent(sub, "printly"), null);
    }
    assert.equal((await store.findGrant(other.grant_id))?.revoked_at, null);
    assert.ok(await store.findConsent("ada", "other"));
  },
};

export const keyScenarios: Scenarios = {
  async "signing keys read back as written, the last one to sign first"(store) {
    const [old, next] = [sampleKey(), sampleKey({ signs_at: START + 600 })];
    const rsa = sampleKey({ alg: "RS256", signs_at: START - 1 });
    for (const key of [old, next, rsa]) assert.equal(await store.addSigningKey(key, START), true);
    assert.deepEqual(await store.listSigningKeys(), [next, old, rsa]);
  },

  async "of 20 nodes that add a key at once, one succeeds; each algorithm is separate"(store) {
    for (const alg of ["ES256", "RS256"] as const) {
      const add = () => store.addSigningKey(sampleKey({ alg }), START - 600);
      assert.equal(trueOnes(await atOnce(20, add)), 1);
    }
    assert.equal((await store.listSigningKeys()).length, 2);
    const next = sampleKey({ signs_at: START + 600 });
    assert.equal(await store.addSigningKey(next, START), true);
    assert.equal(await store.addSigningKey(sampleKey({ signs_at: START + 600 }), START), false);
  },

  async "a key is retired once, and then another one can be added"(store) {
    const stolen = sampleKey();
    await store.addSigningKey(stolen, START - 600);
    assert.equal(await store.addSigningKey(sampleKey(), START - 600), false);
    assert.equal(await store.retireSigningKey(stolen.kid, START + 1), true);
    assert.equal(await store.retireSigningKey(stolen.kid, START + 2), false);
    assert.equal(await store.retireSigningKey("unknown", START + 2), false);
    assert.deepEqual(await store.listSigningKeys(), [{ ...stolen, retired_at: START + 1 }]);
    assert.equal(await store.addSigningKey(sampleKey(), START - 600), true);
  },
};
