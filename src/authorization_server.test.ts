import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import {
  type ClientOptions,
  createAuthorizationServer,
  type Runtime,
} from "./authorization_server.ts";
import type { Config } from "./config.ts";
import { OutboundError } from "./http/outbound.ts";
import type { ClientMetadata } from "./oauth/client_metadata.ts";
import { OAuthError } from "./oauth/errors.ts";

const API = "https://api.test";
const CONFIG: Config = {
  issuer: "https://as.test",
  database: "sqlite::memory:",
  scopes: { "photos.read": "See your photos" },
  resources: { [API]: { name: "Photos", scopes: ["photos.read"] } },
};
const RUNTIME: Runtime = { clock: () => 1_800_000_000_000 };

test("a client registered in code works at once with the returned secret", async () => {
  const server = createAuthorizationServer(CONFIG, RUNTIME);
  const { client_id, client_secret, client_id_issued_at } = await server.registerClient({
    client_name: "Nightly job",
    grant_types: ["client_credentials"],
    scope: "photos.read",
  });
  assert.equal(client_id_issued_at, 1_800_000_000);
  const authorization = `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString("base64")}`;
  const body = new URLSearchParams({ grant_type: "client_credentials" });
  const request = { method: "POST", headers: { authorization }, body };
  const response = await server.fetch(new Request("https://as.test/token", request));
  assert.equal(response.status, 200);
  await server.close();
});

test("invalid client metadata is refused with the reason, and nothing is registered", async () => {
  const server = createAuthorizationServer(CONFIG, RUNTIME);
  const wrong: [Partial<ClientMetadata>, ClientOptions, string][] = [
    [{}, {}, "invalid_redirect_uri"],
    [{ redirect_uris: ["http://printly.test/callback"] }, {}, "invalid_redirect_uri"],
    [{ grant_types: [] }, { resource: "https://other.test" }, "invalid_target"],
  ];
  for (const [metadata, options, error] of wrong)
    await assert.rejects(
      server.registerClient(metadata, options),
      (reason) => reason instanceof OAuthError && reason.error === error,
    );
  assert.deepEqual(await server.server.store.listClients({ limit: 1000 }), []);
  await server.close();
});

test("the server never fetches from loopback unless the configuration allows it", async () => {
  let asked = 0;
  const inside = createServer((_, response) => {
    asked += 1;
    response.end("inside");
  });
  await new Promise<void>((resolve) => inside.listen(0, "127.0.0.1", resolve));
  const address = inside.address();
  assert.ok(typeof address === "object" && address);
  const strict = createAuthorizationServer(CONFIG, RUNTIME);
  for (const scheme of ["http", "https"])
    await assert.rejects(
      strict.server.outbound.request(`${scheme}://127.0.0.1:${address.port}/`, { purpose: "logo" }),
      OutboundError,
    );
  assert.equal(asked, 0);
  const open = createAuthorizationServer({ ...CONFIG, allow_private_fetch: true }, RUNTIME);
  const { body } = await open.server.outbound.request(`http://127.0.0.1:${address.port}/`, {
    purpose: "logo",
  });
  assert.equal(body.toString(), "inside");
  await Promise.all([strict.close(), open.close()]);
  await new Promise((resolve) => inside.close(resolve));
});
