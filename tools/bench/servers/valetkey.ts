/**
 * Valetkey as it is served: `node:http`, a durable database, a log; with people, apps and grants to be used. Arguments:
 * the database, and the number of additional live grants (0).
 */
import { openSync, writeSync } from "node:fs";
import { createServer } from "node:http";
import { devNull } from "node:os";
import { createAuthorizationServer } from "../../../src/authorization_server.ts";
import { randomText, sha256, uuidv7 } from "../../../src/crypto/hash.ts";
import { createLog, gatheredOutput } from "../../../src/node/log.ts";
import { lowerPoolPriority } from "../../../src/node/pool_priority.ts";
import { loginsOf, newAccount } from "../../../src/people/account.ts";
import { hashPassword } from "../../../src/people/password.ts";
import { accountKey } from "../../../src/sessions/last_account.ts";
import { withPlace } from "../../../src/store/place.ts";
import type { GrantRecord, SessionRecord } from "../../../src/store/records.ts";
import { issueHandle } from "../../../src/tokens/handle.ts";
import { answerQuestions, startChild } from "../child.ts";
import {
  API,
  CHALLENGE,
  csrfIn,
  OPAQUE_API,
  PASSWORD,
  REDIRECT_URI,
  type ScenarioName,
  tokensFor,
  USERNAME,
} from "../scenarios.ts";
import type { FillOrder } from "./fill.ts";
import { freshGrant, type Kind, oneOfMany, picker, type Template } from "./grants.ts";

const [database = "", of_many = "0"] = process.argv.slice(2);
const many = Number(of_many);
const http = createServer((request, response) => server.node(request, response));
await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
const address = http.address();
const port = typeof address === "object" && address ? address.port : 0;

const nowhere = openSync(devNull, "w");
const server = createAuthorizationServer(
  {
    issuer: `http://127.0.0.1:${port}`,
    database,
    // All load comes from one address: the limits are on, but never reached.
    rate_limits: { client: 1e9, account: 1e9, address: 1e9, changes: 0 },
    // One person stands for all, so the number of grants is not limited.
    limits: { grants: 0 },
    sign_in_limits: { account: 1e6, address: 1e6 },
    scopes: { "photos.read": "See your photos", "prints.order": "Order prints" },
    resources: {
      [API]: { name: "Snaps", scopes: ["photos.read"] },
      [OPAQUE_API]: { name: "Prints", scopes: ["prints.order"], access_token: "opaque" },
    },
  },
  {
    log: createLog({ json: true, write: gatheredOutput((text) => writeSync(nowhere, text)) }),
    secret: randomText(32),
  },
);
await server.ready;
await lowerPoolPriority();
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
  device: await server.registerClient({
    client_name: "Snaps on TV",
    grant_types: ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
    token_endpoint_auth_method: "none",
  }),
  service: await server.registerClient({ grant_types: ["client_credentials"] }),
};
const CLIENT_OF: Partial<Record<ScenarioName, keyof typeof clients>> = {
  client_credentials: "service",
  client_credentials_opaque: "service",
  code_rs256: "rs256",
  device_flow: "device",
  refresh_public: "native",
};

const account = newAccount(
  { username: USERNAME, is_admin: false },
  { password_hash: await hashPassword(PASSWORD), login_email: null, now_ms: Date.now() },
);
await store.createAccount(account, loginsOf(account));
const session_secret = randomText(32);
const session = makeSession();
await store.createSession(session);
const template: Template = {
  grant: makeGrant(),
  issuer: server.issuer,
  session_id: session.session_id,
  client_of: {
    jwt: clients.web.client_id,
    opaque: clients.web.client_id,
    code: clients.web.client_id,
    code_rs256: clients.rs256.client_id,
    public: clients.native.client_id,
  },
};
for (const { client_id } of Object.values(clients)) {
  const { sub } = account;
  const agreed = [`${server.issuer} openid`, `${API} photos.read`, `${OPAQUE_API} prints.order`];
  const times = { since: seconds(), used_at: seconds() };
  const consent = {
    sub,
    client_id,
    agreed,
    refused: [],
    waived: [],
    seen: null,
    version: "bench",
    ...times,
  };
  const grant = { ...makeGrant(), client_id };
  await store.approve({ grant, consent: { before: null, becomes: consent } });
}
// On the core of this process, which waits for it.
const filler = startChild("servers/fill.ts", { core: null, args: [database] });
const fill = (order: FillOrder): Promise<unknown> => filler.ask(order);
if (many > 0) await fill({ template, many: true, count: many });
const pick = picker(many);
let made = 0;

