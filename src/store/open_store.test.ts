import assert from "node:assert/strict";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { randomText } from "../crypto/hash.ts";
import { BadSecret } from "../crypto/server_secret.ts";
import { CONFORMANCE_LIFETIMES as lifetimes } from "./conformance/conformance.ts";
import {
  databaseExists,
  existingSecrets,
  keyFileOf,
  openExistingStore,
  openStore,
  parseDatabase,
  shownDatabase,
} from "./open_store.ts";
import { DatabaseError } from "./sql/driver.ts";

const folder = mkdtempSync(join(tmpdir(), "valetkey-open-"));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newFile = (): string => {
  files += 1;
  return join(folder, `${files}.sqlite`);
};
delete process.env.VALETKEY_SECRET;
delete process.env.VALETKEY_SECRET_PREVIOUS;

async function make(path: string, given = {}): Promise<string> {
  const { store, secrets } = openStore({ database: `sqlite:${path}`, lifetimes }, given);
  await store.migrate();
  await store.close();
  return secrets.current.secret_id;
}
const refused = (message: RegExp) => (error: unknown) =>
  error instanceof DatabaseError && message.test(error.message) && error.hint !== "";

test("the key file is created with the database, private to its owner, and used from then on", async () => {
  const path = newFile();
  const made = await make(path);
  const key = keyFileOf(path);
  for (const file of [key, path]) assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.match(readFileSync(key, "utf8"), /^[\w-]{43}\n$/);
  assert.equal(await make(path), made);
  assert.equal(existingSecrets(`sqlite:${path}`, {}).current.secret_id, made);
  // Reading the database is not enough to make tokens.
  assert.ok(!readFileSync(path).includes(readFileSync(key, "utf8").trim()));
});

test("a lost or damaged key file is reported and not replaced", async () => {
  const path = newFile();
  await make(path);
  const key = keyFileOf(path);
  const secret = readFileSync(key, "utf8");
  writeFileSync(key, "damaged");
  await assert.rejects(make(path), refused(/damaged/));
  rmSync(key);
  await assert.rejects(make(path), refused(/key file/));
  assert.throws(() => existingSecrets(`sqlite:${path}`, {}), refused(/key file/));
  assert.equal(existsSync(key), false);
  // Its content can be given as the secret instead.
  assert.ok(await make(path, { secret: secret.trim() }));
  assert.equal(existsSync(key), false);
});

test("a given secret takes precedence over the key file, and none is created", async () => {
  const path = newFile();
  const secret = randomText(32);
  const made = await make(path, { secret });
  assert.equal(existsSync(keyFileOf(path)), false);
  process.env.VALETKEY_SECRET = secret;
  try {
    assert.equal(await make(path), made);
    const old = randomText(32);
    process.env.VALETKEY_SECRET_PREVIOUS = `${old}, ${randomText(32)}\n`;
    const { store, secrets } = openStore({ database: `sqlite:${path}`, lifetimes }, {});
    assert.ok(secrets.find(openIdOf(old), "seal"));
    await store.close();
  } finally {
    delete process.env.VALETKEY_SECRET;
    delete process.env.VALETKEY_SECRET_PREVIOUS;
  }
  for (const wrong of ["short", `${secret}=`])
    await assert.rejects(make(path, { secret: wrong }), BadSecret);
});

const openIdOf = (secret: string): string =>
  openStore({ database: "sqlite::memory:", lifetimes }, { secret }).secrets.current.secret_id;

test("a database in memory has a secret of its own and no file", async () => {
  const before = readdirSync(folder).length;
  const [one, two] = [await make(":memory:"), await make(":memory:")];
  assert.notEqual(one, two);
  assert.equal(readdirSync(folder).length, before);
  assert.equal(existsSync(":memory:.key"), false);
});

test("reading does not create a missing database", async () => {
  const path = newFile();
  await assert.rejects(
    openExistingStore({ database: `sqlite:${path}`, lifetimes }),
    refused(/no database/),
  );
  await assert.rejects(
    openExistingStore({ database: "sqlite::memory:", lifetimes }),
    DatabaseError,
  );
  assert.equal(await databaseExists(`sqlite:${path}`), false);
  assert.equal(existsSync(path), false);
});

test("an unknown database address is refused without showing its password", async () => {
  for (const database of ["", "sqlite:", "mysql://u:hunter2@h/db", "file.sqlite", "/a/file"])
    assert.throws(
      () => openStore({ database, lifetimes }, {}),
      (error) => refused(/not understood/)(error) && !String(error).includes("hunter2"),
      database,
    );
});

test("a PostgreSQL address is shown without its password, and a malformed one is refused", () => {
  const shown: [string, string][] = [
    [
      "postgres://ada:hunter2@db.example:5433/ids?password=hunter2",
      "postgres://ada@db.example:5433/ids",
    ],
    ["postgresql://ada:hunter2@/ids?host=/run/postgresql", "postgres://ada@localhost/ids"],
    ["postgres://db.example/ids", "postgres://db.example/ids"],
    ["postgres://ada:hunter2%@db.example/ids", "postgres://…"],
    ["mysql://ada:hun@ter2@db.example/ids", "mysql://…@db.example/ids"],
    ["sqlite:ids.sqlite", "sqlite:ids.sqlite"],
  ];
  for (const [database, expected] of shown) assert.equal(shownDatabase(database), expected);
  for (const database of [
    "postgres://ada:hunter2%@db.example/ids",
    "postgres://u:hunter2@h:port/x",
  ])
    assert.throws(
      () => parseDatabase(database),
      (error) => refused(/is not a URL/)(error) && !String(error).includes("hunter2"),
    );
});

test("PostgreSQL requires a secret from outside", () => {
  const database = "postgres://ada@db.example/ids";
  assert.throws(() => openStore({ database, lifetimes }, {}), refused(/secret has to be given/));
  assert.throws(() => existingSecrets(database, {}), refused(/secret has to be given/));
});

test("an unwritable location is reported, and no partial file is left", async () => {
  const path = join(folder, "nowhere", "x.sqlite");
  await assert.rejects(make(path), refused(/cannot|not writable/));
  assert.equal(existsSync(join(folder, "nowhere")), false);
});
