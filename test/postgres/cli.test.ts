/** The command line on PostgreSQL, and its errors when the database is unavailable. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertRefused, PASSWORD, type Workplace, workplace } from "../cli/cli.ts";
import { fakeCitus } from "../support/fake_citus.ts";
import { freePort, startPostgres, type TestPostgres } from "../support/postgres.ts";
import { SECRET } from "../support/two_nodes.ts";

const env = { VALETKEY_SECRET: SECRET };
const ADD_ADA = ["user", "add", "--username", "ada", "--admin", "--password-stdin"];
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

test("every command and the server share one database; the server sees a command's change", async () => {
  const database = ["--database", await postgres.newDatabase()];
  const running = await place.start(["--port", "0", ...database], { env });
  assert.match(running.said.stderr, /made the tables in postgres:\/\/postgres@127\.0\.0\.1/);
  await place.json([...ADD_ADA, ...database], { input: PASSWORD, env });
  assert.equal((await place.json(["user", "list", ...database])).length, 1);
  const add = ["client", "add", "--name", "Job", ...database];
  const { client_id, client_secret } = await place.json(add, { env });
  const token = await fetch(`${running.issuer}/token`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${client_id}:${client_secret}`)}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  assert.equal(token.status, 200);
  const { access_token }: { access_token: string } = JSON.parse(await token.text());
  const inspected = await place.json(["token", "inspect", access_token, ...database], { env });
  assert.equal(inspected.verified, true);
  assert.deepEqual((await place.json(["migrate", ...database])).applied, []);
  const { code, stdout, stderr } = await running.stop();
  assert.equal(code, 0);
  assert.doesNotMatch(stdout + stderr, /search_path/, "connection options stay out of the log");
});

test("without the secret nothing is created, and the error says where the secret comes from", async () => {
  const url = await postgres.newDatabase();
  for (const command of [["start", "--port", "0"], ["migrate"], ADD_ADA]) {
    const result = await place.run([...command, "--database", url], { input: PASSWORD });
    assertRefused(result, 1, /secret has to be given/);
    assert.match(result.stderr, /hint: .*VALETKEY_SECRET.*--secret-file/);
  }
  const list = await place.run(["user", "list", "--database", url]);
  assertRefused(list, 1, /no tables of valetkey in postgres:\/\/postgres@/);
});

test("a connection problem is reported in one line, without the password", async () => {
  const url = new URL(await postgres.newDatabase());
  const wrong = (change: (url: URL) => void): string => {
    const changed = new URL(url);
    changed.password = "hunter2";
    change(changed);
    return changed.href;
  };
  const nobody = await freePort();
  const cases: [string, RegExp][] = [
    [wrong((each) => (each.pathname = "/missing")), /refuses: database "missing" does not exist/],
    [wrong((each) => (each.username = "nobody")), /refuses: role "nobody" does not exist/],
    [wrong((each) => (each.username = "locked")), /refuses: .*password/],
    [wrong((each) => (each.port = String(nobody))), /does not answer \(ECONNREFUSED\)/],
    [wrong((each) => (each.hostname = "db.invalid")), /does not answer \(E\w+\)/],
    [wrong((each) => (each.search = "?options=-c%20search_path%3Dnone")), /no schema|refuses/],
    ["postgres://u:hunter2@h:port/x", /is not a URL/],
  ];
  await postgres.query("CREATE ROLE locked LOGIN PASSWORD 'another'");
  const results = await Promise.all(
    cases.map(([database]) => place.run(["start", "--port", "0", "--database", database], { env })),
  );
  for (const [i, result] of results.entries()) {
    assertRefused(result, 1, cases[i]?.[1] ?? /never/);
    assert.match(result.stderr, /\nhint: .+\n$/);
    assert.doesNotMatch(result.stderr, /hunter2/);
  }
});

test("migrate --distribute works, and a backup of that database warns that it is not one moment", async () => {
  const citus = await fakeCitus(postgres, { nodes: 2 });
  const database = ["--database", citus.url];
  const done = await place.run(["migrate", "--distribute", "citus", ...database], { env });
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stdout, /^distributed session$/m);
  assert.doesNotMatch(done.stdout, /distributed (client|account)\b/);
  assert.match(done.stderr, /node 1 holds 16384 of the places.*\nnode 2 holds 16384/);
  assert.match(done.stderr, /Start every node anew/);
  const plan = await place.run(["migrate", "--distribute", "citus", "--plan", ...database], {
    env,
  });
  assert.match(plan.stderr, /nothing to run/);
  const backup = await place.run(["backup", "citus.sqlite", ...database], { env });
  assert.match(backup.stderr, /warning: the database is distributed/);
  const plain = await place.json(["backup", "citus2.sqlite", ...database], { env });
  assert.equal(plain.at_one_moment, false);
});

test("backup, restore and copy work from SQLite to PostgreSQL and back", async () => {
  const start = ["--database", "sqlite:first.sqlite"];
  await place.json([...ADD_ADA, ...start], { input: PASSWORD, env });
  await place.json(["backup", "backup.sqlite", ...start], { env });
  const [one, two] = [await postgres.newDatabase(), await postgres.newDatabase()];
  const restored = await place.run(["restore", "backup.sqlite", "--database", one]);
  assert.equal(restored.code, 0, restored.stderr);
  assert.match(restored.stdout, /^account\s+1\s+1\s+[\da-f]{32}$/m);
  assert.match(restored.stderr, /new epoch/);
  assert.match(restored.stderr, /warning: it needs the secret of the old database/);
  const copied = await place.json(["copy", "--from", one, "--to", two]);
  assert.equal(copied.tables.find(({ table }: { table: string }) => table === "account").rows, 1);
  const saved = await place.json(["backup", "second.sqlite", "--database", two], { env });
  assert.equal(saved.key_file, null);
  assert.equal(saved.at_one_moment, true);
  for (const database of [two, "sqlite:second.sqlite"]) {
    const [ada] = await place.json(["user", "list", "--database", database]);
    assert.equal(ada.username, "ada");
  }
  const again = await place.run(["restore", "backup.sqlite", "--database", one]);
  assertRefused(again, 1, /is in use already/);
  const missing = await place.run(["restore", "none.sqlite", ...start]);
  assertRefused(missing, 1, /no database at none\.sqlite/);
  assertRefused(await place.run(["copy", "--from", one]), 2, /--from and --to are needed/);
  assertRefused(
    await place.run(["copy", "--from", "backup.sqlite", "--to", one]),
    1,
    /backup\.sqlite is not understood/,
  );
});
