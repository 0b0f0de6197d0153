/** npm `oidc-provider` on loopback: a provider that somebody else has written, at which everybody is Ada. */
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { after } from "node:test";
import { type Instance, Provider, type RequestContext } from "oidc-provider";

export interface OidcProvider {
  issuer: string;
  /** Ada agrees to what this client may ask for. @param resources scopes of APIs, by their URI */
  agrees(client_id: string, scope: string, resources?: Record<string, string>): Promise<void>;
  /** Ada's consent for this client is gone. */
  withdraws(client_id: string): Promise<void>;
  /** Everybody says no while `work` runs. */
  whileDenying<T>(work: () => Promise<T>): Promise<T>;
}

export interface OidcProviderOptions {
  clients: readonly object[];
  /** Beside revocation. */
  features?: object;
  /** Further configuration, or other than here. */
  more?: object;
}

const ADA = {
  ...{ name: "Ada Lovelace", preferred_username: "ada" },
  ...{ email: "ada@example.com", email_verified: true },
};

/** Ends after the tests. */
export async function oidcProvider(options: OidcProviderOptions): Promise<OidcProvider> {
  let denies = false;
  let answer: RequestListener = () => {};
  const http = createServer((request, response) => {
    if (!request.url?.startsWith("/interaction/")) return answer(request, response);
    const denial = { error: "access_denied", error_description: "she said no" };
    const result = denies ? denial : { login: { accountId: "ada" }, consent: {} };
    return void provider.interactionFinished(request, response, result);
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  after(() => {
    http.closeAllConnections();
    http.close();
  });
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const grants = new Map<string, string>();
  const grantOf = (client_id: string): Promise<Instance | undefined> =>
    provider.Grant.find(grants.get(client_id) ?? "");
  const provider: Provider = new Provider(issuer, configOf(options, grantOf));
  answer = provider.callback();
  return {
    issuer,
    async agrees(client_id, scope, resources = {}) {
      const grant = new provider.Grant({ accountId: "ada", clientId: client_id });
      grant.addOIDCScope(scope);
      for (const [resource, scopes] of Object.entries(resources))
        grant.addResourceScope(resource, scopes);
      grants.set(client_id, await grant.save());
    },
    async withdraws(client_id) {
      await (await grantOf(client_id))?.destroy();
    },
    async whileDenying(work) {
      denies = true;
      try {
        return await work();
      } finally {
        denies = false;
      }
    },
  };
}

function configOf(
  { clients, features, more }: OidcProviderOptions,
  grantOf: (client_id: string) => Promise<Instance | undefined>,
): Record<string, unknown> {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    clients,
    jwks: {
      keys: [{ ...privateKey.export({ format: "jwk" }), alg: "RS256", use: "sig", kid: "1" }],
    },
    cookies: { keys: ["a key of cookies"] },
    scopes: ["openid", "offline_access"],
    claims: {
      openid: ["sub"],
      profile: ["name", "preferred_username"],
      email: ["email", "email_verified"],
    },
    features: { devInteractions: { enabled: false }, revocation: { enabled: true }, ...features },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    findAccount: (_ctx: unknown, sub: string) => ({
      accountId: sub,
      claims: () => ({ sub, ...ADA }),
    }),
    interactions: { url: (_ctx: unknown, { jti }: { jti: string }) => `/interaction/${jti}` },
    loadExistingGrant: ({ oidc }: RequestContext) => grantOf(oidc.client.clientId),
    ...more,
  };
}
