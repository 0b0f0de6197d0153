/** A client at its provider: what every request of this client needs. */
import * as oauth from "oauth4webapi";
import { AuthError } from "../errors.ts";
import { checkIssuer } from "../metadata.ts";
import { clientAuthentication } from "./client_authentication.ts";
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
}

export interface Party {
  /** As configured; it contains `{tenantid}` where it stands for many. */
  issuer: string;
  provider: Provider | null;
  client: oauth.Client;
  /** Never shown. */
  secret: string | null;
  /** The metadata, with the addresses of the row. @throws AuthError as `metadataOf` */
  server(): Promise<oauth.AuthorizationServer>;
  authentication(server: oauth.AuthorizationServer): oauth.ClientAuth;
}

/** @throws AuthError `configuration` */
export function partyOf(options: ClientOptions): Party {
  const { provider = null, clientId, clientSecret = null } = options;
  const issuer = options.issuer ?? provider?.issuer;
  if (issuer === undefined)
    throw new AuthError("configuration", "issuer is missing", {
      hint: "set issuer to the https URL of your provider, or set provider",
    });
  if (typeof clientId !== "string" || clientId === "")
    throw new AuthError("configuration", "clientId is missing", {
      hint: "set clientId to what the provider shows for this app; is an environment variable missing?",
    });
  if (clientSecret === "" || ("clientSecret" in options && options.clientSecret === undefined))
    throw new AuthError("configuration", "clientSecret is empty", {
      hint: "leave it out for a public client; is an environment variable missing?",
    });
  checkIssuer(issuer.replace("{tenantid}", "tenantid"));
  checkTenants(issuer, provider);
  return {
    issuer,
    provider,
    client: { client_id: clientId, [oauth.clockTolerance]: 30 },
    secret: clientSecret,
    server: serverOf(issuer, provider),
    authentication: clientAuthentication(options),
  };
}

/** Without a list, every company that uses the provider could sign people in. */
function checkTenants(issuer: string, provider: Provider | null): void {
  if (!issuer.includes("{tenantid}") || (provider?.tenants?.length ?? 0) > 0) return;
  throw new AuthError("configuration", `the issuer ${issuer} stands for many tenants`, {
    hint: "list the tenants that may sign in: provider: { ...microsoft, tenants: [id] }",
    provider: provider?.id,
  });
}
