/** The probe tells holders of the server's secret what the server sees of a request; other callers get 404. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { makeProbe, PROBE_HEADER } from "../../src/crypto/probe.ts";
import { serverSecrets } from "../../src/crypto/server_secret.ts";
import { ISSUER, testServer } from "../support/server.ts";
import { SECRET } from "../support/two_nodes.ts";

const secrets = serverSecrets(SECRET);
const forwarded = {
  "x-forwarded-for": "203.0.113.9",
  "x-forwarded-host": "id.example",
  "x-forwarded-proto": "https",
};

test("a probe with the server's secret gets the request's headers and the values trusted from them", async () => {
  await using server = await testServer({ trust_proxy: ["10.0.0.0/8"] }, { secret: SECRET });
  const ask = async (address: string) => {
    const headers = { ...forwarded, [PROBE_HEADER]: makeProbe(secrets, server.now()) };
    const response = await server.fetch(new Request(`${ISSUER}/probe`, { headers }), { address });
    assert.equal(response.status, 200);
    assert.match(response.headers.get("cache-control") ?? "", /no-store/);
    return JSON.parse(await response.text());
  };
  const arrived = {
    forwarded_for: "203.0.113.9",
    forwarded_host: "id.example",
    forwarded_proto: "https",
  };
  const through = { address: "203.0.113.9", origin: "https://id.example", ...arrived };
  assert.deepEqual(await ask("10.0.0.1"), through);
  assert.deepEqual(await ask("192.0.2.1"), { address: "192.0.2.1", origin: ISSUER, ...arrived });
});

test("a probe without a valid seal gets 404", async () => {
  await using server = await testServer({}, { secret: SECRET });
  const other = serverSecrets(Buffer.alloc(32, 9).toString("base64url"));
  const wrong = [
    {},
    { [PROBE_HEADER]: "" },
    { [PROBE_HEADER]: makeProbe(other, server.now()) },
    { [PROBE_HEADER]: makeProbe(secrets, server.now() - 301) },
  ];
  for (const headers of wrong) {
    const response = await server.fetch(new Request(`${ISSUER}/probe`, { headers }));
    assert.equal(response.status, 404);
    const page = await response.text();
    assert.ok(page.includes("There is nothing here") && !page.includes("forwarded"));
  }
});
