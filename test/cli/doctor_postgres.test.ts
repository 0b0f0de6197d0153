/** doctor on PostgreSQL: its checks, and its finding for an old schema. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import pg from "pg";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { SECRET } from "../support/two_nodes.ts";
import { type Workplace, workplace } from "./cli.ts";

const env = { VALETKEY_SECRET: SECRET };
let place: Workplace;
let postgres: TestPostgres;
before(async () => {
  place = workplace();
  postgres = await startPostgres();
});
after(async () => {
  await place.remove();
  await postgres.stop();
});

test("doctor reads version, size, connections, clock, keys and secret, and changes nothing", async () => {
  const url = await postgres.newDatabase();
  const running = await place.start(["--port", "0", "--database", url], { env });
  const args = ["doctor", "--issuer", running.issuer, "--database", url];
  const findings: { check: string; status: string; saw: string }[] = await place.json(args, {
    env,
  });
  assert.deepEqual(
    findings.filter(({ status }) => status !== "ok"),
    [],
  );
  const saw = (wanted: string) => findings.find(({ check }) => check === wanted)?.saw ?? "";
  assert.match(saw("database"), /^postgres:\/\/postgres@127\S+: PostgreSQL 18, schema \d+, /);
  assert.match(saw("clock"), /agree/);
  assert.match(saw("signing_keys"), /^ES256 signs since 0 days, next in 90 days; RS256/);
  await running.stop();

  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("UPDATE schema_version SET version = version + 2");
  const ahead = await place.run(args, { env });
  assert.equal(ahead.code, 1);
  assert.match(
    ahead.stdout,
    /^problem {3}database .* has schema \d+, and this version of valetkey knows \d+\n +use the newer/m,
  );
  const { rows } = await client.query("SELECT version FROM schema_version");
  await client.end();
  assert.match(ahead.stdout, new RegExp(`has schema ${rows[0].version},`));
});

test("an unreachable database and a wrong secret are one finding each", async () => {
  const url = await postgres.newDatabase();
  await place.run(["migrate", "--database", url], { env });
  const args = ["doctor", "--issuer", "http://127.0.0.1:1", "--database"];
  const away = await place.run([...args, "postgres://postgres@127.0.0.1:1/valetkey"], { env });
  assert.equal(away.code, 1);
  assert.match(away.stdout, /^problem {3}database /m);
  assert.doesNotMatch(away.stdout + away.stderr, /^\s+at /m);
  const without = await place.run([...args, url]);
  assert.match(without.stdout, /^left out {2}secret .*secret has to be given/m);
});
