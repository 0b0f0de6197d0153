import assert from "node:assert/strict";
import { test } from "node:test";
import { CONFORMANCE_LIFETIMES } from "../store/conformance/conformance.ts";
import { START, sampleAccount, sampleClient } from "../store/conformance/samples.ts";
import { sqlStore } from "../store/sql/store.ts";
import { sqliteDriver } from "../store/sqlite/driver.ts";
import { auditedStore } from "./audited_store.ts";

test("what was done is noted, and what was refused is not", async () => {
  const plain = sqlStore(sqliteDriver(":memory:"), CONFORMANCE_LIFETIMES);
  await plain.migrate();
  const store = auditedStore(plain, { now_ms: START * 1000, retention: 60 });
  const events = async () =>
    (await store.listAudit({ limit: 10 })).map(({ event, expires_at }) => [event, expires_at]);
  const client = sampleClient();
  assert.equal(await store.updateClient(client), false);
  assert.equal(await store.removeClient(client.client_id, START), false);
  assert.equal(await store.removeAccount("nobody", START), false);
  assert.equal(await store.retireSigningKey("unknown", START), false);
  assert.deepEqual(await events(), []);
  assert.equal(await store.createClient(client), true);
  assert.equal(await store.createClient(client), false);
  assert.equal(await store.createAccount(sampleAccount(), ["ada"]), true);
  assert.equal(await store.createAccount(sampleAccount(), ["ada"]), false);
  assert.deepEqual((await events()).sort(), [
    ["client_created", START + 60],
    ["user_created", START + 60],
  ]);
  await store.close();
});

test("of a change the names of what changed are noted, and never a value", async () => {
  const plain = sqlStore(sqliteDriver(":memory:"), CONFORMANCE_LIFETIMES);
  await plain.migrate();
  const store = auditedStore(plain, { now_ms: START * 1000, retention: 60 });
  const [client, account] = [sampleClient(), sampleAccount()];
  await plain.createClient(client);
  await plain.createAccount(account, ["ada"]);
  await store.updateClient(
    { ...client, secrets: [], resource: "https://api.test" },
    { before: client },
  );
  await store.updateAccount({ ...account, password_hash: "$argon2id$new" }, ["ada"], {
    before: account,
  });
  const noted = await store.listAudit({ limit: 10 });
  const changed = noted.map(({ details }) => details.changed);
  assert.deepEqual(changed.sort(), [["password_hash"], ["secrets", "resource"]]);
  assert.doesNotMatch(JSON.stringify(noted), /argon2id|api\.test/);
  await store.close();
});
