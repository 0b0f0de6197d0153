import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { ConfigError } from "../config.ts";
import { readConfigFile } from "./config_file.ts";

const folder = mkdtempSync(join(tmpdir(), "valetkey-config-"));
after(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

async function refusal(file: string): Promise<string> {
  try {
    await readConfigFile(file);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    assert.ok(error.hint.length > 0);
    return error.message.replaceAll(`${folder}/`, "");
  }
  throw new Error(`${file} was read`);
}

describe("configuration file", () => {
  const right: [string, string][] = [
    ["right.json", '{ "port": 4100 }'],
    ["plain.mjs", "export default { port: 4100 };"],
    [
      "typed.ts",
      // Split, since the layer test also reads the imports of this file.
      `import { type Config, defineConfig } from "${"valetkey"}";\nconst config: Config = { port: 4100 };\nexport default defineConfig(config);`,
    ],
  ];
  for (const [name, text] of right)
    test(`${name} is read from any folder`, async () => {
      assert.deepEqual(await readConfigFile(write(name, text)), { port: 4100 });
    });

  const wrong: [string, string, RegExp][] = [
    ["comma.json", '{\n  "port": 1,\n}\n', /^comma\.json:3: Expected double-quoted/],
    ["value.json", '{ "port": 1,\n\n  "host": }', /^value\.json:3: Unexpected token '}'$/],
    ["short.json", '{\n  "port": 1,\n', /^short\.json:2: /],
    ["string.json", '{\n  "host": "x', /^string\.json:2: Unterminated string$/],
    ["number.json", '{\n  "port": -\n}', /^number\.json:[23]: No number after minus/],
    ["repeated.json", '{ "port": 1, "port": 2 }', /^repeated\.json: JSON repeats a key$/],
    ["list.json", "[]", /^list\.json holds no object$/],
    ["users.json", '{ "users": {} }', /^users: is an interface in code$/],
    ["secret.json", '{ "secret": "x" }', /^secret: does not belong into a configuration$/],
    [
      "several.json",
      '{ "users": {}, "secret": "x", "isuer": "x", "port": "y" }',
      /^secret: does not belong.*; users: is an interface in code; port: .*isuer \(did you mean issuer\?\)$/,
    ],
    ["secret.ts", "export default { secret: 'x' };", /^secret: does not belong/],
    ["syntax.ts", "const a = 1;\nexport default { ;\n", /^syntax\.ts:2: /],
    ["enum.ts", "enum A { x }\nexport default {};", /^enum\.ts:1: .*enum is not supported/],
    ["thrown.ts", "\n\nthrow new Error('no luck');\n", /^thrown\.ts:3: no luck$/],
    ["import.ts", 'import "nowhere-to-be-found";', /^import\.ts: Cannot find package/],
    ["named.ts", "export const port = 1;", /^named\.ts holds no object$/],
    ["config.yaml", "port: 1", /^config\.yaml is neither TypeScript nor JSON$/],
  ];
  for (const [name, text, message] of wrong)
    test(`${name} is refused: ${message.source}`, async () => {
      assert.match(await refusal(write(name, text)), message);
    });

  test("a missing file is reported as missing", async () => {
    assert.match(await refusal(join(folder, "nowhere.ts")), /^there is no file nowhere\.ts$/);
  });
});
