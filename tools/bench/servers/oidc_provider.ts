/**
 * npm `oidc-provider`, set up for production and for speed: `node:http`, no log, everything in memory. It gets the same
 * bytes as Valetkey, and its records are lost with the process.
 */
import { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { type Instance, type Model, Provider, type RequestContext } from "oidc-provider";
import { answerQuestions } from "../child.ts";
import {
  API,
  authorizePath,
  CHALLENGE,
  OPAQUE_API,
  REDIRECT_URI,
  type ScenarioName,
  tokensFor,
} from "../scenarios.ts";
import { mapStorage } from "./map_adapter.ts";

const SUB = "ada";
const ISSUED = ["AuthorizationCode", "RefreshToken", "AccessToken", "ClientCredentials"];
const DAY = 86_400;

const http = createServer((request, response) => {
  // The interaction: every visitor is Ada.
  if (request.url?.startsWith("/interaction/"))
    void provider.interactionFinished(request, response, { login: { accountId: SUB } });
  else answer(request, response);
});
await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
const address = http.address();
const port = typeof address === "object" && address ? address.port : 0;
const issuer = `http://127.0.0.1:${port}`;

const web = {
  redirect_uris: [REDIRECT_URI],
  grant_types: ["authorization_code", "refresh_token"],
  token_endpoint_auth_method: "client_secret_basic",
  id_token_signed_response_alg: "ES256",
};
const service = { redirect_uris: [], response_types: [], grant_types: ["client_credentials"] };
const secret = randomBytes(32).toString("base64url");
const clients = [
  { client_id: "web", client_secret: secret, ...web },
  { client_id: "rs256", client_secret: secret, ...web, id_token_signed_response_alg: "RS256" },
  { client_id: "native", ...web, token_endpoint_auth_method: "none" },
  { client_id: "service", client_secret: secret, ...service },
];
const CLIENT_OF: Partial<Record<ScenarioName, string>> = {
  client_credentials: "service",
  client_credentials_opaque: "service",
  code_rs256: "rs256",
  refresh_public: "native",
};

/** Ada's grant to each client, to which all its tokens belong. */
const grants = new Map<string, string>();
let session_uid = "";
const storage = mapStorage();
const apis: Record<string, object> = {
  [API]: {
    scope: "photos.read",
    accessTokenFormat: "jwt",
    accessTokenTTL: 600,
    jwt: { sign: { alg: "ES256" } },
  },
  [OPAQUE_API]: { scope: "prints.order", accessTokenFormat: "opaque", accessTokenTTL: 600 },
};
const provider = new Provider(issuer, {
  adapter: storage.adapter,
  clients,
  jwks: {
    keys: [
      signingKey(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey, "ES256"),
      signingKey(generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey, "RS256"),
    ],
  },
  cookies: { keys: [randomBytes(32).toString("base64url")] },
  // The same paths as in Valetkey, so that the requests are the same.
  routes: {
    authorization: "/authorize",
    token: "/token",
    introspection: "/introspect",
    jwks: "/jwks",
  },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      // As in Valetkey, the scope selects the API, and the tokens of a code are for that API.
      defaultResource: ({ oidc }: RequestContext, _: unknown, one: unknown) =>
        one ?? (oidc.params.scope?.includes("prints.order") ? OPAQUE_API : API),
      getResourceServerInfo: (_: unknown, resource: string) => apis[resource],
      useGrantedResource: () => true,
    },
  },
  pkce: { required: () => true },
  ttl: {
    AccessToken: 600,
    AuthorizationCode: 600,
    ClientCredentials: 600,
    Grant: DAY,
    IdToken: 3600,
    Interaction: 3600,
    RefreshToken: DAY,
    Session: DAY,
  },
  issueRefreshToken: () => true,
  rotateRefreshToken: ({ oidc }: RequestContext) => oidc.client.clientAuthMethod === "none",
  findAccount: (_: unknown, sub: string) => ({ accountId: sub, claims: () => ({ sub }) }),
  interactions: { url: (_: unknown, { jti }: { jti: string }) => `/interaction/${jti}` },
  loadExistingGrant({ oidc }: RequestContext): Promise<Instance | undefined> {
    session_uid = oidc.session.uid;
    return provider.Grant.find(grants.get(oidc.client.clientId) ?? "");
  },
});
const answer = provider.callback();
for (const { client_id } of clients) await agree(client_id);
const cookies = new Map<string, string>();
for (const client_id of ["web", "rs256"]) await signIn(client_id);

