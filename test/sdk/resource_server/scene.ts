/** A test issuer with an app, a person and APIs, for tests of `valetkey/resource-server`. */
import { after } from "node:test";
import {
  type BeginOptions,
  type Client,
  createClient,
  type Tokens,
} from "../../../src/sdk/client/client.ts";
import type { Guard } from "../../../src/sdk/resource_server/options.ts";
import { type ProtectOptions, protect } from "../../../src/sdk/resource_server/protect.ts";
import { startIssuer, type TestIssuer } from "../../../src/testing/testing.ts";
import { APIS, PRINTS, SNAPS } from "../apis.ts";

const APP = { clientId: "app", clientSecret: "the secret of the app" };
const SERVICE = { clientId: "service", clientSecret: "the secret of the service" };
/** The credentials with which an API asks the issuer. */
export const OF_SNAPS = { clientId: "snaps", clientSecret: "the secret of Snaps" };
export const OF_PRINTS = { clientId: "prints", clientSecret: "the secret of Prints" };

const redirectUri = "https://app.test/callback";
const registered = ({ clientId, clientSecret }: typeof APP) => ({
  client_id: clientId,
  client_secret: clientSecret,
});

export interface Scene {
  issuer: TestIssuer;
  /** Signs people in. */
  app: Client;
  /** Acts for itself. */
  service: Client;
  options: ProtectOptions;
  /** An access token of Ada for the API: `photos.read`, if nothing else is asked for. */
  token(scope?: string): Promise<string>;
  /** Ada signs in to the app. */
  signIn(asked: Omit<BeginOptions, "redirectUri">): Promise<Tokens>;
}

/** @param audience the API instead of Snaps */
export async function scene(audience = SNAPS): Promise<Scene> {
  const issuer = await startIssuer({
    clients: [
      { ...registered(APP), redirect_uris: [redirectUri] },
      registered(SERVICE),
      { ...registered(OF_SNAPS), resource: audience },
      { ...registered(OF_PRINTS), resource: PRINTS },
    ],
    config: { ...APIS, resources: { ...APIS.resources, [audience]: APIS.resources[SNAPS] } },
  });
  after(issuer.close);
  const app = createClient({ issuer: issuer.issuer, ...APP });
  return {
    ...{ issuer, app },
    service: createClient({ issuer: issuer.issuer, ...SERVICE }),
    options: { issuer: issuer.issuer, audience },
    token: (scope = "photos.read") => issuer.tokenFor("ada", { audience, scope }),
    async signIn(asked) {
      const begun = await app.begin({ redirectUri, ...asked });
      return app.finish(await issuer.callbackFor(begun.url, "ada"), begun);
    },
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
export { PRINTS, protect, SNAPS };
