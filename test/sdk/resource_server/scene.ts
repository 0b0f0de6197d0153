/** A server with an app, a person and an API, for tests of `valetkey/resource-server`. */
import { after } from "node:test";
import type { Guard } from "../../../src/sdk/resource_server/options.ts";
import { type ProtectOptions, protect } from "../../../src/sdk/resource_server/protect.ts";
import { tokensFor } from "../../support/flow.ts";
import { CONFIG, SERVICE, SNAPS, type TestClient, WEB } from "../../support/server.ts";
import { type WebServer, webServer } from "../../support/web.ts";

export interface Scene {
  server: WebServer;
  app: TestClient;
  /** The credentials with which the API asks the issuer. */
  credentials: { clientId: string; clientSecret: string };
  options: ProtectOptions;
  /** An access token of Ada for the API. */
  token(scope?: string): Promise<string>;
  /** The same with a refresh token. */
  tokens(scope?: string): ReturnType<typeof tokensFor>;
  service: TestClient;
}

export async function scene(): Promise<Scene> {
  const server = await webServer({ ...CONFIG, rate_limits: { changes: 0 } });
  after(() => server.close());
  await server.addUser("ada");
  const app = await server.addClient(WEB);
  const api = await server.addClient(WEB, { resource: SNAPS });
  const credentials = { clientId: api.client_id, clientSecret: api.client_secret };
  const tokens = (scope = "photos.read") =>
    tokensFor(server, app, { parameters: { scope: `openid offline_access ${scope}` } });
  return {
    ...{ server, app, credentials, tokens },
    options: { issuer: server.issuer, audience: SNAPS },
    token: async (scope) => {
      const { access_token } = await tokensFor(server, app, {
        parameters: { scope: scope ?? "photos.read", resource: SNAPS },
      });
      return access_token;
    },
    service: await server.addClient(SERVICE),
  };
}

/** What a guard says about a request with this header. */
export async function answered(
  guard: Guard,
  authorization: string | null,
  need?: Parameters<Guard>[1],
) {
  const headers = new Headers(authorization === null ? {} : { authorization });
  const answer = await guard(new Request(`${SNAPS}/photos`, { headers }), need);
  if (!(answer instanceof Response)) return { status: 200, access: answer, challenge: "" };
  const challenge = answer.headers.get("www-authenticate") ?? "";
  return { status: answer.status, access: null, challenge, body: await answer.json() };
}

/** The parameters of a Bearer challenge. */
export function paramsOf(challenge: string): Record<string, string> {
  const [, list = ""] = /^Bearer (.*)$/.exec(challenge) ?? [];
  return Object.fromEntries(
    [...list.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]),
  );
}

export const bearer = (token: string): string => `Bearer ${token}`;
export { protect };
