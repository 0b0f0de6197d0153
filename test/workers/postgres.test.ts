/** Two worker processes on PostgreSQL: all are equal, and each opens the database for itself. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { workplace } from "../cli/cli.ts";
import { authorize, introspect, redeem, refresh, tokensFor, userinfo } from "../support/flow.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { SECRET } from "../support/two_nodes.ts";
import { type Crew, eventually, isAlive, startCrew, times } from "./crew.ts";

const place = workplace();
let postgres: TestPostgres;
let crew: Crew;
before(async () => {
  postgres = await startPostgres();
  const args = ["--database", await postgres.newDatabase()];
  const secret = ["--secret-file", place.write("secret", SECRET)];
  crew = await startCrew(place, [...args, ...secret]);
});
after(async () => {
  await place.remove();
  await postgres.stop();
});

test("the story, the race for a code and the race of refreshes go through both", async () => {
  const { access_token, browser } = await tokensFor(crew, crew.web);
  assert.equal((await userinfo(crew, access_token)).status, 200);

  const { code } = await authorize(crew, crew.web, { browser });
  const redeemed = await times(20, () => redeem(crew, crew.web, code));
  const winners = redeemed.filter(({ status }) => status === 200);
  assert.ok(winners.length <= 1, `${winners.length} winners`);
  for (const { body } of winners)
    assert.deepEqual(await introspect(crew, crew.web, body.access_token), { active: false });

  const parameters = {
    redirect_uri: "http://127.0.0.1:3456/callback",
    scope: "openid offline_access",
  };
  const { refresh_token } = await tokensFor(crew, crew.native, { browser, parameters });
  const refreshed = await times(20, () => refresh(crew, crew.native, refresh_token));
  assert.equal(new Set(refreshed.map(({ body }) => body.refresh_token)).size, 1);
  for (const number of [1, 2])
    assert.ok(crew.lines().some(({ event, worker }) => event === "request" && worker === number));
});

test("a worker that is killed is replaced; all end together", async () => {
  const [killed = 0] = crew.pids();
  process.kill(killed, "SIGKILL");
  await eventually(() => crew.pids().length === 3, "another worker");
  assert.equal((await tokensFor(crew, crew.web)).token_type, "Bearer");
  const { code, stderr } = await crew.running.stop();
  assert.equal(code, 0, stderr);
  assert.ok(!crew.pids().some(isAlive));
});
