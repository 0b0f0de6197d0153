/** Imports point down, as in the picture of ARCHITECTURE.md: a line of this table imports from lines below it only. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";

const base = "oauth crypto store operation.ts people context.ts mail_sender.ts";
const serving = `${base} http pages fetched clients keys sessions client_auth tokens grants mail factors`;
const answering = `${serving} authorization authentication`;

/** A folder or file of src/, and its allowed imports besides itself. */
const layers: Record<string, string> = {
  // The demo is a folder beside src/: its command alone starts it.
  cli: `${answering} jobs config_schema.ts features.ts offer.ts config.ts config_keys.ts authorization_server.ts index.ts node demo sdk`,
  node: "store observe http authorization_server.ts config.ts context.ts",
  // It is the server, for the tests of apps.
  testing: `${base} clients keys tokens node config.ts authorization_server.ts`,
  "index.ts": `authorization_server.ts config.ts clients ${base}`,
  "authorization_server.ts": `${answering} jobs observe config.ts features.ts offer.ts dispatch.ts secret_bounds.ts`,
  "dispatch.ts": serving,
  "offer.ts": `${base} http grants endpoints features.ts`,
  "features.ts": `${answering} endpoints account config.ts people_features.ts`,
  "people_features.ts": `${answering} endpoints account config.ts features.ts`,
  "secret_bounds.ts": "config_schema.ts crypto",
  "config.ts": `${serving} config_schema.ts config_hover.ts config_keys.ts config_error.ts config_resources.ts`,
  "config_error.ts": "config_keys.ts store",
  "config_resources.ts": "config_schema.ts config_error.ts oauth",
  "config_keys.ts": "config_schema.ts",
  "config_hover.ts": "",
  jobs: `${base} keys clients http sessions tokens mail factors`,
  account: answering,
  endpoints: answering,
  authentication: `${serving} authorization`,
  authorization: serving,
  grants: `${base} clients tokens`,
  tokens: `${base} clients`,
  client_auth: `${base} http fetched clients tokens`,
  sessions: `${base} pages http`,
  factors: `config_schema.ts ${base} http mail`,
  keys: base,
  clients: `${base} pages`,
  fetched: `${base} http`,
  mail: `${base} pages http`,
  observe: `${base} pages http`,
  http: `${base} pages`,
  "mail_sender.ts": "",
  "context.ts": "config_schema.ts log.ts oauth crypto store people pages mail_sender.ts",
  "log.ts": "",
  people: "oauth crypto store operation.ts",
  "operation.ts": "config_schema.ts oauth store",
  "config_schema.ts": "",
  store: "oauth crypto",
  pages: "oauth",
  crypto: "oauth",
  oauth: "",

  // The SDKs: they can never pull in the server.
  sdk: "oauth",
};

