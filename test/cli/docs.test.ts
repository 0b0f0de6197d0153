/** The docs describe every command and setting, and nothing else. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { Command } from "commander";
import { z } from "zod";
import { declareProgram } from "../../src/cli/program.ts";
import { VARIABLES } from "../../src/cli/settings.ts";
import { schema } from "../../src/config_schema.ts";

const cli = readFileSync("docs/cli.md", "utf8");
const configuration = readFileSync("docs/configuration.md", "utf8");
const GROUPS =
  "start demo user client registration-token keys audit mail login whoami logout token doctor migrate backup restore copy secret".split(
    " ",
  );

/** Every command. A command that only groups others has the common options alone. */
const commandsOf = (command: Command, path: string): [string, Command][] => [
  [path, command],
  ...command.commands.flatMap((each) => commandsOf(each, `${path} ${each.name()}`)),
];

test("docs/cli.md has every command with an example, and every flag", async () => {
  const program = await declareProgram(GROUPS);
  for (const [path, command] of commandsOf(program, "valetkey")) {
    assert.ok(cli.includes(path), path);
    for (const { long } of [...command.options, ...program.options])
      if (long && !["--version", "--no-trusted", "--require-pkce"].includes(long))
        assert.ok(cli.includes(long), `${path} ${long}`);
  }
});

/** Every key by its full name; names that operators choose, such as a resource, are a star. */
function keysOf(type: unknown, path: string): string[] {
  if (
    type instanceof z.ZodDefault ||
    type instanceof z.ZodPrefault ||
    type instanceof z.ZodOptional
  )
    return keysOf(type.def.innerType, path);
  if (type instanceof z.ZodObject)
    return Object.entries(type.shape).flatMap(([name, inner]) =>
      keysOf(inner, path === "" ? name : `${path}.${name}`),
    );
  if (type instanceof z.ZodRecord && type.def.valueType instanceof z.ZodObject)
    return [path, ...keysOf(type.def.valueType, `${path}.*`)];
  return [path];
}

test("docs/configuration.md has every key with its default", () => {
  const keys = keysOf(schema, "");
  assert.ok(keys.includes("lifetimes.access_token") && keys.includes("resources.*.open"));
  for (const key of [...keys, "users", "mail.sender"])
    assert.ok(configuration.includes(`\`${key}\``), key);
  const defaults = schema.parse({});
  for (const [, key = "", shown = ""] of configuration.matchAll(
    /^\| `([a-z][\w.*]*)` \| `([^`]+)` \|/gm,
  )) {
    if (key === "issuer" || key.includes("*")) continue;
    const value = key.split(".").reduce<unknown>((all, name) => Object(all)[name], defaults);
    assert.deepEqual(JSON.parse(shown), value, key);
  }
  const known = new Set([...keys, "users", "mail.sender"]);
  for (const [, key = ""] of configuration.matchAll(/^\| `([a-z][\w.*]*)` \| /gm))
    assert.ok(known.has(key) || ["theme.logo", "texts", "tls"].includes(key), `${key} is no key`);
});

test("docs/configuration.md has every environment variable, and no other", () => {
  const documented = [...configuration.matchAll(/`(VALETKEY_\w+)`/g)].map(([, name]) => name);
  assert.deepEqual(new Set(documented), VARIABLES);
});

test("the code reads each key of the configuration", () => {
  const files = globSync("src/**/*.ts", { exclude: ["**/*.test.ts", "src/config_schema.ts"] });
  const code = files.map((file) => readFileSync(file, "utf8")).join("\n");
  const unread = keysOf(schema, "").filter(
    (key) => !new RegExp(`[.{,]\\s*${key.split(".").at(-1)}\\b`).test(code),
  );
  assert.deepEqual(unread, []);
});
