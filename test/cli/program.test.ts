import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import type { Command } from "commander";
import { declareProgram } from "../../src/cli/program.ts";
import { assertRefused, workplace } from "./cli.ts";

const place = workplace();
after(() => place.remove());

const GROUPS =
  "start demo user client registration-token keys login whoami logout token doctor migrate backup restore copy audit mail secret".split(
    " ",
  );
const COMMANDS = [
  ..."start demo doctor migrate backup restore copy secret login whoami logout token".split(" "),
  ..."add list show update password disable enable revoke remove invite link factors remove-factor"
    .split(" ")
    .map((each) => `user ${each}`),
  ..."add list show update rotate-secret disable enable revoke remove"
    .split(" ")
    .map((each) => `client ${each}`),
  ...["add", "list", "revoke"].map((each) => `registration-token ${each}`),
  ...["keys list", "keys rotate", "keys retire", "token inspect", "audit list", "secret retire"],
  ...["mail test", "mail list", "mail retry"],
].sort();

/** All runnable commands by their full names. `secret` and `token` are some, and have another command below them. */
function leaves(command: Command, path: string[] = []): [string, Command][] {
  const acts = command.commands.length === 0 || ["secret", "token"].includes(command.name());
  const below = command.commands.flatMap((each) => leaves(each, [...path, each.name()]));
  return acts ? [[path.join(" "), command], ...below] : below;
}

function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return text;
}

test("every command has a description, the common options and an example", async () => {
  const all = leaves(await declareProgram(GROUPS));
  assert.deepEqual(all.map(([name]) => name).sort(), COMMANDS);
  for (const [name, command] of all) {
    const help = helpOf(command);
    assert.match(help, /Examples?:\n {2}\$ .*valetkey/, name);
    assert.match(help, new RegExp(`\\$ .*valetkey ${name}`), name);
    assert.ok(command.description().length > 10, name);
    for (const option of ["--json", "--database", "--config", "--help"])
      assert.ok(help.includes(option), `${name} ${option}`);
  }
});

test("--help and --version print to stdout and exit with 0", async () => {
  const [version, top, one] = await Promise.all([
    place.run(["--version"]),
    place.run(["--help"]),
    place.run(["user", "add", "--help"]),
  ]);
  const { version: expected } = JSON.parse(readFileSync("package.json", "utf8"));
  assert.deepEqual(version, { code: 0, stdout: `${expected}\n`, stderr: "" });
  assert.equal(top.code, 0);
  assert.match(top.stdout, /^Usage: valetkey/);
  for (const name of GROUPS) assert.match(top.stdout, new RegExp(`^ {2}${name} `, "m"));
  assert.equal(one.code, 0);
  assert.match(one.stdout, /--password-stdin/);
});

test("an invalid command line exits with 2 and suggests the nearest valid one", async () => {
  const wrong: [string[], RegExp, RegExp][] = [
    [["usr"], /unknown command 'usr'/, /did you mean user\?/],
    [["client", "ad"], /unknown command 'ad'/, /did you mean add\?.*valetkey client --help/],
    [["user", "list", "--jsn"], /unknown option '--jsn'/, /did you mean --json\?/],
    [["user", "show"], /missing required argument 'user'/, /valetkey user show --help/],
    [["user", "show", "a", "b"], /too many arguments/, /valetkey user show --help/],
    [["start", "--port", "70000"], /a port is a number/, /valetkey start --help/],
    [["keys", "rotate", "--alg", "HS256"], /Allowed choices are ES256, RS256/, /keys rotate/],
  ];
  const results = await Promise.all(wrong.map(([args]) => place.run(args)));
  for (const [i, [args, message, hint]] of wrong.entries()) {
    const result = results[i] ?? { code: null, stdout: "", stderr: "" };
    assertRefused(result, 2, message);
    assert.match(result.stderr.split("\n")[1] ?? "", hint, args.join(" "));
  }
});

test("without a command, the help goes to stderr and the exit code is 2", async () => {
  const { code, stdout, stderr } = await place.run([]);
  assert.equal(code, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /^Usage: valetkey/);
});

test("secret prints 32 random bytes, different each time", async () => {
  const [first, second] = await Promise.all([place.run(["secret"]), place.json(["secret"])]);
  assert.match(first.stdout, /^[\w-]{43}\n$/);
  assert.match(second.secret, /^[\w-]{43}$/);
  assert.notEqual(first.stdout.trim(), second.secret);
});

test("an id may begin with a hyphen", async () => {
  await place.run(["migrate"]);
  const id = "-w0cDiaROwe-E2kEOdKaKg";
  const [key, client] = await Promise.all([
    place.run(["keys", "retire", id]),
    place.run(["client", "rotate-secret", id, "--now"]),
  ]);
  assertRefused(key, 1, new RegExp(`there is no key ${id}`));
  assertRefused(client, 1, new RegExp(`there is no client ${id}`));
});
