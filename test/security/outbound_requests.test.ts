/** Attacks by what the server fetches: it must reach nothing inside, and must not be kept busy or filled up. */
import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { SignJWT } from "jose";
import { createOutbound } from "../../src/http/outbound.ts";
import { ISSUER, SERVICE, type TestClient } from "../support/server.ts";
import { looseOutbound, type Stranger, stranger } from "../support/stranger.ts";
import { INVALID_CLIENT, refusedAs } from "./assertions.ts";
import { type WatchedServer, watchedServer } from "./watched_server.ts";

const pair = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
const [own, other] = [pair(), pair()];
const jwk = ({ publicKey }: { publicKey: KeyObject }, more: object = {}) => ({
  ...publicKey.export({ format: "jwk" }),
  ...more,
});

let site: Stranger;
let server: WatchedServer;
before(async () => {
  site = await stranger();
  server = await watchedServer({}, { outbound: looseOutbound() });
});
after(async () => {
  await server.close();
  await site.close();
});

const signerWith = (jwks_uri: string, at = server): Promise<TestClient> =>
  at.addClient({
    ...SERVICE,
    scope: "photos.read",
    token_endpoint_auth_method: "private_key_jwt",
    jwks_uri,
  });

async function ask(
  { client_id }: TestClient,
  {
    key = own,
    header = {},
    at = server,
  }: { key?: typeof own; header?: object; at?: WatchedServer } = {},
) {
  const claims = { iss: client_id, sub: client_id, aud: ISSUER, jti: randomUUID() };
  const client_assertion = await new SignJWT({ ...claims, iat: at.now(), exp: at.now() + 60 })
    .setProtectedHeader({ alg: "ES256", ...header })
    .sign(key.privateKey);
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    client_assertion,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
  });
  const response = await at.fetch(new Request(`${ISSUER}/token`, { method: "POST", body }));
  const { status, headers } = response;
  return { status, headers, body: JSON.parse(await response.text()) };
}

let count = 0;
const newPath = () => {
  count += 1;
  return `/${count}`;
};
const askedFor = (address: string) =>
  site.asked.filter((path) => site.origin + path === address).length;

test("keys come from the registered address; a new kid there is found", async () => {
  const path = newPath();
  const address = site.publish(path, { keys: [jwk(own, { kid: "1" })] });
  const client = await signerWith(address);
  assert.equal((await ask(client, { header: { kid: "1" } })).status, 200);
  assert.equal((await ask(client)).status, 200);
  assert.equal(askedFor(address), 1);
  site.publish(path, { keys: [jwk(other, { kid: "2" })] });
  server.advance(5);
  assert.equal((await ask(client, { key: other, header: { kid: "2" } })).status, 200);
  await refusedAs(server, () => ask(client, { header: { kid: "1" } }), INVALID_CLIENT);
  assert.equal(askedFor(address), 2);
});

test("K9 an address inside the assertion is not asked, and its keys count for nothing", async () => {
  const client = await signerWith(site.publish(newPath(), { keys: [jwk(own, { kid: "1" })] }));
  const evil = site.publish(newPath(), { keys: [jwk(other, { kid: "1" })] });
  for (const header of [
    { jku: evil },
    { jku: evil, kid: "1" },
    { x5u: evil },
    { jwk: jwk(other) },
    { kid: evil },
    { kid: `../..${evil}` },
  ])
    await refusedAs(server, () => ask(client, { key: other, header }), INVALID_CLIENT);
  assert.equal(askedFor(evil), 0);
});

