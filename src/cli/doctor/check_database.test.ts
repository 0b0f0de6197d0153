import assert from "node:assert/strict";
import { test } from "node:test";
import { serverSecrets } from "../../crypto/server_secret.ts";
import { checkDatabase, checkFiles, checkKeys, checkSecret } from "./check_database.ts";
import { checkLogouts } from "./check_logouts.ts";
import type { DatabaseFacts, FileFacts, KeyFacts, PostgresFacts } from "./inspect_database.ts";

const NOW = 1_800_000_000;
const DAY = 86_400;

const file = (kind: FileFacts["kind"], bytes: number, mode = 0o600): FileFacts => ({
  kind,
  path: `v.sqlite${{ database: "", log: "-wal", key: ".key" }[kind]}`,
  bytes,
  mode,
});
const FACTS: DatabaseFacts = {
  shown: "sqlite:v.sqlite",
  round_trip_ms: 0.02,
  schema: { version: 2, newest: 2 },
  clock_offset_ms: null,
  now: NOW,
  files: [file("database", 5_200_000), file("log", 40_000), file("key", 44)],
  postgres: null,
  keys: [],
  used_secrets: [],
  salt_secret: null,
  client: null,
  logouts: { waiting: 0, error: null },
  passkeys: [],
};
const POSTGRES: PostgresFacts = {
  version: 18.3,
  bytes: 8_000_000,
  max_connections: 100,
  connections: 20,
};

test("a database: schema, size, round-trip time, and limits of PostgreSQL", () => {
  const cases: [Partial<DatabaseFacts>, string, RegExp][] = [
    [{}, "ok", /SQLite, schema 2, 5\.2 MB, log 40 kB, answers in 0\.0 ms/],
    [{ schema: { version: 1, newest: 2 } }, "problem", /has schema 1, and 2 is needed/],
    [{ schema: { version: 0, newest: 2 } }, "problem", /has schema 0/],
    // While nodes are replaced one by one.
    [{ schema: { version: 3, newest: 2 } }, "ok", /schema 3/],
    [{ schema: { version: 4, newest: 2 } }, "problem", /this version of valetkey knows 2/],
    [{ files: [file("log", 3e8)] }, "warning", /has 300\.0 MB: something reads for long/],
    [{ round_trip_ms: 80 }, "warning", /takes 80 ms/],
    [{ postgres: POSTGRES, files: [] }, "ok", /PostgreSQL 18, schema 2, 8\.0 MB/],
    [{ postgres: { ...POSTGRES, version: 12.9 } }, "problem", /PostgreSQL 12\.9/],
    [{ postgres: { ...POSTGRES, connections: 90 } }, "warning", /90 of 100 connections/],
  ];
  for (const [change, status, saw] of cases) {
    const found = checkDatabase({ ...FACTS, ...change });
    assert.equal(found.status, status, JSON.stringify(change));
    assert.match(found.saw, saw);
  }
});

test("messages about ended sessions that fail are told with a reason", () => {
  assert.equal(checkLogouts(FACTS), null);
  for (const [waiting, words] of [
    [1, "1 ended session so far"],
    [7, "7 ended sessions so far"],
  ] as const) {
    const found = checkLogouts({ logouts: { waiting, error: "the client answers 500" } });
    assert.equal(found?.status, "warning");
    assert.match(found.saw, new RegExp(`${words}: the client answers 500`));
  }
});

test("readable secret files are named with the chmod command", () => {
  assert.equal(checkFiles(FACTS)?.status, "ok");
  const found = checkFiles({ files: [file("database", 1, 0o640), file("key", 1, 0o604)] });
  assert.equal(found?.status, "warning");
  assert.equal(found?.advice, "chmod 600 v.sqlite v.sqlite.key");
  assert.equal(checkFiles({ files: [] }), null);
});

const [ONE = "", OTHER = ""] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString("base64url"));
const secrets = serverSecrets(ONE);
const { secret_id } = secrets.current;

const key = (kid: string, alg: "ES256" | "RS256", change: Partial<KeyFacts> = {}): KeyFacts => ({
  kid,
  alg,
  public_jwk: "{}",
  sealed_private_jwk: "",
  created_at: NOW - 20 * DAY,
  signs_at: NOW - 20 * DAY,
  retired_at: null,
  secret_id,
  opens: true,
  ...change,
});
const KEYS = [key("a", "ES256"), key("b", "RS256")];

test("signing keys are published and not older than their schedule", () => {
  const old = { signs_at: NOW - 92 * DAY };
  const cases: [KeyFacts[], string[] | null, string, RegExp][] = [
    [KEYS, ["a", "b"], "ok", /ES256 signs since 20 days, next in 70 days; RS256/],
    [KEYS, null, "ok", /ES256/],
    [KEYS, ["x", "y"], "problem", /it works on another one/],
    [KEYS, ["a"], "problem", /does not publish b/],
    [[key("a", "ES256")], ["a"], "problem", /none signs RS256/],
    [[key("a", "ES256", old), key("b", "RS256")], ["a", "b"], "warning", /ES256 since 92 days/],
    [[...KEYS, key("c", "ES256", { retired_at: NOW })], ["a", "b"], "ok", /ES256/],
  ];
  for (const [keys, published, status, saw] of cases) {
    const found = checkKeys({ keys, now: NOW }, { published, longest_life: 3720 });
    assert.equal(found.status, status, saw.source);
    assert.match(found.saw, saw);
  }
});

test("the secret must be the one in use; otherwise the dependent data is named", () => {
  const other = serverSecrets(OTHER).current.secret_id;
  const look = (change: Partial<DatabaseFacts>, known = secrets) =>
    checkSecret({ ...FACTS, keys: KEYS, ...change }, known);
  assert.deepEqual([look({}).status, look({}).saw], ["ok", `${secret_id} is in use`]);
  const sealed = KEYS.map((each) => ({ ...each, secret_id: other, opens: false }));
  const lost = look({ keys: sealed });
  assert.equal(lost.status, "problem");
  assert.match(lost.saw, new RegExp(`sealed under ${other}, and the secret given is ${secret_id}`));
  const unknown = look({ used_secrets: [secret_id, other] });
  assert.equal(unknown.status, "warning");
  assert.match(unknown.saw, new RegExp(`grants depend on ${other}`));
  const salt = look({ salt_secret: other });
  assert.equal(salt.status, "problem");
  assert.match(salt.saw, new RegExp(`salt of pairwise subjects was sealed under ${other}`));
  for (const known of [{ previous: [OTHER] }, { leaked: [OTHER] }])
    assert.equal(look({ salt_secret: other }, serverSecrets(ONE, known)).status, "ok");
  const previous = look({ used_secrets: [other] }, serverSecrets(ONE, { previous: [OTHER] }));
  assert.deepEqual(
    [previous.status, previous.saw],
    ["ok", `${secret_id} is in use; ${other} still needed`],
  );
  const retired = serverSecrets(ONE, { leaked: [OTHER] });
  for (const change of [{ used_secrets: [secret_id, other] }, { keys: sealed }]) {
    const leaked = look(change, retired);
    assert.equal(leaked.status, "warning");
    assert.match(leaked.saw, new RegExp(`^${other} has leaked`));
    assert.match(leaked.advice ?? "", /secret retire --end-grants/);
  }
  assert.deepEqual(look({}, retired), look({}), "nothing depends on it any more");
  const none = checkSecret(FACTS, { failed: "no key file", hint: "put it back" });
  assert.deepEqual([none.status, none.advice], ["left_out", "put it back"]);
});
