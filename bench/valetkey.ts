/** Valetkey as it is served: `node:http`, SQLite in a file, a log; with people, apps and grants to be used. */
import { openSync, writeSync } from "node:fs";
import { createServer } from "node:http";
import { devNull } from "node:os";
import { join } from "node:path";
import { createAuthorizationServer } from "../src/authorization_server.ts";
import { randomText, sha256, uuidv7 } from "../src/crypto/hash.ts";
import { createLog } from "../src/node/log.ts";
import type { GrantRecord, SessionRecord } from "../src/store/records.ts";
import { issueHandle } from "../src/tokens/handle.ts";
import { loginsOf, newAccount } from "../src/users/built_in_users.ts";
import { answerQuestions } from "./child.ts";
import { API, CHALLENGE, OPAQUE_API, REDIRECT_URI, SCENARIOS } from "./scenarios.ts";

const [folder = "."] = process.argv.slice(2);
const http = createServer((request, response) => server.node(request, response));
await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
const address = http.address();
const port = typeof address === "object" && address ? address.port : 0;

const nowhere = openSync(devNull, "w");
const server = createAuthorizationServer(
  {
    issuer: `http://127.0.0.1:${port}`,
    database: `sqlite:${join(folder, "valetkey.sqlite")}`,
    // All load comes from one address: the limits are there, and never reached.
    rate_limits: { client: 1e9, account: 1e9, address: 1e9 },
    scopes: { "photos.read": "See your photos", "prints.order": "Order prints" },
    resources: {
      [API]: { name: "Snaps", scopes: ["photos.read"] },
      [OPAQUE_API]: { name: "Prints", scopes: ["prints.order"], access_token: "opaque" },
    },
  },
  { log: createLog({ json: true, write: (line) => writeSync(nowhere, line) }) },
);
await server.ready;
const { store, secrets } = server.server;

const web = {
  client_name: "Printly",
  redirect_uris: [REDIRECT_URI],
  grant_types: ["authorization_code" as const, "refresh_token" as const],
};
const clients = {
  web: await server.registerClient({ ...web, id_token_signed_response_alg: "ES256" }),
  rs256: await server.registerClient(web),
  native: await server.registerClient({ ...web, token_endpoint_auth_method: "none" }),
  service: await server.registerClient({ grant_types: ["client_credentials"] }),
};
const CLIENT_OF: Record<string, keyof typeof clients> = {
  client_credentials: "service",
  client_credentials_opaque: "service",
  code_rs256: "rs256",
  refresh_public: "native",
};

const account = newAccount(
  { username: "ada", is_admin: false },
  { password_hash: null, login_email: null, now_ms: Date.now() },
);
await store.createAccount(account, loginsOf(account));
const session_secret = randomText(32);
const session = makeSession();
await store.createSession(session);
for (const { client_id } of Object.values(clients)) {
  const { sub } = account;
  const agreed = { scope: ["openid", "photos.read", "prints.order"], resources: [API, OPAQUE_API] };
  const consent = { sub, client_id, ...agreed, declined: [], since: seconds(), used_at: seconds() };
  await store.createGrant(makeGrant({ client_id }), consent);
}

answerQuestions({
  async material(name, run_seconds) {
    const { client_id, client_secret } = clients[CLIENT_OF[name] ?? "web"];
    const { tokens_a_second = 0 } = SCENARIOS.find((each) => each.name === name) ?? {};
    const count = Math.ceil(tokens_a_second * run_seconds);
    return {
      port,
      client_id,
      authorization: client_secret === undefined ? null : basic(client_id, client_secret),
      cookie: [
        `valetkey_browser_${port}=${randomText(16)}`,
        `valetkey_session_${port}=${session.session_id}.${session_secret}`,
      ].join("; "),
      tokens: await makeTokens(name, client_id, count),
    };
  },
  async close() {
    http.close();
    http.closeAllConnections();
    await server.close();
  },
});

/** Each is a key to a grant of its own. */
async function makeTokens(name: string, client_id: string, count: number): Promise<string[]> {
  const isCode = name.startsWith("code");
  const opaque = name === "introspect_opaque";
  const grants = Array.from({ length: count }, () =>
    makeGrant({
      client_id,
      generation: isCode ? 0 : 1,
      scope: isCode ? ["openid", "photos.read"] : [opaque ? "prints.order" : "photos.read"],
      resources: [opaque ? OPAQUE_API : API],
      session_id: isCode ? session.session_id : null,
    }),
  );
  await Promise.all(grants.map((grant) => store.createGrant(grant, null)));
  const kind = isCode ? "vkc" : "vkr";
  const handles = grants.map((grant) => issueHandle(kind, grant, grant.generation, secrets) ?? "");
  return name.startsWith("introspect") ? Promise.all(handles.map(makeAccessToken)) : handles;
}

/** As an app gets it. */
async function makeAccessToken(refresh_token: string): Promise<string> {
  const { client_id, client_secret } = clients.web;
  const response = await server.fetch(
    new Request(`${server.issuer}/token`, {
      method: "POST",
      headers: { authorization: basic(client_id, client_secret) },
      body: new URLSearchParams({ grant_type: "refresh_token", refresh_token }),
    }),
  );
  return JSON.parse(await response.text()).access_token;
}

const basic = (client_id: string, client_secret = ""): string =>
  `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString("base64")}`;

function makeGrant(some: Partial<GrantRecord>): GrantRecord {
  const now = seconds();
  return {
    grant_id: uuidv7(Date.now()),
    client_id: "",
    sub: account.sub,
    session_id: null,
    sid: session.session_id,
    scope: ["photos.read"],
    resources: [API],
    salt: randomText(16),
    secret_id: secrets.current.secret_id,
    epoch: 1,
    generation: 0,
    advanced_at: now,
    used_at: now,
    code_challenge: CHALLENGE,
    redirect_uri: REDIRECT_URI,
    redirect_uri_sent: true,
    nonce: "n-0S6_WzA2Mj",
    auth_time: now,
    amr: ["pwd"],
    access_epoch: 0,
    code_expires_at: now + 600,
    created_at: now,
    expires_at: now + 86_400,
    revoked_at: null,
    check_at: now + 86_400,
    ...some,
  };
}

function makeSession(): SessionRecord {
  const now = seconds();
  return {
    session_id: randomText(16),
    secret_hash: sha256(session_secret),
    sub: account.sub,
    auth_time: now,
    amr: ["pwd"],
    signed_in_for: null,
    user_agent: "bench",
    created_at: now,
    seen_at: now,
    expires_at: now + 86_400,
  };
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}
