/** Two worker processes on PostgreSQL: both are equal, and each opens the database itself. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { workplace } from "../cli/cli.ts";
import { authorize, introspect, redeem, refresh, tokensFor, userinfo } from "../support/flow.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { SECRET } from "../support/two_nodes.ts";
import { eventually, isAlive, type Supervisor, startSupervisor, times } from "./supervisor.ts";

const place = workplace();
let postgres: TestPostgres;
let supervisor: Supervisor;
before(async () => {
  postgres = await startPostgres();
  const args = ["--database", await postgres.newDatabase()];
  const secret = ["--secret-file", place.write("secret", SECRET)];
  supervisor = await startSupervisor(place, [...args, ...secret]);
});
after(async () => {
  await place.remove();
  await postgres.stop();
});

test("the main story and the races for a code and for a refresh go through both workers", async () => {
  const { access_token, browser } = await tokensFor(supervisor, supervisor.web);
  assert.equal((await userinfo(supervisor, access_token)).status, 200);

  const { code } = await authorize(supervisor, supervisor.web, { browser });
  const redeemed = await times(20, () => redeem(supervisor, supervisor.web, code));
  const winners = redeemed.filter(({ status }) => status === 200);
  assert.ok(winners.length <= 1, `${winners.length} winners`);
  for (const { body } of winners)
    assert.deepEqual(await introspect(supervisor, supervisor.web, body.access_token), {
      active: false,
    });

  const parameters = {
    redirect_uri: "http://127.0.0.1:3456/callback",
    scope: "openid offline_access",
  };
  const { refresh_token } = await tokensFor(supervisor, supervisor.native, { browser, parameters });
  const refreshed = await times(20, () => refresh(supervisor, supervisor.native, refresh_token));
  assert.equal(new Set(refreshed.map(({ body }) => body.refresh_token)).size, 1);
  for (const number of [1, 2])
    assert.ok(
      supervisor.lines().some(({ event, worker }) => event === "request" && worker === number),
    );
});

test("a killed worker is replaced; all stop together", async () => {
  const [killed = 0] = supervisor.pids();
  process.kill(killed, "SIGKILL");
  await eventually(() => supervisor.pids().length === 3, "another worker");
  assert.equal((await tokensFor(supervisor, supervisor.web)).token_type, "Bearer");
  const { code, stderr } = await supervisor.running.stop();
  assert.equal(code, 0, stderr);
  assert.ok(!supervisor.pids().some(isAlive));
});
