/** `npm run example -- mcp-server`: an agent asks Ada on the pages of a real issuer, and steps up for a tool. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { demoBrowser } from "../support/demo_browser.ts";
import {
  checkDependencies,
  checkEnd,
  checkTypes,
  examplePort,
  startExample,
} from "../support/example.ts";

const PORT = await examplePort();
const server = `http://localhost:${PORT}/mcp`;
const example = await startExample("mcp-server", { env: { PORT }, until: "Press Enter" });
after(() => example.stop());
const [, password = ""] = /password (.+)\n/.exec(example.output) ?? [];

test("it is a project of its own that has the packed package", () => {
  checkDependencies(example, "mcp-server");
  checkTypes(example);
});

test("without a token, the server says where agents get one, and for which scope", async () => {
  const refused = await fetch(server, { method: "POST", body: "{}" });
  assert.equal(refused.status, 401);
  const challenge = refused.headers.get("www-authenticate") ?? "";
  assert.match(challenge, /scope="notes.read"/);
  const [, address = ""] = /resource_metadata="([^"]+)"/.exec(challenge) ?? [];
  const about = JSON.parse(await (await fetch(address)).text());
  assert.deepEqual([about.resource, about.resource_name], [server, "Notes"]);
  assert.equal((await fetch(`${about.authorization_servers[0]}/jwks`)).status, 200);
});

const browser = demoBrowser();

test("an agent whom Ada refuses calls no tool", async () => {
  example.type("\n");
  const sign_in = await browser.get(await asked(1, "notes.read"));
  const consent = await browser.submit(sign_in, "/sign-in", { username: "ada", password });
  assert.match(consent.text, /Agent/);
  await browser.submit(consent, "/consent", { decision: "deny" });
  const output = await example.said("The agent failed");
  assert.match(output, /The agent failed: .*the person did not agree/);
  assert.doesNotMatch(output, /list_notes/);
});

test("an agent reads after Ada has agreed, and writes after she has agreed to more", async () => {
  example.type("\n");
  const consent = await browser.get(await asked(2, "notes.read"));
  assert.match(consent.text, /Read your notes/);
  assert.doesNotMatch(consent.text, /Write notes for you/);
  const read = await browser.submit(consent, "/consent", { decision: "allow" });
  assert.match(read.text, /close this window/);
  await example.said("list_notes: no notes\n");

  // The tool answered 403: the agent asks for what it has and what is missing.
  const more = await browser.get(await asked(3, "notes.read notes.write"));
  assert.match(more.text, /Write notes for you/);
  const written = await browser.submit(more, "/consent", { decision: "allow" });
  assert.match(written.text, /close this window/);
  const output = await example.said("list_notes: Buy brass gears\n");
  assert.match(output, /write_note: written: Buy brass gears\nlist_notes/);
});

test("it ends when it is told to", () => checkEnd(example));

/** The address that agents print for the person, as soon as it is there: the first, the second, … */
async function asked(nth: number, scope: string): Promise<string> {
  for (let tries = 0; tries < 400; tries += 1) {
    const printed = (await example.said("")).matchAll(/asks for (.+)\. Open\n(\S+)\n/g);
    const [, scopes, address = ""] = [...printed][nth - 1] ?? [];
    if (scopes !== undefined) {
      assert.equal(scopes, scope);
      return address;
    }
    await sleep(50);
  }
  throw new Error(`no address in: ${await example.said("")}`);
}
