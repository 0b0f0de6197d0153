import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { assertRefused, PASSWORD, workplace } from "./cli.ts";

const place = workplace();
const at = (name: string): string => join(place.folder, name);
const database = (name: string): string[] => ["--database", `sqlite:${name}`];

before(async () => {
  const { code, stdout, stderr } = await place.run(["migrate"]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^applied migration 1$/m);
});
after(() => place.remove());

test("migrate creates a database, and changes nothing the second time", async () => {
  assert.equal(statSync(at("valetkey.sqlite.key")).mode & 0o777, 0o600);
  const again = await place.json(["migrate"]);
  assert.deepEqual(again.applied, []);
  assert.match((await place.run(["migrate"])).stdout, /^up to date \(schema \d+\)\n$/);
});

test("with --secret-file no key file is created", async () => {
  const { secret } = await place.json(["secret"]);
  place.write("secret", `${secret}\n`);
  const args = ["migrate", ...database("outside.sqlite"), "--secret-file", "secret"];
  const { code, stderr } = await place.run(args);
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /key file/);
  assert.ok(!existsSync(at("outside.sqlite.key")));
  // A command that needs no secret does not ask for one; one that needs it reports that.
  assert.deepEqual(await place.json(["user", "list", ...database("outside.sqlite")]), []);
  const rotate = await place.run(["keys", "rotate", ...database("outside.sqlite")]);
  assertRefused(
    rotate,
    1,
    /outside\.sqlite is there, but its key file outside\.sqlite\.key is not/,
  );
});

test("a file that is not our database is reported in one line and left unchanged", async () => {
  place.write("text.sqlite", "this is a letter, and no database at all");
  place.write("torn.sqlite", `SQLite format 3\0${"garbage".repeat(900)}`);
  mkdirSync(at("folder.sqlite"));
  const newer = new DatabaseSync(at("newer.sqlite"));
  newer.exec("CREATE TABLE schema_version (id INTEGER PRIMARY KEY, version INTEGER NOT NULL)");
  newer.exec("INSERT INTO schema_version VALUES (1, 900)");
  newer.close();
  place.write("newer.sqlite.key", readFileSync(at("valetkey.sqlite.key"), "utf8"));
  const wrong: [string[], RegExp][] = [
    [database("text.sqlite"), /text\.sqlite is not a SQLite database, or it is damaged/],
    [database("torn.sqlite"), /damaged/],
    [database("folder.sqlite"), /folder\.sqlite is not a file/],
    [database("newer.sqlite"), /has schema 900, this version of valetkey knows \d+/],
    [["--database", "mysql://u:hush@db.example/x"], /mysql:\/\/…@db\.example\/x is not under/],
  ];
  const files = ["text.sqlite", "torn.sqlite"].map(
    (name) => [name, readFileSync(at(name))] as const,
  );
  const results = await Promise.all(
    wrong.flatMap(([args]) => [
      place.run(["user", "list", ...args]),
      place.run(["start", "--port", "0", ...args]),
    ]),
  );
  for (const [i, result] of results.entries()) {
    assertRefused(result, 1, wrong[i >> 1]?.[1] ?? /never/);
    assert.match(result.stderr, /\nhint: .+\n$/);
    assert.doesNotMatch(result.stderr, /hush/);
  }
  for (const [name, content] of files) assert.ok(readFileSync(at(name)).equals(content), name);
});

test("a location that cannot be written gets no partial database", async () => {
  const folder = await place.run(["start", "--port", "0", ...database("nowhere/x.sqlite")]);
  assertRefused(folder, 1, /cannot write the key file nowhere\/x\.sqlite\.key/);
  assert.ok(!existsSync(at("nowhere")));
  const { secret } = await place.json(["secret"]);
  const env = { VALETKEY_SECRET: secret };
  const keyed = await place.run(["start", "--port", "0", ...database("nowhere/x.sqlite")], { env });
  assertRefused(keyed, 1, /cannot open the database nowhere\/x\.sqlite/);
});

test("a lost, damaged or wrong key is reported and never replaced", async () => {
  const start = ["start", "--port", "0", ...database("lost.sqlite")];
  const running = await place.start(["--port", "0", ...database("lost.sqlite")]);
  assert.equal((await running.stop()).code, 0);
  const key = readFileSync(at("lost.sqlite.key"), "utf8");
  rmSync(at("lost.sqlite.key"));
  assertRefused(await place.run(start), 1, /lost\.sqlite is there, but its key file/);
  assert.ok(!existsSync(at("lost.sqlite.key")));
  place.write("lost.sqlite.key", "half a k");
  assertRefused(await place.run(start), 1, /the key file lost\.sqlite\.key is damaged/);
  const { secret } = await place.json(["secret"]);
  const env = { VALETKEY_SECRET: secret };
  assertRefused(await place.run(start, { env }), 1, /made under another secret/);
  const rotate = await place.run(["keys", "rotate", ...database("lost.sqlite")], { env });
  assertRefused(rotate, 1, /made under another secret/);
  // With the right key as the previous secret, the server starts again.
  const both = { VALETKEY_SECRET: secret, VALETKEY_SECRET_PREVIOUS: key.trim() };
  const again = await place.start(["--port", "0", ...database("lost.sqlite")], { env: both });
  assert.equal((await again.stop()).code, 0);
});

test("two commands that create the same database at once agree on its key", async () => {
  const add = (username: string) =>
    place.run(
      ["user", "add", "--username", username, "--password-stdin", ...database("race.sqlite")],
      { input: PASSWORD },
    );
  const results = await Promise.all(["ada", "ben", "cleo"].map(add));
  for (const { code, stderr } of results) assert.equal(code, 0, stderr);
  assert.equal((await place.json(["user", "list", ...database("race.sqlite")])).length, 3);
});

test("a backup is complete, private, never overwrites a file, and leaves no partial file", async () => {
  await place.run(["user", "add", "--username", "ada", "--password-stdin"], { input: PASSWORD });
  const { stdout, stderr, code } = await place.run(["backup", "copy.sqlite"]);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "copy.sqlite\n");
  assert.match(stderr, /The secret is not in it: keep a copy of valetkey\.sqlite\.key/);
  assert.equal(statSync(at("copy.sqlite")).mode & 0o777, 0o600);
  const [ada] = await place.json(["user", "list", ...database("copy.sqlite")]);
  assert.equal(ada.username, "ada");
  assertRefused(await place.run(["backup", "copy.sqlite"]), 1, /copy\.sqlite is there already/);
  assertRefused(await place.run(["backup", "nowhere/copy.sqlite"]), 1, /ENOENT/);
  const missing = await place.run(["backup", "x.sqlite", ...database("none.sqlite")]);
  assertRefused(missing, 1, /no database at none\.sqlite/);
  const json = await place.json(["backup", "second.sqlite"]);
  assert.equal(json.holds_secret, false);
  assert.equal(json.key_file, "valetkey.sqlite.key");
  assert.equal(json.bytes, statSync(at("second.sqlite")).size);
});