answerQuestions({
  async material(name, run_seconds) {
    const { client_id, client_secret } = clients[CLIENT_OF[name] ?? "web"];
    const since = seconds() - (seconds() % 10);
    if (name.startsWith("ended")) await endTokens();
    const browser = randomText(16);
    const of_browser = `valetkey_browser_${port}=${browser}`;
    const of_session = `valetkey_session_${accountKey(session.sub)}_${port}=${session.session_id}.${session_secret}`;
    return {
      port,
      client_id,
      since,
      authorization: client_secret === undefined ? null : basic(client_id, client_secret),
      cookie: name.startsWith("sign_in") ? of_browser : `${of_browser}; ${of_session}`,
      tokens: name.startsWith("sign_in")
        ? Array<string>(100).fill(await csrfFor(of_browser))
        : await makeTokens(name, tokensFor(name, run_seconds)),
    };
  },
  async close() {
    http.close();
    http.closeAllConnections();
    await filler.stop();
    await server.close();
  },
});

const KIND_OF: Partial<Record<ScenarioName, Kind>> = {
  code: "code",
  code_rs256: "code_rs256",
  refresh_public: "public",
  introspect_opaque: "opaque",
};

/** Ends as many tokens as of a million grants within the life of a token, if one in a hundred ends each day. */
async function endTokens(): Promise<void> {
  const now = seconds();
  for (let i = 0; i < 76; i += 1) {
    const jti = randomText(16);
    await store.claimOnce("bench", jti, { now, expires_at: now + 600, ends: `j:${jti}` });
  }
  // The server looks at its database twice a second.
  await new Promise((resolve) => setTimeout(resolve, 600));
}

/** Each token is a key to a grant of its own: one of the many, or one that is made for it. */
async function makeTokens(name: ScenarioName, count: number): Promise<string[]> {
  const kind = KIND_OF[name] ?? "jwt";
  const is_code = kind.startsWith("code");
  const grants =
    many > 0 && !is_code
      ? pick(kind, count).map((i) => oneOfMany(template, i))
      : await makeGrants(kind, count);
  const handles = grants.map(
    (grant) => issueHandle(is_code ? "vkc" : "vkr", grant, grant.generation, secrets) ?? "",
  );
  return name.startsWith("introspect") ? makeAccessTokens(handles) : handles;
}

/** Not all at once, since the server refuses more requests than may wait. */
async function makeAccessTokens(refresh_tokens: readonly string[]): Promise<string[]> {
  const tokens: string[] = [];
  for (let i = 0; i < refresh_tokens.length; i += 100)
    tokens.push(...(await Promise.all(refresh_tokens.slice(i, i + 100).map(makeAccessToken))));
  return tokens;
}

/** The small database stays small: earlier grants are deleted. */
async function makeGrants(kind: Kind, count: number): Promise<GrantRecord[]> {
  const from = made;
  made += count;
  await fill({ template, kind, from, count, replace: many === 0 });
  return Array.from({ length: count }, (_, i) => freshGrant(template, kind, from + i));
}

/** Gets an access token as an app does. */
async function makeAccessToken(refresh_token: string): Promise<string> {
  const { client_id, client_secret } = clients.web;
  const response = await server.fetch(
    new Request(`${server.issuer}/token`, {
      method: "POST",
      headers: { authorization: basic(client_id, client_secret) },
      body: new URLSearchParams({ grant_type: "refresh_token", refresh_token }),
    }),
  );
  if (response.status !== 200) throw new Error(`no access token: ${await response.text()}`);
  return JSON.parse(await response.text()).access_token;
}

async function csrfFor(cookie: string): Promise<string> {
  const page = new Request(`${server.issuer}/sign-in`, { headers: { cookie } });
  return csrfIn(await (await server.fetch(page)).text());
}

const basic = (client_id: string, client_secret = ""): string =>
  `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString("base64")}`;

/** A grant with an unused code. */
function makeGrant(): GrantRecord {
  const now = seconds();
  return {
    grant_id: withPlace(uuidv7(Date.now()), account.sub),
    client_id: "",
    sub: account.sub,
    session_id: null,
    sid: session.session_id,
    permissions: [`${API} photos.read`],
    claims: { userinfo: [], id_token: [] },
    left_out: [],
    salt: randomText(16),
    secret_id: secrets.current.secret_id,
    replaced_key: null,
    epoch: 1,
    generation: 0,
    advanced_at: now,
    used_at: now,
    code: {
      code_challenge: CHALLENGE,
      redirect_uri: REDIRECT_URI,
      redirect_uri_sent: true,
      nonce: "n-0S6_WzA2Mj",
    },
    proofs: [{ kind: "pwd", at: now }],
    snapshot: null,
    access_epoch: 0,
    code_expires_at: now + 86_400,
    created_at: now,
    expires_at: now + 86_400,
    revoked_at: null,
    check_at: now + 86_400,
  };
}

function makeSession(): SessionRecord {
  const now = seconds();
  return {
    session_id: withPlace(randomText(16), account.sub),
    secret_hash: sha256(session_secret),
    sub: account.sub,
    proofs: [{ kind: "pwd", at: now }],
    signed_in_for: null,
    user_agent: "bench",
    network: "127.0.0.1",
    created_at: now,
    seen_at: now,
    expires_at: now + 86_400,
  };
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}
