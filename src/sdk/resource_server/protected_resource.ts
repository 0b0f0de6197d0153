/** The metadata of an API (RFC 9728), by which apps find its issuer. */
import type { Settings } from "./options.ts";

const WELL_KNOWN = "/.well-known/oauth-protected-resource";

export interface ProtectedResource {
  path: string;
  url: string;
  response(): Response;
}

/** Null: the audience is no URL, so that there is no address for its metadata. */
export function protectedResource(settings: Settings): ProtectedResource | null {
  const { audience, issuers, scopes = [], name } = settings;
  const url = URL.parse(audience);
  if (!url || !/^https?:$/.test(url.protocol)) return null;
  // The well-known part stands before the path (RFC 9728 §3.1).
  const path = WELL_KNOWN + url.pathname.replace(/\/$/, "");
  const document = {
    resource: audience,
    authorization_servers: issuers,
    ...(scopes.length > 0 && { scopes_supported: scopes }),
    bearer_methods_supported: ["header"],
    ...(name !== undefined && { resource_name: name }),
  };
  return {
    path,
    url: url.origin + path + url.search,
    response: () =>
      Response.json(document, {
        headers: {
          "cache-control": "public, max-age=300",
          "access-control-allow-origin": "*",
          // Clients of MCP in browsers name their version in a header, and browsers ask first.
          "access-control-allow-headers": "*",
        },
      }),
  };
}
