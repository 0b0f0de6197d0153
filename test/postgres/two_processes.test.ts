/** Two servers in separate processes race for the rows of one PostgreSQL, through their token endpoints. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { randomText, uuidv7 } from "../../src/crypto/hash.ts";
import { race, type StoreProcess, startProcess } from "../../src/store/conformance/process.ts";
import { grantWith } from "../../src/store/conformance/scenario.ts";
import { withPlace } from "../../src/store/place.ts";
import type { GrantRecord } from "../../src/store/records.ts";
import { issueHandle, parseHandle } from "../../src/tokens/handle.ts";
import { VERIFIER } from "../support/browser.ts";
import { authorize, basic, introspect, refresh, tokensFor } from "../support/flow.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { ISSUER, NATIVE, SERVICE, type TestServer, testServer, WEB } from "../support/server.ts";
import type { Answered, Form, ServerProcess } from "../support/server_process.ts";
import { SECRET } from "../support/two_nodes.ts";

type Sending = Pick<ServerProcess, "post">;
type Node = StoreProcess<Sending>;
const LOCAL = { redirect_uri: "http://127.0.0.1:3456/callback", scope: "openid offline_access" };
let postgres: TestPostgres;
/** The same database, opened by the test. */
let server: TestServer;
let pair: readonly [Node, Node];
before(async () => {
  postgres = await startPostgres();
  const database = await postgres.newDatabase();
  // Many rounds of one person, on a clock that stands still.
  server = await testServer({ database, rate_limits: { changes: 0 } }, { secret: SECRET });
  await server.addUser("ada");
  const module = new URL("../support/server_process.ts", import.meta.url);
  const start = () => startProcess<Sending>(module);
  pair = await Promise.all([start(), start()]);
  await Promise.all(pair.map((each) => each.open(database)));
});
after(async () => {
  await Promise.all(pair.map((each) => each.close()));
  await Promise.all(pair.map((each) => each.stop()));
  await server.close();
  await postgres.stop();
});

const form = (path: string, fields: Form["fields"], headers: Form["headers"] = {}): Form => ({
  ...{ path, fields, headers },
});

/** Sends each list to one of the two servers, all at once. */
async function send(lists: readonly [readonly Form[], readonly Form[]]): Promise<Answered[][]> {
  const lanes = (forms: readonly Form[]) => forms.map((each) => [["post", each] as const]);
  const answers = await race(pair, [lanes(lists[0]), lanes(lists[1])]);
  return answers.map((lane) => lane.flat());
}

const inBoth = async (each: Form, count: number): Promise<Answered[]> => {
  const forms = Array.from({ length: count / 2 }, () => each);
  return (await send([forms, forms])).flat();
};

test("of 50 concurrent redemptions of one code at most one gets tokens, and none stay valid", async () => {
  const client = await server.addClient(WEB);
  for (let round = 0; round < 5; round += 1) {
    const { code } = await authorize(server, client, {});
    const fields = { grant_type: "authorization_code", code, code_verifier: VERIFIER };
    const headers = { authorization: basic(client) };
    const answers = await inBoth(form("/token", fields, headers), 50);
    const winners = answers.filter(({ status }) => status === 200);
    assert.ok(winners.length <= 1, `${winners.length} winners`);
    for (const { status, body } of answers)
      if (status !== 200) assert.deepEqual([status, body.error], [400, "invalid_grant"]);
    for (const { body } of winners) {
      const { access_token = "", refresh_token = "" } = body;
      assert.deepEqual(await introspect(server, client, access_token), { active: false });
      assert.equal((await refresh(server, client, refresh_token)).status, 400);
    }
  }
});

test("100 concurrent refreshes of one token give one successor, which works", async () => {
  const client = await server.addClient(NATIVE);
  const { client_id } = client;
  let { refresh_token } = await tokensFor(server, client, { parameters: LOCAL });
  for (let round = 0; round < 5; round += 1) {
    const fields = { grant_type: "refresh_token", refresh_token, client_id };
    const answers = await inBoth(form("/token", fields), 100);
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    const successors = [...new Set(answers.map(({ body }) => body.refresh_token))];
    assert.equal(successors.length, 1);
    refresh_token = successors[0] ?? "";
  }
  assert.equal((await refresh(server, client, refresh_token)).status, 200);
});

test("a refresh racing a revocation always leaves the grant revoked, in 1,000 rounds", async () => {
  const client = await server.addClient(NATIVE);
  const { client_id } = client;
  const { store, secrets } = server.server;
  const first = await tokensFor(server, client, { parameters: LOCAL });
  const grant = await store.findGrant(parseHandle(first.refresh_token)?.grant_id ?? "");
  assert.ok(grant);
  const seen = new Set<number>();
  for (let round = 0; round < 20; round += 1) {
    const tokens: string[] = [];
    for (let i = 0; i < 50; i += 1) {
      const another: GrantRecord = {
        ...grant,
        grant_id: withPlace(uuidv7(server.now() * 1000), grant.sub),
        salt: randomText(16),
      };
      assert.equal(await grantWith(store, another, null), "approved");
      tokens.push(issueHandle("vkr", another, another.generation, secrets) ?? "");
    }
    const refreshes = tokens.map((refresh_token) =>
      form("/token", { grant_type: "refresh_token", refresh_token, client_id }),
    );
    const revocations = tokens.map((token) => form("/revoke", { token, client_id }));
    const [refreshed = [], revoked = []] = await send([refreshes, revocations]);
    for (const { status } of revoked) assert.equal(status, 200);
    for (const [i, { status, body }] of refreshed.entries()) {
      seen.add(status);
      const next = status === 200 ? [body.refresh_token ?? ""] : [];
      for (const token of [tokens[i] ?? "", ...next])
        assert.equal((await refresh(server, client, token)).body.error, "invalid_grant");
    }
  }
  assert.ok([...seen].every((status) => status === 200 || status === 400));
});

test("a client assertion sent to both servers 20 times at once is accepted once", async () => {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const { client_id } = await server.addClient({
    ...SERVICE,
    token_endpoint_auth_method: "private_key_jwt",
    jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: "one", alg: "ES256", use: "sig" }] },
  });
  for (let jti = 0; jti < 10; jti += 1) {
    const claims = { iss: client_id, sub: client_id, aud: ISSUER, jti: `jti-${jti}` };
    const client_assertion = await new SignJWT({ ...claims, exp: server.now() + 60 })
      .setProtectedHeader({ alg: "ES256", kid: "one" })
      .sign(privateKey);
    const fields = {
      ...{ grant_type: "client_credentials", client_id, client_assertion },
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    };
    const answers = await inBoth(form("/token", fields), 20);
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    assert.equal(answers.filter(({ status }) => status === 401).length, 19);
  }
});
