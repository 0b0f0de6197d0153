/** A running server ends rows by a job, after the directory has changed. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { assemble } from "../../src/authorization_server.ts";
import { parseConfig } from "../../src/config.ts";
import { serverSecrets } from "../../src/crypto/server_secret.ts";
import { backgroundJobs } from "../../src/jobs/jobs.ts";
import { CONFORMANCE_LIFETIMES } from "../../src/store/conformance/conformance.ts";
import {
  START,
  sampleAccount,
  sampleClient,
  sampleConsent,
  sampleGrant,
  sampleSession,
} from "../../src/store/conformance/samples.ts";
import { grantWith } from "../../src/store/conformance/scenario.ts";
import { sqlStore } from "../../src/store/sql/store.ts";
import { sqliteDriver } from "../../src/store/sqlite/driver.ts";
import type { Store } from "../../src/store/store.ts";
import { open as openSpread } from "../store/open_spread_store.ts";
import { open } from "../store/open_store.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { CONFIG } from "../support/server.ts";

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

const secrets = serverSecrets(Buffer.alloc(32, 9).toString("base64url"));

/** Runs the jobs of a server on this store until the condition holds. */
async function runJobs(store: Store, now: number, until: () => Promise<boolean>): Promise<void> {
  const server = assemble(parseConfig(CONFIG), { clock: () => now * 1000 }, { store, secrets });
  const jobs = backgroundJobs(server, { keeps_house: true });
  jobs.start();
  for (let i = 0; i < 200 && !(await until()); i += 1) await wait(25);
  await jobs.stop();
}

test("on a distributed database, a job ends the sessions, consents and grants of a removed person", async () => {
  const store = await openSpread(await postgres.newDatabase());
  const { sub, ...account } = sampleAccount();
  const [session, grant] = [sampleSession({ sub }), sampleGrant({ sub })];
  await store.createAccount({ sub, ...account }, ["ada"]);
  await store.createSession(session);
  await grantWith(store, grant, sampleConsent({ sub }));
  await store.removeAccount(sub, START + 60);
  assert.ok(await store.findSession(session.session_id), "the session is on another node");
  const ended = async () => (await store.findSession(session.session_id)) === null;
  await runJobs(store, START + 60, ended);
  assert.equal(await store.findSession(session.session_id), null);
  assert.equal(await store.findConsent(sub, grant.client_id), null);
  assert.equal((await store.findGrant(grant.grant_id))?.revoked_at, START + 60);
  await store.close();
});

const databases: Record<string, () => Promise<Store>> = {
  SQLite: async () => sqlStore(sqliteDriver(":memory:"), CONFORMANCE_LIFETIMES),
  PostgreSQL: async () => open(await postgres.newDatabase()),
  "a distributed database": async () => openSpread(await postgres.newDatabase()),
};

for (const [name, openAt] of Object.entries(databases))
  test(`${name}: a job ends grants and consents of a removed client, also after a failure`, async () => {
    const store = await openAt();
    await store.migrate();
    await store.createClient(sampleClient({ client_id: "printly" }));
    const grant = sampleGrant();
    await grantWith(store, grant, sampleConsent());
    await store.removeClient("printly", START + 60);
    const revoked_at = async () => (await store.findGrant(grant.grant_id))?.revoked_at;
    assert.equal(await revoked_at(), null, "the row ends later");

    let failures = 0;
    const revokeGrantsOf: Store["revokeGrantsOf"] = () => {
      failures += 1;
      return Promise.reject(new Error("the database is away"));
    };
    await runJobs({ ...store, revokeGrantsOf }, START + 60, async () => failures > 0);
    assert.equal(failures, 1);
    assert.equal(await revoked_at(), null);
    await runJobs(store, START + 120, async () => (await revoked_at()) !== null);
    assert.equal(await revoked_at(), START + 60);
    assert.equal(await store.findConsent(grant.sub, "printly"), null);
    await store.close();
  });
