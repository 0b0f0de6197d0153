import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { cachedStore } from "./cached_store.ts";
import { CONFORMANCE_LIFETIMES, testStore } from "./conformance/conformance.ts";
import { START, sampleAccount, sampleClient, sampleKey } from "./conformance/samples.ts";
import { sqlStore } from "./sql/store.ts";
import { sqliteDriver } from "./sqlite/driver.ts";

const open = () => sqlStore(sqliteDriver(":memory:"), CONFORMANCE_LIFETIMES);

testStore("cached", async () => cachedStore(open(), () => performance.now()));

describe("cached store", () => {
  /** A node with its own view of the store, a clock that the test moves, and counted reads. */
  async function setup() {
    const store = open();
    await store.migrate();
    let elapsed = 0;
    let away = false;
    const reads: string[] = [];
    const counting = <A extends unknown[], R>(name: string, read: (...args: A) => Promise<R>) => {
      return async (...args: A): Promise<R> => {
        reads.push(name);
        if (away) throw new Error("the database is gone");
        return read(...args);
      };
    };
    const node = cachedStore(
      {
        ...store,
        readState: counting("state", store.readState),
        findClient: counting("client", store.findClient),
        findAccount: counting("account", store.findAccount),
        listSigningKeys: counting("keys", store.listSigningKeys),
      },
      () => elapsed,
    );
    return {
      store,
      node,
      reads,
      pass: (ms: number) => {
        elapsed += ms;
      },
      setAway: (is: boolean) => {
        away = is;
      },
    };
  }

  test("a value is read once", async () => {
    const { store, node, reads } = await setup();
    const [client, account, key] = [sampleClient(), sampleAccount(), sampleKey()];
    await store.createClient(client);
    await store.createAccount(account, ["ada"]);
    await store.addSigningKey(key, START - 600);
    for (let i = 0; i < 3; i += 1) {
      assert.deepEqual(await node.findClient(client.client_id), client);
      assert.deepEqual(await node.findAccount(account.sub), account);
      assert.deepEqual(await node.listSigningKeys(), [key]);
    }
    assert.deepEqual(reads, ["client", "account", "keys"]);
  });

  test("a write by another node is visible within a second", async () => {
    const { store, node, pass } = await setup();
    const client = sampleClient();
    await store.createClient(client);
    await node.currentState();
    await node.findClient(client.client_id);
    await store.updateClient({ ...client, disabled_at: START });
    pass(499);
    await node.currentState();
    assert.equal((await node.findClient(client.client_id))?.disabled_at, null);
    pass(1);
    await node.currentState();
    assert.equal((await node.findClient(client.client_id))?.disabled_at, START);
  });

  test("a write by this node is visible at once, even if it was refused", async () => {
    const { store, node } = await setup();
    const client = sampleClient();
    await node.createClient(client);
    await node.findClient(client.client_id);
    await node.updateClient({ ...client, trusted: true });
    assert.equal((await node.findClient(client.client_id))?.trusted, true);
    await store.updateClient({ ...client, resource: "x" });
    const before = await node.findClient(client.client_id);
    assert.ok(before);
    assert.equal(await node.updateClient({ ...before, secrets: [] }, { before }), false);
    assert.equal((await node.findClient(client.client_id))?.resource, "x");
    await node.removeClient(client.client_id, START);
    assert.equal(await node.findClient(client.client_id), null);
  });

  test("a missing record is looked up each time, so that strangers cannot fill the memory", async () => {
    const { node, reads } = await setup();
    for (let i = 0; i < 3; i += 1) assert.equal(await node.findClient("unknown"), null);
    assert.deepEqual(reads, ["client", "client", "client"]);
  });

  test("the versions are read twice a second, however many requests ask", async () => {
    const { node, reads, pass } = await setup();
    await Promise.all(Array.from({ length: 50 }, () => node.currentState()));
    pass(499);
    await node.currentState();
    assert.deepEqual(reads, ["state"]);
    pass(1);
    const states = await Promise.all(Array.from({ length: 50 }, () => node.currentState()));
    assert.deepEqual(reads, ["state", "state"]);
    assert.deepEqual(new Set(states.map(({ versions }) => versions.clients)).size, 1);
  });

  test("a value read before a change is not kept after it", async () => {
    const store = open();
    await store.migrate();
    const client = sampleClient();
    await store.createClient(client);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = cachedStore(
      {
        ...store,
        async findClient(client_id) {
          const found = await store.findClient(client_id);
          await held;
          return found;
        },
      },
      () => 0,
    );
    const reading = slow.findClient(client.client_id);
    await slow.updateClient({ ...client, disabled_at: START });
    release();
    assert.equal((await reading)?.disabled_at, null);
    assert.equal((await slow.findClient(client.client_id))?.disabled_at, START);
  });

  test("a slow database delays one request, and the others use the cache", async () => {
    const store = open();
    await store.migrate();
    let answer = () => {};
    let held: Promise<void> | null = null;
    let passed = 0;
    const node = cachedStore(
      {
        ...store,
        async readState() {
          await held;
          return store.readState();
        },
      },
      () => passed,
    );
    const known = await node.currentState();
    held = new Promise((resolve) => {
      answer = resolve;
    });
    passed += 1000;
    assert.deepEqual(
      await node.currentState(),
      known,
      "one request waits, but not until the answer",
    );
    for (let i = 0; i < 50; i += 1) {
      // Promises that wait for nothing are done before the event loop turns.
      const turned = new Promise((resolve) => setImmediate(resolve, "waits"));
      assert.deepEqual(await Promise.race([node.currentState(), turned]), known);
    }
    answer();
  });

  test("without a database, cached values stay available and others are errors", async () => {
    const { store, node, pass, setAway } = await setup();
    setAway(true);
    await assert.rejects(node.currentState(), /gone/);
    setAway(false);
    const client = sampleClient();
    await store.createClient(client);
    const state = await node.currentState();
    await node.findClient(client.client_id);
    setAway(true);
    pass(10_000);
    assert.deepEqual(await node.currentState(), state);
    assert.deepEqual(await node.findClient(client.client_id), client);
    await assert.rejects(node.findClient("another"), /gone/);
    setAway(false);
    await store.updateClient({ ...client, disabled_at: START });
    await node.currentState();
    assert.equal((await node.findClient(client.client_id))?.disabled_at, START);
  });
});
