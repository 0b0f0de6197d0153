/** A tutorial as a project: what a reader has after copying its code blocks. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { after } from "node:test";

/**
 * The blocks that begin with `// NAME.ts`, as files, with some of their words replaced. The folder is removed after the
 * tests.
 */
export function project(doc: string, words: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), "valetkey-docs-"));
  after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  for (const name of ["hono", "@hono/node-server", "jose", "express", "fastify"])
    link(folder, name, resolve("node_modules", name));
  link(folder, "valetkey", resolve("."));
  const text = readFileSync(doc, "utf8");
  for (const [, name = "", code = ""] of text.matchAll(/```ts\n\/\/ (\S+\.ts)\n([\s\S]*?)```/g)) {
    let mine = code;
    for (const [word, other] of Object.entries(words)) mine = mine.replaceAll(word, other);
    writeFileSync(join(folder, name), mine);
  }
  return folder;
}

function link(folder: string, name: string, to: string): void {
  const path = join(folder, "node_modules", name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(to, path);
}
