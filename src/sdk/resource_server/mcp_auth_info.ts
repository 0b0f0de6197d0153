/** What tools learn about the token, in the form of the MCP SDK. */
import type { Access } from "./options.ts";

/** In a tool: `ctx.http.authInfo` in version 2 of the SDK, `extra.authInfo` in version 1. */
export interface AuthInfo {
  /** The access token. Don't pass it on to other services: it is for this server. */
  token: string;
  /** The client that the token was issued to. */
  clientId: string;
  scopes: string[];
  /** Seconds since the epoch. */
  expiresAt: number;
  /** The audience of this server. */
  resource: URL;
  /** The address of the metadata of this server (RFC 9728). */
  resourceMetadataUrl: string;
  /** All claims: `sub`, the person, `act`, who acts for them (RFC 8693), and so on. */
  extra: Record<string, unknown>;
}

export const authInfoOf = ({
  token,
  access: { sub, clientId, scopes, expiresAt, claims },
  resource,
}: {
  token: string;
  access: Access;
  resource: { url: URL; metadataUrl: string };
}): AuthInfo => ({
  // The guard keeps scopes and claims for the next request, which a tool must not change.
  ...{ token, clientId, scopes: [...scopes], expiresAt, extra: { ...claims, sub } },
  ...{ resource: new URL(resource.url), resourceMetadataUrl: resource.metadataUrl },
});
