import assert from "node:assert/strict";
import { test } from "node:test";
import { STRICT_RULES } from "../../test/support/client_rules.ts";
import { parseClientMetadata } from "../oauth/client_metadata.ts";
import { checkSecret } from "./client_secret.ts";
import { clientInformation, newClient } from "./new_client.ts";

const WEB = { client_name: "Printly", redirect_uris: ["https://printly.test/callback"] };
const parse = (metadata: object) => parseClientMetadata(metadata, STRICT_RULES);

test("a new client has an id and a secret, of which only the hash is stored", () => {
  const { client, client_secret } = newClient(parse(WEB), { now: 100, created_by: "operator" });
  assert.ok(client_secret !== null && checkSecret(client_secret, client.secrets, 100));
  assert.ok(!JSON.stringify(client).includes(client_secret));
  const other = newClient(parse(WEB), { now: 100, created_by: "operator" });
  assert.notEqual(client.client_id, other.client.client_id);
});

test("by default a client needs consent and PKCE and has neither owner nor API", () => {
  const { client } = newClient(parse(WEB), { now: 100, created_by: "operator" });
  const { trusted, require_pkce, owner_sub, resource, disabled_at } = client;
  const expected = { trusted: false, require_pkce: true, owner_sub: null, resource: null };
  assert.deepEqual({ trusted, require_pkce, owner_sub, resource }, expected);
  assert.equal(disabled_at, null);
  const options = { owner_sub: "ada", trusted: true, require_pkce: false, resource: "https://a" };
  const set = newClient(parse(WEB), { now: 100, created_by: "user", ...options }).client;
  assert.deepEqual({ ...set, ...options }, set);
});

test("a client that authenticates without a secret gets none", () => {
  for (const method of ["none", "private_key_jwt"]) {
    const jwks = { keys: [{ kty: "EC", crv: "P-256", x: "x", y: "y" }] };
    const metadata = parse({ ...WEB, token_endpoint_auth_method: method, jwks });
    const { client, client_secret } = newClient(metadata, { now: 100, created_by: "operator" });
    assert.equal(client_secret, null, method);
    assert.deepEqual(client.secrets, [], method);
    assert.ok(!("client_secret" in clientInformation(client, client_secret)), method);
  }
});

test("the response is that of RFC 7591: id, times, secret, and the metadata with defaults", () => {
  const { client, client_secret } = newClient(parse(WEB), { now: 100, created_by: "operator" });
  const information = clientInformation(client, client_secret);
  assert.equal(information.client_id_issued_at, 100);
  assert.equal(information.client_secret, client_secret);
  assert.equal(information.client_secret_expires_at, 0);
  assert.deepEqual(information.grant_types, ["authorization_code"]);
  assert.equal(information.client_name, "Printly");
});
