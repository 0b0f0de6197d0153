import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gatheredOutput } from "./gathered_output.ts";

test("the lines of one turn leave together, in their order, in pieces that a pipe takes whole", async () => {
  const written: string[] = [];
  const out = gatheredOutput((text) => written.push(text));
  const lines = Array.from({ length: 100 }, (_, i) => `${i} ${"x".repeat(96)}\n`);
  for (const line of lines) out(line);
  await new Promise(setImmediate);
  assert.equal(written.join(""), lines.join(""));
  assert.ok(written.length < 5);
  for (const text of written) assert.ok(text.endsWith("\n") && text.length <= 3000);
  out("one more\n");
  await new Promise(setImmediate);
  assert.equal(written.at(-1), "one more\n");
});

test("what waits when the process ends, or dies of a mistake, is written", () => {
  const file = fileURLToPath(new URL("gathered_output.ts", import.meta.url));
  for (const end of ["process.exit(3)", "throw new Error('mistake')"]) {
    const source = `import { gatheredOutput } from ${JSON.stringify(file)};
      gatheredOutput((text) => process.stdout.write(text))("last words\\n"); ${end}`;
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", source]);
    assert.equal(String(stdout), "last words\n");
  }
});
