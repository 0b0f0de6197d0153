import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { assertRefused, PASSWORD, workplace } from "./cli.ts";

const place = workplace();
after(() => place.remove());

const stdin = ["--password-stdin"];
const input = `${PASSWORD}\n`;

test("reading from no database says so, and makes none", async () => {
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

test("what can't be an account is refused before a database is made for it", async () => {
  const wrong: [string[], string, 1 | 2, RegExp][] = [
    [["--username", "ada"], "", 2, /no password, and nobody to ask/],
    [["--username", "ada", ...stdin], "too short\n", 1, /too short: 10 characters/],
    [["--username", "ada", ...stdin], "password123\n", 1, /one of the commonest/],
    [["--username", "ada", ...stdin], "two lines\nof a password\n", 1, /has a line break/],
    [["--username", "a da", ...stdin], input, 1, /a da can't be a user name/],
    [["--username", "ada", "--email", "nobody", ...stdin], input, 1, /not an e-mail address/],
    [["--username", "ada", "--claims", '{"sub":"x"}', ...stdin], input, 1, /sub is set by the/],
    [["--username", "ada", "--claims", "{", ...stdin], input, 2, /not valid JSON/],
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

test("the first person makes the database, with a key file for its owner only", async () => {
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
      email_verified: false,
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

test("a name or an address is one person's, however it is written", async () => {
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

test("all are listed, oldest first, as a table or as JSON", async () => {
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

test("update changes what it names: claims are merged, null and nothing take away", async () => {
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

test("disable, enable, password and remove talk on stderr; --json answers on stdout", async () => {
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

test("where a configuration keeps people elsewhere, commands say so", async () => {
  place.write("own.ts", "export default { users: { find: async () => null } };");
  const result = await place.run(["user", "list", "--config", "own.ts"]);
  assertRefused(result, 1, /keeps people elsewhere/);
});