test("G5 keys that are too large, too slow, encoded or no keys are refused", async () => {
  const keys = JSON.stringify({ keys: [jwk(own)] });
  const addresses = {
    ten_megabytes: site.publish(newPath(), keys + " ".repeat(10_000_000)),
    a_byte_too_many: site.publish(newPath(), keys + " ".repeat(65_537 - keys.length)),
    bomb: site.answer(newPath(), (_, response) => {
      const body = gzipSync(Buffer.alloc(10_000_000, " "));
      response.writeHead(200, { "content-encoding": "gzip" }).end(body);
    }),
    slow_drip: site.answer(newPath(), async (_, response) => {
      response.writeHead(200);
      for (const byte of keys) {
        if (!response.write(byte)) break;
        await wait(50);
        if (response.destroyed) break;
      }
    }),
    redirect: site.answer(newPath(), (_, response) => {
      response.writeHead(302, { location: site.publish("/elsewhere", keys) }).end(keys);
    }),
    not_found: site.answer(newPath(), (_, response) => void response.writeHead(404).end(keys)),
    page: site.publish(newPath(), "<html>"),
    symmetric: site.publish(newPath(), { keys: [{ kty: "oct", k: "AAAA" }] }),
    private_key: site.publish(newPath(), { keys: [own.privateKey.export({ format: "jwk" })] }),
    closed_port: "http://127.0.0.1:1/jwks",
  };
  for (const [what, address] of Object.entries(addresses)) {
    const client = await signerWith(address);
    const began = performance.now();
    const answer = await refusedAs(server, () => ask(client), INVALID_CLIENT);
    assert.ok(performance.now() - began < 5000, `${what} took too long`);
    // The reason is for the log, since it tells about the networks around the server.
    assert.equal(
      answer.body.error_description,
      "client_assertion is not valid for this client",
      what,
    );
    assert.ok(
      server.lines.some(({ fields }) => JSON.stringify(fields).includes(address)),
      what,
    );
  }
  assert.equal(askedFor(`${site.origin}/elsewhere`), 0);
  const just_small_enough = site.publish(newPath(), keys + " ".repeat(65_536 - keys.length));
  assert.equal((await ask(await signerWith(just_small_enough))).status, 200);
});

test("G5 one address is asked by one request at a time, and made-up kids do not multiply requests", async () => {
  const address = site.answer(newPath(), async (_, response) => {
    await wait(100);
    response.writeHead(200).end(JSON.stringify({ keys: [jwk(own, { kid: "1" })] }));
  });
  const client = await signerWith(address);
  const answers = await Promise.all(Array.from({ length: 30 }, () => ask(client)));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  assert.equal(askedFor(address), 1);
  server.advance(5);
  const guesses = Array.from({ length: 30 }, (_, n) =>
    ask(client, { key: other, header: { kid: `guess ${n}` } }),
  );
  assert.deepEqual([...new Set((await Promise.all(guesses)).map(({ status }) => status))], [401]);
  assert.equal(askedFor(address), 2);
});

test("G5 1,000 addresses in a minute are bounded for each origin", async () => {
  // Its clock stands still, so that a slow machine refills no budget.
  const outbound = createOutbound({ allow_private_fetch: true, timeout: 1000, now: () => 0 });
  await using limited = await watchedServer({}, { outbound });
  const before = site.asked.length;
  const first = await signerWith(site.publish("/many/0", { keys: [jwk(own)] }), limited);
  assert.equal((await ask(first, { at: limited })).status, 200);
  for (let n = 1; n < 1000; n += 1) {
    const client = await signerWith(`${site.origin}/many/${n}`, limited);
    if (n < 60) assert.equal((await ask(client, { at: limited })).status, 401);
  }
  assert.equal(site.asked.length - before, 30);
  // The known keys go on.
  assert.equal((await ask(first, { at: limited })).status, 200);
});

/** Where connections go, by the names that a stranger's name server answers. */
async function reached(addresses: readonly string[], url: string): Promise<string> {
  const outbound = createOutbound({ allow_private_fetch: false, lookup: async () => addresses });
  await using closed = await watchedServer({}, { outbound });
  const client = await signerWith(url, closed);
  await refusedAs(closed, () => ask(client, { at: closed }), INVALID_CLIENT);
  const line = closed.lines.find(({ fields }) => "jwks_uri" in fields);
  return String(line?.fields.why);
}

test("G2 no address of the inside is reached, however it is written", async () => {
  for (const host of [
    "127.0.0.1",
    "0x7f.1",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[2002:7f00:1::]",
    "[64:ff9b::127.0.0.1]",
    "[fec0::1]",
    "[fd00::1]",
    "169.254.169.254",
    "10.0.0.1",
    "100.64.0.1",
    "0.0.0.0",
  ])
    assert.match(await reached([], `https://${host}/jwks`), /not public/, host);
});

test("G3 a name whose answers change leads to the address that was checked", async () => {
  for (const addresses of [["10.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["2002:7f00:1::"]])
    assert.match(await reached(addresses, "https://rebinding.test/jwks"), /not public/);
  // The name answers with a public address once, then with this computer, where somebody listens.
  let asked = 0;
  const lookup = async () => {
    asked += 1;
    return asked === 1 ? ["192.0.2.1"] : ["127.0.0.1"];
  };
  const port = new URL(site.origin).port;
  const outbound = createOutbound({ allow_private_fetch: false, lookup, timeout: 300 });
  await assert.rejects(
    outbound.request(`https://rebinding.test:${port}/jwks`, { purpose: "operator_keys" }),
  );
  assert.equal(asked, 1);
});
