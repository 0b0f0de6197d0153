/** The size of the SDKs in a bundle: what an app adds to its deployment. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** The most kilobytes (1,024 bytes) that an entry may weigh, minified and gzipped, its packages included. */
const MOST: Readonly<Record<string, number>> = {
  "./client": 13,
  "./client/web": 24,
  "./client/browser": 13,
  "./client/terminal": 28,
  "./resource-server": 13,
  // It contains the guard.
  "./resource-server/mcp": 13,
};
/** Adapters, without what they adapt. */
const MOST_OF_OTHERS = 1.5;
const SDK = /^\.\/(client|resource-server)(\/|$)/;

const { exports: entries } = JSON.parse(readFileSync("package.json", "utf8"));
const sdk = Object.keys(entries).filter((entry) => SDK.test(entry));

async function sizeOf(entry: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: `export * from "${entries[entry]["valetkey-source"]}";`, resolveDir: "." },
    ...{ bundle: true, minify: true, format: "esm", write: false },
    // Web APIs are enough for the others.
    platform: entry === "./client/terminal" ? "node" : "neutral",
    mainFields: ["module", "main"],
    // The app brings its framework. In a terminal, a sign-in loads what opens browsers and draws codes when it needs them.
    external: ["next/*", "open", "uqr"],
  });
  return gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length / 1024;
}

test("docs/performance.md has the sizes, and the bounds", async () => {
  const page = readFileSync("docs/performance.md", "utf8");
  const rows = [...page.matchAll(/^\| `valetkey(\/[\w/-]+)` +\| +([\d.]+) KB \| +(\d+) KB \|$/gm)];
  const bounds = rows.map(([, path, , most]) => [`.${path}`, Number(most)]);
  assert.deepEqual(Object.fromEntries(bounds), MOST);
  for (const [, path = "", size] of rows)
    assert.ok(Math.abs((await sizeOf(`.${path}`)) - Number(size)) < 0.3, path);
});

for (const entry of sdk) {
  const most = MOST[entry] ?? MOST_OF_OTHERS;
  test(`${entry.replace(".", "valetkey")} weighs at most ${most} KB`, async () => {
    const size = await sizeOf(entry);
    assert.ok(size <= most, `${size.toFixed(1)} KB`);
    // An empty bundle would pass, too.
    assert.ok(size > 0.1, `${size.toFixed(1)} KB`);
  });
}
