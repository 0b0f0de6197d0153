/** The flags, keys and paths in the files of deploy/ exist, and docs/operations.md explains each file. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { declareProgram } from "../src/cli/program.ts";
import { readSettings } from "../src/cli/settings.ts";
import { parseConfig } from "../src/config.ts";

const read = (name: string): string => readFileSync(`deploy/${name}`, "utf8");
const FILES = globSync("deploy/**/*", { withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => `${parentPath}/${name}`.replace(/^.*?deploy\//, ""));

test("docs/operations.md explains every file", () => {
  const docs = readFileSync("docs/operations.md", "utf8");
  assert.ok(FILES.length >= 7);
  for (const name of FILES.filter((each) => !each.endsWith(".dockerignore")))
    assert.ok(docs.includes(`deploy/${name}`), name);
});

test("every flag passed to the server exists", async () => {
  const program = await declareProgram(["start"]);
  const start = program.commands.find((command) => command.name() === "start");
  const known = [...(start?.options ?? []), ...program.options].map(({ long }) => long);
  // A list may extend over several lines.
  const text = FILES.map((name) =>
    read(name).replaceAll(/:\s*\[\s[^\]]*\]/g, (list) => list.replaceAll(/\s+/g, " ")),
  ).join("\n");
  const lines = text
    .split("\n")
    .filter((line) => /\bstart\b/.test(line) && /^CMD|command:|args:|ExecStart/.test(line));
  assert.equal(lines.length, 4);
  for (const line of lines)
    for (const [flag] of line.matchAll(/--[a-z][a-z-]*/g)) assert.ok(known.includes(flag), line);
});

test("every proxy takes away headers that speak for a client certificate", () => {
  for (const name of ["nginx.conf", "apache.conf", "Caddyfile", "traefik.yml"])
    for (const header of ["Client-Cert", "Client-Cert-Chain"])
      assert.match(
        read(name),
        new RegExp(`(unset |header_up -|proxy_set_header )?${header}(:? +""|$)`, "m"),
        `${name} ${header}`,
      );
});

test("the configuration for Kubernetes is valid", () => {
  const manifest = read("kubernetes/valetkey.yaml");
  const [, json = ""] = /valetkey\.config\.json: \|\n((?: {4}.*\n)+)/.exec(manifest) ?? [];
  const config = parseConfig(JSON.parse(json));
  assert.equal(config.issuer, "https://id.example.com");
  for (const path of [...manifest.matchAll(/path: (\/\w+)/g)].map(([, found = ""]) => found))
    assert.ok(path === "/healthz" || path === "/readyz", path);
});

test("the server knows every variable", async () => {
  const names = new Set(
    FILES.flatMap((name) => read(name).match(/\bVALETKEY_[A-Z_]+(?==|:)/g) ?? []),
  );
  names.delete("VALETKEY_SERVICE_HOST");
  assert.ok(names.has("VALETKEY_DATABASE"));
  const env = Object.fromEntries([...names].map((name) => [name, ""]));
  const said: string[] = [];
  const write = process.stderr.write;
  process.stderr.write = (text) => said.push(String(text)) > 0;
  try {
    await readSettings({}, env);
  } finally {
    process.stderr.write = write;
  }
  assert.deepEqual(said, []);
});

test("the files copied into the image exist", () => {
  const ignore = read("Dockerfile.dockerignore");
  for (const needed of [
    "package.json",
    "package-lock.json",
    "tsconfig*.json",
    "tools",
    "src",
    "demo",
  ])
    assert.match(ignore, new RegExp(`^!${needed.replace("*", "\\*")}$`, "m"));
  const { bin } = JSON.parse(readFileSync("package.json", "utf8"));
  assert.ok(read("Dockerfile").includes(`/app/${bin.valetkey}`));
  assert.ok(read("valetkey.service").includes(`node_modules/valetkey/${bin.valetkey}`));
});
