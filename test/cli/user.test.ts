import assert from "node:assert/strict";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { SCOPE_CLAIMS } from "../../src/oauth/claims.ts";
import { tokensFor, userinfo } from "../support/flow.ts";
import { testServer, WEB } from "../support/server.ts";
import { assertRefused, PASSWORD, workplace } from "./cli.ts";

const place = workplace();
after(() => place.remove());

const stdin = ["--password-stdin"];
const input = `${PASSWORD}\n`;

test("reading without a database reports that and creates none", async () => {
  const results = await Promise.all(
    [
      ["user", "list"],
      ["user", "show", "ada"],
      ["client", "list"],
      ["keys", "list"],
    ].map((args) => place.run(args)),
  );
  for (const result of results) assertRefused(result, 1, /no database at valetkey\.sqlite/);
  assert.deepEqual(
    ["valetkey.sqlite", "valetkey.sqlite.key"].filter((name) =>
      statSync(join(place.folder, name), { throwIfNoEntry: false }),
    ),
    [],
  );
});

const mistyped = '{"email_verified":"true","updated_at":"2026-01-01","picture":"javascript:1"}';
const MISTYPED =
  /email_verified must be true or false; .*updated_at must be a number of seconds since 1970; .*picture must be a web address/;

test("an invalid account is refused before a database is created", async () => {
  const wrong: [string[], string, 1 | 2, RegExp][] = [
    [["--username", "ada"], "", 2, /no password, and nobody to ask/],
    [["--username", "ada", ...stdin], "too short\n", 1, /too short: 10 characters/],
    [["--username", "ada", ...stdin], "password123\n", 1, /one of the commonest/],
    [["--username", "ada", ...stdin], "two lines\nof a password\n", 1, /has a line break/],
    [["--username", "a da", ...stdin], input, 1, /a da can't be a user name/],
    [["--username", "ada", "--email", "nobody", ...stdin], input, 1, /not an e-mail address/],
    [["--username", "ada", "--claims", '{"sub":"x"}', ...stdin], input, 1, /sub is set by the/],
    [["--username", "ada", "--claims", "{", ...stdin], input, 2, /not valid JSON/],
    [["--username", "ada", "--claims", mistyped, ...stdin], input, 1, MISTYPED],
    [["--email", "ada@example.com", ...stdin], input, 2, /--username <name>' not specified/],
  ];
  const results = await Promise.all(
    wrong.map(([args, text]) => place.run(["user", "add", ...args], { input: text })),
  );
  for (const [i, [, , code, message]] of wrong.entries())
    assertRefused(results[i] ?? { code: null, stdout: "", stderr: "" }, code, message);
  assert.equal(
    statSync(join(place.folder, "valetkey.sqlite"), { throwIfNoEntry: false }),
    undefined,
  );
});

let sub = "";

test("the first account creates the database, with a private key file", async () => {
  const claims = '{"locale":"en","name":"Countess"}';
  const { code, stdout, stderr } = await place.run(
    [
      "user",
      "add",
      "--username",
      "Ada",
      "--email",
      "ada@example.com",
      "--name",
      "Ada Lovelace",
    ].concat(["--claims", claims, "--admin", "--json", ...stdin]),
    { input },
  );
  assert.equal(code, 0, stderr);
  const account = JSON.parse(stdout);
  sub = account.sub;
  assert.match(sub, /^[0-9a-f]{32}$/);
  assert.ok(Math.abs(account.created_at - Date.now() / 1000) < 60);
  const { created_at: _, ...rest } = account;
  assert.deepEqual(rest, {
    sub,
    username: "Ada",
    login_email: "ada@example.com",
    claims: {
      name: "Countess",
      email: "ada@example.com",
      email_verified: true,
      locale: "en",
    },
    is_admin: true,
    disabled_at: null,
    disabled: false,
  });
  assert.match(
    stderr,
    /made the database valetkey\.sqlite, and its key file valetkey\.sqlite\.key/,
  );
  for (const name of ["valetkey.sqlite", "valetkey.sqlite.key"])
    assert.equal(statSync(join(place.folder, name)).mode & 0o777, 0o600, name);
});

test("a user name or e-mail address is unique, however it is written", async () => {
  const taken = await Promise.all([
    place.run(["user", "add", "--username", "ADA", ...stdin], { input }),
    place.run(["user", "add", "--username", "ben", "--email", "Ada@Example.com", ...stdin], {
      input,
    }),
  ]);
  assertRefused(taken[0], 1, /ADA is somebody's already/);
  assertRefused(taken[1], 1, /Ada@Example\.com is somebody's already/);
  const added = await place.run(["user", "add", "--username", "ben", ...stdin], { input });
  assert.match(added.stdout, /^username {2}ben$/m);
  assert.doesNotMatch(added.stdout, /password|argon2/);
});

test("a person is found by name, address or sub", async () => {
  const shown = await Promise.all(
    ["ada", "ADA@EXAMPLE.COM", sub].map((name) => place.json(["user", "show", name])),
  );
  for (const account of shown) assert.equal(account.sub, sub);
  assertRefused(await place.run(["user", "show", "eve"]), 1, /there is no user eve/);
});

test("user list prints all accounts, oldest first, as a table or as JSON", async () => {
  const accounts = await place.json(["user", "list"]);
  assert.deepEqual(
    accounts.map(({ username }: { username: string }) => username),
    ["Ada", "ben"],
  );
  assert.doesNotMatch(JSON.stringify(accounts), /argon2/);
  const { stdout } = await place.run(["user", "list"]);
  const [head, first = "", second = ""] = stdout.split("\n");
  assert.match(head ?? "", /^USERNAME +EMAIL +ADMIN +STATE/);
  assert.match(first, /^Ada +ada@example\.com +yes +active/);
  assert.match(second, /^ben +- +no +active/);
});

test("user update changes the given settings: claims are merged, null removes one", async () => {
  const args = ["user", "update", "ada", "--username", "countess", "--email", "", "--no-admin"];
  const changed = await place.json([...args, "--claims", '{"locale":null,"nickname":"A"}']);
  assert.equal(changed.username, "countess");
  assert.equal(changed.login_email, null);
  assert.equal(changed.is_admin, false);
  assert.deepEqual(changed.claims, { name: "Countess", nickname: "A" });
  const back = await place.run(["user", "update", "countess", "--username", "ada", "--admin"]);
  assert.equal(back.code, 0, back.stderr);
  assertRefused(await place.run(["user", "update", "ada"]), 2, /nothing to change/);
  const taken = await place.run(["user", "update", "ben", "--username", "ADA"]);
  assertRefused(taken, 1, /somebody else's/);
});

test("update refuses a claim of the wrong type, and warns of one that no scope gives", async () => {
  const update = (claims: object, ...flags: string[]) =>
    place.run(["user", "update", "ben", "--claims", JSON.stringify(claims), ...flags]);
  assertRefused(await update(JSON.parse(mistyped)), 1, MISTYPED);
  const scopes = { groups: { text: "See your groups", claims: ["groups"] } };
  writeFileSync(join(place.folder, "scopes.json"), JSON.stringify({ scopes }));
  const config = ["--config", "scopes.json"];
  const warned = await update({ groups: ["admins"], roles: ["root"], locale: "de" }, ...config);
  assert.equal(warned.code, 0, warned.stderr);
  assert.match(warned.stderr, /^warning: no scope gives roles, so no app can learn it: .*"roles"/m);
  const taken = await update({ groups: null, roles: null, locale: null }, ...config);
  assert.doesNotMatch(taken.stderr, /warning/);
});

test("an address set by an operator counts as verified unless stated otherwise", async () => {
  const change = async (...flags: string[]) => {
    const { login_email, claims } = await place.json(["user", "update", "ben", ...flags]);
    return [login_email, claims.email, claims.email_verified];
  };
  const address = "ben@example.com";
  assert.deepEqual(await change("--email", address), [address, address, true]);
  assert.deepEqual(await change("--email-unverified"), [null, address, false]);
  const shown = await place.run(["user", "show", "ben"]);
  assert.match(shown.stdout, /^email +ben@example\.com \(not verified\)$/m);
  assertRefused(await place.run(["user", "show", address]), 1, /there is no user/);
  assert.deepEqual(await change("--email", address), [address, address, true]);
  const other = ["--email", "b@example.com", "--email-unverified"];
  assert.deepEqual(await change(...other), [null, "b@example.com", false]);
  const poses = await place.run(["user", "update", "ben", "--username", "b@example.com"]);
  assertRefused(poses, 1, /b@example\.com looks like an e-mail address/);
  await change("--email", "");
});

test("a long list is printed whole, as a table and as JSON", async () => {
  const accounts = await place.json(["user", "list"]);
  const { stdout } = await place.run(["user", "list", "--json"]);
  assert.equal(stdout, `${JSON.stringify(accounts, null, 2)}\n`);
});

test("user revoke reports what it ended and what it left, and is recorded", async () => {
  const all = await place.run(["user", "revoke", "ada"]);
  assert.equal(all.code, 0, all.stderr);
  assert.equal(all.stdout, "");
  assert.match(all.stderr, /all access of ada has ended: sessions, grants and tokens/);
  assert.match(all.stderr, /without asking, after the next sign-in \(--forget changes that\)/);
  await place.json(["client", "add", "--client-id", "app", "--name", "App"]);
  const one = ["user", "revoke", "ada", "--client", "app", "--forget"];
  assert.deepEqual(await place.json(one), {
    ...{ sub, client_id: "app", revoked: true, forgotten: true },
  });
  assertRefused(await place.run(["user", "revoke", "ada", "--client", "x"]), 1, /no client x/);
  assertRefused(await place.run(["user", "revoke", "eve"]), 1, /there is no user eve/);
  const events = await place.json(["audit", "list", "--sub", sub, "--limit", "2"]);
  assert.deepEqual(
    events.map(({ event, client_id }: Record<string, unknown>) => [event, client_id]),
    [
      ["user_revoked", "app"],
      ["user_revoked", null],
    ],
  );
});

test("user password reports what it ended and what it left; --revoke ends that too", async () => {
  const set = (...flags: string[]) =>
    place.run(["user", "password", "ada", ...stdin, ...flags], { input });
  const plain = await set();
  assert.match(plain.stderr, /all sessions have ended/);
  assert.match(plain.stderr, /keep their access: --revoke ends that too/);
  const whole = await set("--revoke");
  assert.match(whole.stderr, /All apps have lost their access too/);
  assert.match(whole.stderr, /get it again, without asking/);
});

test("disable, enable, password and remove print to stderr; --json prints to stdout", async () => {
  const disabled = await place.run(["user", "disable", "ada"]);
  assert.equal(disabled.stdout, "");
  assert.match(disabled.stderr, /Ada|ada is disabled/);
  assert.match(disabled.stderr, /warning: no administrator is left/);
  const enabled = await place.json(["user", "enable", "ada"]);
  assert.equal(enabled.disabled, false);
  const weak = await place.run(["user", "password", "ada", ...stdin], { input: "short\n" });
  assertRefused(weak, 1, /too short/);
  const set = await place.run(["user", "password", "ada", ...stdin], { input });
  assert.equal(set.code, 0, set.stderr);
  assert.doesNotMatch(set.stdout + set.stderr, new RegExp(PASSWORD));
  assert.deepEqual(await place.json(["user", "remove", "ada"]), { sub, removed: true });
  assertRefused(await place.run(["user", "remove", "ada"]), 1, /there is no user ada/);
});

test("commands that need people are refused when the configuration keeps people elsewhere", async () => {
  const none = "async () => null";
  const users = `{ find: ${none}, findByLogin: ${none}, verifyPassword: ${none} }`;
  place.write("own.ts", `export default { users: ${users} };`);
  const result = await place.run(["user", "list", "--config", "own.ts"]);
  assertRefused(result, 1, /keeps people elsewhere/);
  // Sessions, grants and tokens are kept here all the same.
  const revoked = await place.json(["user", "revoke", "7", "--config", "own.ts"]);
  assert.deepEqual([revoked.sub, revoked.revoked], ["7", true]);
});

test("one person can have every claim of OpenID Connect, and an app gets each with its type", async () => {
  const own = workplace();
  try {
    const address = {
      ...{ formatted: "12 St James Square\nLondon", street_address: "12 St James Square" },
      ...{ locality: "London", region: "Greater London", postal_code: "SW1Y 4LB", country: "GB" },
    };
    const claims = {
      ...{ given_name: "Ada", family_name: "Lovelace", middle_name: "King", nickname: "Countess" },
      ...{ profile: "https://ada.example/", picture: "https://ada.example/a.png" },
      ...{ website: "https://ada.example/", gender: "female", birthdate: "1815-12-10" },
      ...{ zoneinfo: "Europe/London", locale: "en-GB", updated_at: 1_764_500_000 },
      ...{ address, phone_number: "+44 20 7946 0000", phone_number_verified: true },
    };
    const first = { given_name: "Ada", birthdate: "1815" };
    const named = ["--username", "ada", "--name", "Ada Lovelace", "--email", "ada@example.com"];
    const add = ["user", "add", ...named, "--claims", JSON.stringify(first), ...stdin];
    await own.json([...add, "--json"], { input });
    const update = ["user", "update", "ada", "--claims", JSON.stringify(claims), "--json"];
    await own.json(update);
    const database = `sqlite:${join(own.folder, "valetkey.sqlite")}`;
    await using server = await testServer({ database });
    const client = await server.addClient(WEB);
    const parameters = { scope: "openid profile email address phone" };
    const { access_token } = await tokensFor(server, client, { parameters });
    const { sub: _, ...told } = (await userinfo(server, access_token)).body;
    assert.deepEqual(told, {
      ...{ name: "Ada Lovelace", preferred_username: "ada" },
      ...{ email: "ada@example.com", email_verified: true },
      ...claims,
    });
    assert.deepEqual(Object.keys(told).sort(), Object.values(SCOPE_CLAIMS).flat().sort());
  } finally {
    await own.remove();
  }
});
