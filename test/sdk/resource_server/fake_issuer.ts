/** An issuer whose keys, tokens and answers a test chooses. */
import { createServer, type IncomingMessage } from "node:http";
import {
  exportJWK,
  generateKeyPair,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from "jose";

export interface FakeIssuer extends AsyncDisposable {
  issuer: string;
  /** Of a guard that trusts this issuer. */
  options: { issuer: string; audience: string };
  /** Paths that were asked for, with their query. */
  asked: string[];
  /** How many requests there were to a path. */
  count(path: string): number;
  /** Answers for paths, instead of the own ones; null: the connection is cut. */
  answers: Record<string, ((request: IncomingMessage) => Answer | null) | undefined>;
  /** The published keys. */
  keys: object[];
  /** Signs with the key `kid`, which is made if there is none. */
  sign(claims: JWTPayload, header?: Partial<JWTHeaderParameters>): Promise<string>;
  /** Claims of an access token that holds. */
  claims: JWTPayload;
}

export interface Answer {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export const AUDIENCE = "https://api.test/v1";

export async function fakeIssuer(): Promise<FakeIssuer> {
  const http = createServer((request, response) => {
    const { url = "" } = request;
    fake.asked.push(url);
    const path = url.split("?")[0] ?? "";
    const answer = fake.answers[path] ?? own[path];
    const answered = answer ? answer(request) : { status: 404 };
    if (!answered) return void request.socket.destroy();
    const { status = 200, body = {}, headers = {} } = answered;
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(status === 304 ? undefined : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const address = http.address();
  const issuer = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  const own: FakeIssuer["answers"] = {
    "/.well-known/oauth-authorization-server": () => ({
      body: {
        issuer,
        jwks_uri: `${issuer}/jwks`,
        introspection_endpoint: `${issuer}/introspect`,
        valetkey_ended_endpoint: `${issuer}/ended`,
      },
    }),
    "/jwks": () => ({ body: { keys: fake.keys } }),
    "/ended": () => ({ body: { now: seconds(), window: 660, after: seconds() - 660, ended: [] } }),
  };
  const pairs = new Map<string, CryptoKey>();
  const now = seconds();
  const fake: FakeIssuer = {
    ...{ issuer, asked: [], answers: {}, keys: [] },
    options: { issuer, audience: AUDIENCE },
    count: (path) => fake.asked.filter((each) => each.startsWith(path)).length,
    claims: {
      ...{ iss: issuer, aud: AUDIENCE, sub: "ada", client_id: "app", scope: "photos.read" },
      ...{ iat: now, exp: now + 600, jti: "1", grant_id: "g1", access_epoch: 0 },
    },
    async sign(claims, { alg = "ES256", kid = "1", ...header } = {}) {
      const name = `${kid} ${alg}`;
      let key = pairs.get(name);
      if (!key) {
        const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
        fake.keys.push({ ...(await exportJWK(publicKey)), kid, alg, use: "sig" });
        pairs.set(name, privateKey);
        key = privateKey;
      }
      return new SignJWT(claims)
        .setProtectedHeader({ alg, kid, typ: "at+jwt", ...header })
        .sign(key);
    },
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return fake;
}

export const seconds = (): number => Math.floor(Date.now() / 1000);
