/** The metadata that the client uses, of the right types, with secure addresses only. */
import type { AuthorizationServer } from "oauth4webapi";
import { AuthError } from "../errors.ts";
import type { BoundedFetch } from "../fetch.ts";
import { isSecure, metadataOf } from "../metadata.ts";
import type { Provider } from "./provider.ts";

const ADDRESSES = [
  "authorization_endpoint",
  "token_endpoint",
  "userinfo_endpoint",
  "revocation_endpoint",
  "device_authorization_endpoint",
  "end_session_endpoint",
  "jwks_uri",
] as const;
const LISTS = [
  "scopes_supported",
  "token_endpoint_auth_methods_supported",
  "id_token_signing_alg_values_supported",
  "userinfo_signing_alg_values_supported",
] as const;

/**
 * The provider's metadata, with the addresses of its row.
 * @throws AuthError `configuration` for addresses of the row; the function throws as `metadataOf`
 */
export function serverOf(
  issuer: string,
  provider: Provider | null,
  fetch: BoundedFetch,
): () => Promise<AuthorizationServer> {
  const { endpoints = {} } = provider ?? {};
  const known = readServer({ issuer, ...endpoints });
  if (known.authorization_endpoint && known.token_endpoint) return async () => known;
  // The metadata for several tenants has a name of its own.
  const published = issuer.replace("{tenantid}", "common");
  const metadata = metadataOf(published, { names: issuer, fetch });
  return async () => readServer({ ...(await metadata()), ...endpoints, issuer });
}

function readServer(metadata: Record<string, unknown> & { issuer: string }): AuthorizationServer {
  const addresses = ADDRESSES.flatMap((name) => {
    const address = metadata[name];
    return address === undefined ? [] : [[name, checkAddress(name, address)]];
  });
  const lists = LISTS.flatMap((name) => {
    const list = metadata[name];
    const isList = Array.isArray(list) && list.every((each) => typeof each === "string");
    return isList ? [[name, list]] : [];
  });
  return {
    issuer: metadata.issuer,
    ...Object.fromEntries([...addresses, ...lists]),
    authorization_response_iss_parameter_supported:
      metadata.authorization_response_iss_parameter_supported === true,
  };
}

/** Tokens, codes and secrets go there. */
function checkAddress(name: string, address: unknown): string {
  const url = typeof address === "string" ? URL.parse(address) : null;
  if (typeof address === "string" && url && isSecure(url)) return address;
  const what = `${name} is ${JSON.stringify(address)}, which is not an https URL`;
  throw new AuthError("configuration", what, {
    hint: "use a provider with https addresses; http works on loopback addresses only",
  });
}
