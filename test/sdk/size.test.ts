/** The size of the SDKs in a bundle: what an app adds to its deployment. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** The most kilobytes (1,024 bytes) that an entry may weigh, minified and gzipped, its packages included. */
const MOST: Readonly<Record<string, number>> = {
  "./client": 16,
};

const { exports: entries } = JSON.parse(readFileSync("package.json", "utf8"));

async function sizeOf(entry: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: `export * from "${entry}";`, resolveDir: "." },
    ...{ bundle: true, minify: true, format: "esm", platform: "neutral", write: false },
    mainFields: ["module", "main"],
  });
  return gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length / 1024;
}

for (const [entry, most] of Object.entries(MOST))
  test(`${entry.replace(".", "valetkey")} weighs at most ${most} KB`, async () => {
    const size = await sizeOf(entries[entry]["valetkey-source"]);
    assert.ok(size <= most, `${size.toFixed(1)} KB`);
    // An empty bundle would pass, too.
    assert.ok(size > 2, `${size.toFixed(1)} KB`);
  });
