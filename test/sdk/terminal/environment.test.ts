/** Without a person: tokens and credentials from the environment, through the same interface. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";
import { exportJWK } from "jose";
import { openSession, signIn, workloadToken } from "../../../src/sdk/client/terminal/terminal.ts";
import { startIssuer } from "../../../src/testing/testing.ts";
import { failure } from "../failure.ts";
import { APP, environment, stateHome, storageIn, stored } from "./scene.ts";

const API = "https://api.test";
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const service = {
  grant_types: ["client_credentials"],
  redirect_uris: [],
};
const issuer = await startIssuer({
  clients: [
    { client_id: "robot", client_secret: "the secret of the robot", ...service },
    {
      ...{ client_id: "signer", ...service, token_endpoint_auth_method: "private_key_jwt" },
      jwks: { keys: [{ ...(await exportJWK(publicKey)), alg: "ES256", use: "sig", kid: "1" }] },
    },
  ],
  config: {
    scopes: { "photos.read": { text: "See photos" } },
    resources: { [API]: { name: "Photos", scopes: ["photos.read"] } },
  },
});
after(() => issuer.close());
const options = {
  app: APP,
  issuer: issuer.issuer,
  clientId: "app",
  scope: "openid photos.read offline_access",
  resource: API,
} as const;
const CLEAN = {
  ...{ SNAPS_TOKEN: undefined, SNAPS_CLIENT_ID: undefined, SNAPS_CLIENT_SECRET: undefined },
  ...{ SNAPS_PRIVATE_KEY: undefined, CI: "true" },
};

test("a token is used as it is, and before everything else", async (t) => {
  environment(t, { ...CLEAN, SNAPS_TOKEN: "the-token", SNAPS_CLIENT_ID: "robot" });
  const session = await signIn(options);
  assert.equal(await session.token(), "the-token");
  assert.deepEqual([session.user, session.account], [null, "SNAPS_TOKEN"]);
  assert.equal((await session.fetch(`${issuer.issuer}/userinfo`)).status, 401);
  const auth = session.mcp();
  await auth.token();
  await assert.rejects(
    auth.onUnauthorized(),
    failure("token_refused", /the token in SNAPS_TOKEN was refused/, { hides: ["the-token"] }),
  );
  await assert.rejects(session.signOut(), failure("configuration", /unset SNAPS_TOKEN/));
  assert.equal(await (await openSession(options))?.token(), "the-token");
});

test("variables win over a stored session", async (t) => {
  const home = stateHome();
  environment(t, { ...CLEAN, XDG_STATE_HOME: home });
  const session = stored(issuer.issuer, "refresh");
  await storageIn(home).change(({ add }) => add(session));
  assert.equal((await openSession(options))?.account, "ada");
  environment(t, { SNAPS_CLIENT_ID: "robot", SNAPS_CLIENT_SECRET: "the secret of the robot" });
  assert.equal((await openSession(options))?.account, "robot");
  environment(t, { SNAPS_TOKEN: "the-token" });
  assert.equal((await openSession(options))?.account, "SNAPS_TOKEN");
});

test("credentials of the app itself: a secret, or a key", async (t) => {
  const pem = String(privateKey.export({ type: "pkcs8", format: "pem" }));
  for (const [id, more] of [
    ["robot", { SNAPS_CLIENT_SECRET: "the secret of the robot" }],
    ["signer", { SNAPS_PRIVATE_KEY: pem }],
    ["signer", { SNAPS_PRIVATE_KEY: pem.replaceAll("\n", "\\n") }],
  ] as const) {
    environment(t, { ...CLEAN, SNAPS_CLIENT_ID: id, ...more });
    const session = await signIn(options);
    const [one, other] = await Promise.all([session.token(), session.token()]);
    assert.equal(one, other);
    assert.equal(await session.token(), one, "it is kept");
    assert.notEqual(await session.token({ minimumLife: 100_000 }), one);
    assert.deepEqual([session.account, session.user], [id, null]);
    const claims = JSON.parse(Buffer.from(one.split(".")[1] ?? "", "base64url").toString());
    assert.deepEqual([claims.aud, claims.scope, claims.client_id], [API, "photos.read", id]);
    environment(t, CLEAN);
  }
});

test("half of the credentials, and a key that is none, are named without being shown", async (t) => {
  environment(t, { ...CLEAN, SNAPS_CLIENT_ID: "robot" });
  await assert.rejects(
    signIn(options),
    failure("configuration", /neither SNAPS_CLIENT_SECRET nor SNAPS_PRIVATE_KEY is/),
  );
  const words = "-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----";
  environment(t, { SNAPS_PRIVATE_KEY: words });
  await assert.rejects(
    signIn(options),
    failure("configuration", /SNAPS_PRIVATE_KEY is not a private key/, { hides: ["nonsense"] }),
  );
});

test("a secret or a key without the id is an error, and a wrong one names its variables", async (t) => {
  environment(t, { ...CLEAN, SNAPS_CLIENT_SECRET: "a secret" });
  await assert.rejects(
    signIn(options),
    failure("configuration", /SNAPS_CLIENT_SECRET is set, and SNAPS_CLIENT_ID is not/),
  );
  environment(t, { SNAPS_CLIENT_SECRET: undefined, SNAPS_PRIVATE_KEY: "a key" });
  await assert.rejects(openSession(options), failure("configuration", /SNAPS_PRIVATE_KEY is set/));
  environment(t, { ...CLEAN, SNAPS_CLIENT_ID: "robot", SNAPS_CLIENT_SECRET: "wrong" });
  await assert.rejects(
    (await signIn(options)).token(),
    failure("configuration", /hint: compare SNAPS_CLIENT_ID and SNAPS_CLIENT_SECRET with/, {
      hides: ["wrong "],
    }),
  );
});

test("an app without a client id or an issuer of its own works with a token", async (t) => {
  environment(t, { ...CLEAN, SNAPS_TOKEN: "the-token" });
  const session = await signIn({ app: APP, issuer: "", clientId: "" });
  assert.equal(await session.token(), "the-token");
  assert.deepEqual(session.scope, []);
});

test("the names of variables follow the app's, or `env`", async (t) => {
  environment(t, { ...CLEAN, MY_APP_2_TOKEN: "one", OTHER_TOKEN: "two" });
  assert.equal(await (await signIn({ ...options, app: "my-app.2" })).token(), "one");
  assert.equal(await (await signIn({ ...options, env: "OTHER" })).token(), "two");
  await assert.rejects(
    signIn({ ...options, env: "NONE" }),
    failure("sign_in_needed", /set NONE_TOKEN/),
  );
});

test("the token of a workload: from a file, or from GitHub Actions; it is read, and used for nothing", async (t) => {
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? "", "http://localhost");
    const isOurs = request.headers.authorization === "Bearer of-the-job";
    const value = `a token for ${searchParams.get("audience")}, ${searchParams.get("api")}`;
    response.writeHead(isOurs ? 200 : 403).end(JSON.stringify({ value }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  assert.equal(await workloadToken("SNAPS", "https://as.test"), null);
  const variables = {
    ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${port}/token?api=2`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: "of-the-job",
  };
  environment(t, variables);
  assert.equal(await workloadToken("SNAPS", "https://as.test"), "a token for https://as.test, 2");
  environment(t, { ACTIONS_ID_TOKEN_REQUEST_TOKEN: "another" });
  await assert.rejects(
    workloadToken("SNAPS", "https://as.test"),
    failure("invalid_response", /status 403.*id-token: write/, { hides: ["another"] }),
  );
  const path = join(stateHome(), "token");
  writeFileSync(path, "from-a-file\n");
  environment(t, { SNAPS_WORKLOAD_TOKEN_FILE: path });
  assert.equal(await workloadToken("SNAPS", "https://as.test"), "from-a-file");
  environment(t, { SNAPS_WORKLOAD_TOKEN_FILE: `${path}-gone` });
  await assert.rejects(workloadToken("SNAPS", "x"), failure("storage_unreadable", /ENOENT/));
  environment(t, CLEAN);
  await assert.rejects(
    signIn({ ...options, interactive: "never" }),
    failure("sign_in_needed", /snaps/),
  );
});
