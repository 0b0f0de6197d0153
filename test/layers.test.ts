/** Imports point one way: nothing imports what stands below it in this table. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";

const base = "oauth crypto store users context.ts";
const serving = `${base} http pages client_auth tokens grants`;
const answering = `${serving} interaction`;

/** A folder or file of src/, and what it may import besides itself. */
const layers: Record<string, string> = {
  oauth: "",
  crypto: "oauth",
  pages: "oauth",
  store: "oauth crypto",
  users: "oauth crypto store",
  "context.ts": "oauth crypto store users pages",
  http: `${base} pages`,
  observe: `${base} pages http`,
  client_auth: `${base} http`,
  tokens: base,
  grants: `${base} tokens`,
  interaction: serving,
  // The dispatcher at /authorize and the account pages share what a step of an interaction is made of.
  endpoints: answering,
  account: answering,
  "config.ts": serving,
  "routes.ts": `${answering} endpoints account`,
  "dispatch.ts": `${serving} routes.ts`,
  "authorization_server.ts": `${answering} observe config.ts routes.ts dispatch.ts`,
  "index.ts": `authorization_server.ts config.ts ${base}`,
  node: "store observe http authorization_server.ts config.ts context.ts",
  demo: `${serving} config.ts authorization_server.ts index.ts node`,
  cli: `${answering} config.ts authorization_server.ts index.ts node demo`,

  // The SDKs: they can never pull in the server.
  client: "oauth crypto",
  resource_server: "oauth crypto",
};

const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*"([^"]+)"|new URL\("([^"]+)", import\.meta\.url\)/g;

test("imports point one way", () => {
  const wrong = imports().filter(({ file, specifier }) => {
    if (!specifier.startsWith(".")) return specifier.split("/")[0] === "valetkey";
    const layer = layerOf(file);
    const target = layerOf(join(dirname(file), specifier));
    // A test may start a whole server to see its own part at work.
    if (file.endsWith(".test.ts") && specifier.includes("/test/support/")) return false;
    return target !== layer && !layers[layer]?.split(" ").includes(target);
  });
  assert.deepEqual(wrong.map(describe), []);
});

test("every folder and file of src has a place in the table", () => {
  const homeless = globSync("src/**/*.ts").filter((file) => layers[layerOf(file)] === undefined);
  assert.deepEqual(homeless, []);
});

test("oauth is pure: no package, no node module, no randomness", () => {
  const rules = globSync("src/oauth/**/*.ts").filter((file) => !file.endsWith(".test.ts"));
  const foreign = imports(rules).filter(({ specifier }) => !specifier.startsWith("."));
  assert.deepEqual(foreign.map(describe), []);
  const random = rules.filter((file) => readFileSync(file, "utf8").includes("Math.random"));
  assert.deepEqual(random, []);
});

function imports(files = globSync("src/**/*.ts")): { file: string; specifier: string }[] {
  return files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(IMPORT)].map(([, imported, url]) => ({
      file,
      specifier: imported ?? url ?? "",
    })),
  );
}

function layerOf(file: string): string {
  const [layer = "", inside] = relative("src", file).split("/");
  const isTest = inside === undefined && layer.endsWith(".test.ts");
  return isTest ? layer.replace(".test.ts", ".ts") : layer;
}

const describe = ({ file, specifier }: { file: string; specifier: string }): string =>
  `${file} must not import ${specifier}`;