const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*"([^"]+)"|new URL\("([^"]+)", import\.meta\.url\)/g;

test("imports point one way", () => {
  const wrong = imports().filter(({ file, specifier }) => {
    if (!specifier.startsWith(".")) return specifier.split("/")[0] === "valetkey";
    const layer = layerOf(file);
    const target = layerOf(join(dirname(file), specifier));
    // A test may import from above its subject to prepare a state; it is not part of the build.
    if (file.endsWith(".test.ts")) return false;
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

/** The SDK for terminals, which runs on Node alone. */
const TERMINAL = "src/sdk/client/terminal/";

test("the SDKs use Web APIs and two packages: they run in every runtime, and weigh little", () => {
  const files = globSync("src/sdk/**/*.ts").filter(
    (file) => !file.endsWith(".test.ts") && !file.startsWith(TERMINAL),
  );
  const packages = new Set(["oauth4webapi", "jose"]);
  const foreign = imports(files).filter(
    ({ specifier }) => !specifier.startsWith(".") && !packages.has(specifier),
  );
  // Only apps of Next.js import this file, and they have it.
  const adapted = ["headers", "navigation"].map(
    (name) => `src/sdk/client/web/next.ts must not import next/${name}`,
  );
  assert.deepEqual(
    foreign.map(describe).filter((each) => !adapted.includes(each)),
    [],
  );
  // Globals of Node alone. Express and Fastify answer with objects of their own, not with these.
  const GLOBALS =
    /\b(?:process\.(?:env|argv|cwd|exit)|Buffer\.|setImmediate\(|__dirname\b|require\()/;
  assert.deepEqual(
    files.filter((file) => GLOBALS.test(readFileSync(file, "utf8"))),
    [],
  );
});

test("the SDK for terminals uses modules of Node and two packages; no other SDK imports it", () => {
  const all = imports(globSync("src/sdk/**/*.ts")).filter(({ file }) => !file.endsWith(".test.ts"));
  const packages = /^(?:node:[\w/]+|open|uqr)$/;
  const foreign = all.filter(({ file, specifier }) =>
    file.startsWith(TERMINAL)
      ? !specifier.startsWith(".") && !packages.test(specifier)
      : join(dirname(file), specifier).startsWith(TERMINAL),
  );
  assert.deepEqual(foreign.map(describe), []);
});

test("only one place decides whether a client is public", () => {
  const compares = (file: string) => /[!=]==? "none"/.test(readFileSync(file, "utf8"));
  const found = globSync("src/**/*.ts", { exclude: ["**/*.test.ts"] }).filter(compares);
  assert.deepEqual(found, ["src/oauth/client_metadata.ts"]);
});

test("only one file makes requests; others would have to repeat its checks of addresses, sizes and times", () => {
  const CALLS = /(?:[=(,:?!&|>;]|\b(?:await|return|yield))\s*(?:globalThis\.)?fetch\(/;
  const CLIENTS = new Set(["request", "get", "connect", "createConnection", "lookup", "Resolver"]);
  const NETWORK =
    /import\s+(?!type\b)([^;]*?)\s+from\s+"node:(?:https?|http2|net|tls|dns|dgram)(?:\/promises)?"/g;
  const may = /^src\/(?:http\/outbound\.ts|cli\/doctor\/.*|node\/.*|sdk\/.*)$/;
  const opens = (file: string): boolean => {
    const source = readFileSync(file, "utf8");
    const names = [...source.matchAll(NETWORK)].flatMap(
      ([, clause = ""]) => clause.match(/\w+|\*/g) ?? [],
    );
    const packages = /from\s+"(?:undici|node-fetch|axios|got)"/.test(source);
    return (
      packages || CALLS.test(source) || names.some((name) => name === "*" || CLIENTS.has(name))
    );
  };
  const sources = globSync("src/**/*.ts", { exclude: ["**/*.test.ts"] });
  assert.deepEqual(
    sources.filter((file) => !may.test(file) && opens(file)),
    [],
  );
  // The search finds such files.
  assert.equal(opens("src/http/outbound.ts"), true);
  assert.equal(opens("src/cli/doctor/ask.ts"), true);
});

test("one function begins sessions, and one file ends them", () => {
  const sources = globSync("src/**/*.ts", { exclude: ["**/*.test.ts", "src/store/**"] });
  const using = (call: RegExp) =>
    sources.filter((file) => call.test(readFileSync(file, "utf8"))).sort();
  assert.deepEqual(using(/\bstartSession\(/), [
    "src/authentication/finish_proof.ts",
    "src/sessions/session.ts",
  ]);
  assert.deepEqual(using(/\b(?:create|renew)Session\(/), ["src/sessions/session.ts"]);
  assert.deepEqual(using(/\bstore\.endSessions\(/), ["src/sessions/end_sessions.ts"]);
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
  if (!file.startsWith("src/")) return file.split("/")[0] ?? "";
  const [layer = "", inside] = relative("src", file).split("/");
  const isTest = inside === undefined && layer.endsWith(".test.ts");
  return isTest ? layer.replace(".test.ts", ".ts") : layer;
}

const describe = ({ file, specifier }: { file: string; specifier: string }): string =>
  `${file} must not import ${specifier}`;

test("only one function decides whether a client is disabled: it knows denied hosts of documents too", () => {
  const READS =
    /\b(?:client|record|stored|existing)\??\.disabled_at\b|\bdisabled_at\b[^{}]*\}: \w*Client\w*/;
  const sources = globSync("src/**/*.ts", { exclude: ["**/*.test.ts"] });
  const found = sources.filter((file) => READS.test(readFileSync(file, "utf8"))).sort();
  const shows = ["src/account/your_apps.ts", "src/cli/client_show.ts", "src/cli/token_judge.ts"];
  const changes = ["src/clients/change_client.ts"];
  assert.deepEqual(found, [...shows, ...changes, "src/clients/document_client.ts"]);
});
