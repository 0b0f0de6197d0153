/** The requests of docs/registration.md, as a person pastes them into a terminal, in their order. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { webServer } from "../support/web.ts";

/** The requests of one section. */
function requestsOf(heading: string): string {
  const docs = readFileSync("docs/registration.md", "utf8");
  const [, section = ""] = docs.split(new RegExp(`^## ${heading}$`, "m"));
  const [body = ""] = section.split(/^## /m);
  return [...body.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, code]) => code).join("");
}

interface Place {
  folder: string;
  issuer: string;
}

async function paste(code: string, { folder, issuer }: Place): Promise<string> {
  const cli = `${process.execPath} --conditions=valetkey-source ${resolve("src/cli/main.ts")}`;
  const begin = `set -eu; valetkey() { ${cli} "$@" --database sqlite:database.sqlite 2>/dev/null; }\n`;
  writeFileSync(
    join(folder, "requests.sh"),
    begin + code.replaceAll("https://id.example.com", issuer),
  );
  const shell = spawn("bash", ["requests.sh"], { cwd: folder });
  const [out, error] = await Promise.all([text(shell.stdout), text(shell.stderr)]);
  if (shell.exitCode === null) await once(shell, "exit");
  assert.equal(shell.exitCode, 0, error + out);
  return out;
}

const objects = (printed: string): { [name: string]: unknown }[] =>
  [...printed.matchAll(/\{.*?\}(?=\{|\s|\d|$)/gs)].map(([each]) => JSON.parse(each));

test("an app registers itself, reads, changes and removes its registration", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "valetkey-docs-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const registration = { mode: "open" } as const;
  await using server = await webServer({ registration });
  const place = { folder, issuer: server.issuer };
  const [made] = objects(await paste(requestsOf("Register"), place));
  assert.equal(made?.client_name, "My app");
  assert.match(String(made?.client_secret), /^vks_/);
  const printed = await paste(requestsOf("Read, change, remove"), place);
  assert.match(printed, /204\s*$/);
  const [read, changed] = objects(printed.replace(/204\s*$/, ""));
  assert.equal(read?.client_name, "My app");
  assert.equal(read?.client_secret, undefined);
  assert.equal(changed?.client_name, "My renamed app");
  assert.equal(await server.server.store.findClient(String(made?.client_id)), null);
});

test("an app registers itself with an initial access token", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "valetkey-docs-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const database = `sqlite:${join(folder, "database.sqlite")}`;
  await using server = await webServer({ database, registration: { mode: "token" } });
  const code = requestsOf("With an initial access token");
  const printed = await paste(`${code}cat app.json`, { folder, issuer: server.issuer });
  const [made] = objects(printed);
  assert.deepEqual(made?.redirect_uris, ["https://app.example.com/callback"]);
});
