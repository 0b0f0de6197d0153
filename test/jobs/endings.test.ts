/** On a distributed database, a running server ends a person's rows by a job after the directory has changed. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { assemble } from "../../src/authorization_server.ts";
import { parseConfig } from "../../src/config.ts";
import { serverSecrets } from "../../src/crypto/server_secret.ts";
import { backgroundJobs } from "../../src/jobs/jobs.ts";
import {
  START,
  sampleAccount,
  sampleConsent,
  sampleGrant,
  sampleSession,
} from "../../src/store/conformance/samples.ts";
import { grantWith } from "../../src/store/conformance/scenario.ts";
import { open } from "../store/open_spread_store.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { CONFIG } from "../support/server.ts";

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

test("a job ends the sessions, consents and grants of a removed person", async () => {
  const opened = await open(await postgres.newDatabase());
  const secrets = serverSecrets(Buffer.alloc(32, 9).toString("base64url"));
  const clock = () => (START + 60) * 1000;
  const server = assemble(parseConfig(CONFIG), { clock }, { store: opened, secrets });
  const { store } = server;
  const { sub, ...account } = sampleAccount();
  const [session, grant] = [sampleSession({ sub }), sampleGrant({ sub })];
  await store.createAccount({ sub, ...account }, ["ada"]);
  await store.createSession(session);
  await grantWith(store, grant, sampleConsent({ sub }));
  await store.removeAccount(sub, START + 60);
  assert.ok(await store.findSession(session.session_id), "the session is on another node");

  const jobs = backgroundJobs(server, { keeps_house: true });
  jobs.start();
  for (let i = 0; i < 200 && (await store.findSession(session.session_id)); i += 1) await wait(25);
  await jobs.stop();
  assert.equal(await store.findSession(session.session_id), null);
  assert.equal(await store.findConsent(sub, grant.client_id), null);
  assert.equal((await store.findGrant(grant.grant_id))?.revoked_at, START + 60);
  await store.close();
});
