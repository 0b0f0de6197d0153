/** The procedure of docs/operations.md for a leaked secret, step by step, in real processes. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { newClient } from "../../src/clients/new_client.ts";
import { parseClientMetadata } from "../../src/oauth/client_metadata.ts";
import { RULES } from "../support/client_rules.ts";
import { refresh, tokensFor } from "../support/flow.ts";
import { assertRefused, PASSWORD, type Running, workplace } from "./cli.ts";

const KEY_FILE = "valetkey.sqlite.key";
const place = workplace();
after(() => place.remove());

const reachable = ({ issuer }: Running) => ({
  issuer,
  fetch: (request: Request) => fetch(new Request(request, { redirect: "manual" })),
});

async function publishedBy({ issuer }: Running): Promise<string[]> {
  const { keys }: { keys: { kid: string }[] } = JSON.parse(
    await (await fetch(`${issuer}/jwks`)).text(),
  );
  return keys.map(({ kid }) => kid).sort();
}

async function addClient() {
  const redirect = ["--redirect-uri", "https://printly.test/callback"];
  const { client_id, client_secret, ...metadata } = await place.json([
    ...["client", "add", "--name", "Printly", ...redirect],
  ]);
  const { client } = newClient(parseClientMetadata(metadata, RULES), {
    now: 0,
    created_by: "operator",
  });
  return { client_id, client_secret, record: { ...client, client_id } };
}

test("the leaked secret of a key file is retired", async () => {
  const before = await place.start();
  const add = ["user", "add", "--username", "ada", "--password-stdin"];
  await place.json(add, { input: PASSWORD });
  const web = await addClient();
  const parameters = { scope: "openid offline_access" };
  const { refresh_token } = await tokensFor(reachable(before), web, { parameters });
  const kids = await publishedBy(before);
  await before.stop();

  const leaked = readFileSync(join(place.folder, KEY_FILE), "utf8").trim();
  const env = { VALETKEY_SECRET_LEAKED: leaked };
  assertRefused(
    await place.run(["start", "--port", "0"], { env }),
    1,
    /the secret in use is listed as leaked/,
  );
  const { secret } = await place.json(["secret"]);
  place.write(KEY_FILE, `${secret}\n`);
  assertRefused(await place.run(["secret", "retire"]), 1, /no leaked secret is given/);
  const malformed = { VALETKEY_SECRET_LEAKED: "short" };
  assertRefused(
    await place.run(["secret", "retire"], { env: malformed }),
    1,
    /VALETKEY_SECRET_LEAKED is not 32 random bytes/,
  );

  const { port } = new URL(before.issuer);
  const during = await place.start(["--port", port], { env });
  const fresh = await publishedBy(during);
  assert.equal(fresh.length, kids.length);
  assert.ok(fresh.every((kid) => !kids.includes(kid)));
  const refreshed = await refresh(reachable(during), web, refresh_token);
  assert.equal(refreshed.status, 200, JSON.stringify(refreshed.body));
  const next = refreshed.body.refresh_token;
  assert.notEqual(next, refresh_token);
  const shown = await place.json(["token", "inspect", "-"], { env, input: next });
  assert.deepEqual([shown.active, shown.generation, shown.grant.salt], [true, 2, undefined]);
  const old = await place.json(["token", "inspect", "-"], { env, input: refresh_token });
  assert.deepEqual([old.active, old.standing], [true, "replayed"]);

  const done = await place.json(["secret", "retire", "--end-grants"], { env });
  assert.deepEqual([done.retired, done.added, done.ended], [[], [], 1]);
  const refused = await refresh(reachable(during), web, next);
  assert.equal(refused.body.error, "invalid_grant");
  await during.stop();

  const events: { event: string; details: { reason?: string } }[] = await place.json([
    "audit",
    "list",
  ]);
  const retired = events.filter(({ event }) => event === "signing_key_retired");
  assert.deepEqual(
    retired.map(({ details }) => details.reason),
    kids.map(() => "secret_leaked"),
  );
  assert.ok(events.some(({ event }) => event === "grants_ended"));
  for (const text of [before.said.stdout, during.said.stdout])
    for (const hidden of [leaked, secret]) assert.ok(!text.includes(hidden));
});

test("secret retire alone replaces the signing keys and prints the remaining steps", async () => {
  const database = ["--database", "sqlite:apart.sqlite"];
  const [first, second] = [await place.json(["secret"]), await place.json(["secret"])];
  const start = ["--port", "0", ...database];
  await (await place.start(start, { env: { VALETKEY_SECRET: first.secret } })).stop();
  const env = { VALETKEY_SECRET: second.secret, VALETKEY_SECRET_LEAKED: first.secret };
  const { code, stdout, stderr } = await place.run(["secret", "retire", ...database], { env });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^(retired (ES|RS)256 \S+\n){2}(signs (ES|RS)256 \S+\n){2}$/);
  assert.match(stderr, /APIs that check tokens by themselves/);
  assert.match(stderr, /--end-grants/);
  assert.match(stderr, /Every node needs VALETKEY_SECRET_LEAKED/);
  const again = await place.run(["secret", "retire", "--end-grants", ...database], { env });
  assert.equal(again.stdout, "ended 0 grants\n");
  assert.match(again.stderr, /No signing key/);
});
