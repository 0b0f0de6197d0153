/** `npm run example -- api`: the requests that it prints, with the answers that it promises. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  checkDependencies,
  checkEnd,
  checkTypes,
  examplePort,
  startExample,
} from "../support/example.ts";

const PORT = await examplePort();
const photos = `http://localhost:${PORT}/photos`;
const example = await startExample("api", { env: { PORT }, until: "Snaps listens" });
after(() => example.stop());

const { output } = example;
const [, READ = ""] = /^READ=(\S+)$/m.exec(output) ?? [];
const [, WRITE = ""] = /^WRITE=(\S+)$/m.exec(output) ?? [];
const lines = output.split("\n").filter((line) => line.startsWith("curl "));

test("it is a project of its own that has the packed package", () => {
  checkDependencies(example, "api");
  checkTypes(example);
});

test("each printed request gets the printed answer", async () => {
  for (const line of lines) {
    const { status, promised } = await send(line);
    assert.equal(status, promised, line);
  }
  assert.deepEqual(lines.map(promisedBy), [401, 201, 200, 403]);
});

test("the answers say what is wrong, and where tokens come from", async () => {
  const none = await fetch(photos);
  const challenge = none.headers.get("www-authenticate") ?? "";
  const [, address = ""] = /resource_metadata="([^"]+)"/.exec(challenge) ?? [];
  const { resource, authorization_servers } = JSON.parse(await (await fetch(address)).text());
  assert.equal(`${resource}/photos`, photos);
  assert.equal((await fetch(`${authorization_servers[0]}/jwks`)).status, 200);

  const headers = { authorization: `Bearer ${READ}` };
  const narrow = await fetch(photos, { method: "POST", headers });
  assert.match(
    narrow.headers.get("www-authenticate") ?? "",
    /error="insufficient_scope".* scope="photos.read photos.write"/,
  );
  assert.deepEqual(await (await fetch(photos, { headers })).json(), ["sunset.jpg"]);
});

test("after Enter the API refuses the tokens within 2.5 seconds", async () => {
  const headers = { authorization: `Bearer ${READ}` };
  assert.equal((await fetch(photos, { headers })).status, 200);
  example.type("\n");
  await example.said("Revoked.");
  await sleep(2500);
  for (const token of [READ, WRITE]) {
    const answer = await fetch(photos, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(answer.status, 401);
    assert.match(answer.headers.get("www-authenticate") ?? "", /error="invalid_token".*revoked/);
  }
});

test("it ends when it is told to", () => checkEnd(example));

const promisedBy = (line: string): number => Number(/# (\d+)$/.exec(line)?.[1]);

/** Sends what a line of curl sends. */
async function send(line: string): Promise<{ status: number; promised: number }> {
  const [, name] = /"Authorization: Bearer \$(\w+)"/.exec(line) ?? [];
  const [, body] = / -d (\S+)/.exec(line) ?? [];
  const [url = ""] = /http:\S+/.exec(line) ?? [];
  const token = { READ, WRITE }[name ?? ""];
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const { status } = await fetch(url, {
    headers,
    ...(body !== undefined && { method: "POST", body }),
  });
  return { status, promised: promisedBy(line) };
}