answerQuestions({
  async material(name, seconds) {
    storage.drop(ISSUED);
    const client_id = CLIENT_OF[name] ?? "web";
    const basic = Buffer.from(`${client_id}:${secret}`).toString("base64");
    return {
      port,
      client_id,
      authorization: client_id === "native" ? null : `Basic ${basic}`,
      cookie: sessionCookie(),
      tokens: await makeTokens(name, client_id, tokensFor(name, seconds)),
    };
  },
  async close() {
    http.close();
    http.closeAllConnections();
  },
});

function signingKey(key: KeyObject, alg: string): object {
  return { ...key.export({ format: "jwk" }), alg, use: "sig", kid: `${alg}-1` };
}

async function agree(client_id: string): Promise<void> {
  const grant = new provider.Grant({ accountId: SUB, clientId: client_id });
  grant.addOIDCScope("openid");
  grant.addResourceScope(API, "photos.read");
  grant.addResourceScope(OPAQUE_API, "prints.order");
  grants.set(client_id, await grant.save());
}

/** Goes once from an authorization request through the interaction to the code, and keeps the session. */
async function signIn(client_id: string): Promise<void> {
  let url = issuer + authorizePath(client_id);
  for (let steps = 0; url.startsWith(issuer); steps += 1) {
    if (steps > 9) throw new Error("oidc-provider asks again and again");
    const headers = { cookie: [...cookies.values()].join("; ") };
    const response = await fetch(url, { headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      cookies.set(pair.slice(0, pair.indexOf("=")), pair);
    }
    const location = response.headers.get("location");
    if (location === null) throw new Error(`oidc-provider: ${await response.text()}`);
    url = new URL(location, url).href;
  }
  if (!url.includes("code=")) throw new Error(`oidc-provider refused: ${url}`);
}

const sessionCookie = (): string =>
  [...cookies]
    .filter(([name]) => name.startsWith("_session"))
    .map(([, pair]) => pair)
    .join("; ");

async function makeTokens(name: string, client_id: string, count: number): Promise<string[]> {
  const client = await provider.Client.find(client_id);
  const opaque = name === "introspect_opaque";
  const isCode = name.startsWith("code");
  const resource = opaque ? OPAQUE_API : API;
  const scope = isCode ? "openid photos.read" : opaque ? "prints.order" : "photos.read";
  const fields = { accountId: SUB, client, grantId: grants.get(client_id), scope };
  const of_request = {
    resource,
    authTime: Math.floor(Date.now() / 1000),
    gty: "authorization_code",
  };
  const make = (model: Model, more: object): Promise<string> =>
    new model({ ...fields, ...more }).save();
  const makeOne = (): Promise<string> => {
    if (opaque) {
      const resourceServer = new provider.ResourceServer(resource, apis[resource] ?? {});
      return make(provider.AccessToken, { resourceServer, gty: "authorization_code" });
    }
    if (!isCode) return make(provider.RefreshToken, of_request);
    return make(provider.AuthorizationCode, {
      ...of_request,
      codeChallenge: CHALLENGE,
      codeChallengeMethod: "S256",
      nonce: "n-0S6_WzA2Mj",
      redirectUri: REDIRECT_URI,
      sessionUid: session_uid,
      expiresWithSession: true,
    });
  };
  return Promise.all(Array.from({ length: count }, makeOne));
}
