/** A client at its provider: what every request of this client needs. */
import type { AuthorizationServer, Client, ClientAuth } from "oauth4webapi";
import { AuthError } from "../errors.ts";
import { type BoundedFetch, boundedFetch } from "../fetch.ts";
import { checkIssuer } from "../metadata.ts";
import type { Provider } from "./provider.ts";
import { serverOf } from "./server.ts";

export interface ClientOptions {
  /** The provider's issuer, exactly as its metadata names it. Default: the issuer of `provider`. */
  issuer?: string;
  /** The client's id at the provider. */
  clientId: string;
  /** The client's secret. Left out for a public client. */
  clientSecret?: string;
  /**
   * The client's private key, for `private_key_jwt` (OpenID Connect Core §9), or Apple's key. It need not be
   * extractable. Default: none.
   */
  privateKey?: CryptoKey;
  /** A row such as `github`, or your own. Default: a provider that follows the specifications. */
  provider?: Provider;
  /**
   * Sends the requests to the provider, for example through a proxy or with a trace. It is called like `fetch`, and has
   * to return the response as it comes. 8 seconds, 256 KB and no redirects hold around it. Default: the global `fetch`.
   */
  fetch?: typeof fetch;
}

/** How the client proves who it is, at this provider. */
export type Authentication = (server: AuthorizationServer) => ClientAuth;

export interface Party {
  /** As configured; it contains `{tenantid}` where it stands for several. */
  issuer: string;
  provider: Provider | null;
  client: Client;
  /** Never shown. */
  secret: string | null;
  /** The metadata, with the addresses of the row. @throws AuthError as `metadataOf` */
  server(): Promise<AuthorizationServer>;
  authentication: Authentication;
  /** For all requests to the provider. */
  fetch: BoundedFetch;
}

/** In the metadata and in rows, the place of a tenant's id. */
const TENANT = "{tenantid}";

/** @throws AuthError `configuration` */
export function partyOf(
  options: ClientOptions,
  authenticationOf: (options: ClientOptions) => Authentication,
): Party {
  const { provider = null, clientId, clientSecret = null } = options;
  const named = options.issuer ?? provider?.issuer;
  if (named === undefined)
    throw new AuthError("configuration", "issuer is missing", {
      hint: "set issuer to the https URL of your provider, or set provider",
    });
  if (typeof clientId !== "string" || clientId === "")
    throw new AuthError("configuration", "clientId is missing", {
      hint: "set clientId to what the provider shows for this app; is an environment variable missing?",
    });
  if ("clientSecret" in options && !clientSecret)
    throw new AuthError("configuration", "clientSecret is empty", {
      hint: "leave it out for a public client; is an environment variable missing?",
    });
  const issuer = issuerOf(named, provider);
  const fetch = boundedFetch(options.fetch);
  return {
    issuer,
    provider,
    client: { client_id: clientId },
    secret: clientSecret,
    server: serverOf(issuer, provider, fetch),
    authentication: authenticationOf(options),
    fetch,
  };
}

/**
 * The issuer of one tenant, or with `{tenantid}` the issuer of several. Without a list of them, every company that uses
 * the provider could sign people in.
 */
function issuerOf(named: string, provider: Provider | null): string {
  checkIssuer(named.replace(TENANT, "tenantid"));
  if (!named.includes(TENANT)) return named;
  const [tenant, ...others] = provider?.tenants ?? [];
  if (tenant !== undefined) return others.length > 0 ? named : named.replace(TENANT, tenant);
  throw new AuthError("configuration", `the issuer ${named} stands for many tenants`, {
    hint: "list the tenants that may sign in: provider: { ...microsoft, tenants: [id] }",
    provider: provider?.id,
  });
}
