/** The next step after an app is registered: the values that its library needs, as a list and as a `.env` file. */
import { DEVICE_CODE, isConfidential } from "../oauth/client_metadata.ts";
import type { Catalogue } from "../oauth/resource_indicator.ts";
import { discoveryAddress } from "../oauth/server_metadata.ts";
import type { AppConnection, AppKind } from "../pages/account/connection.ts";
import type { ClientRecord } from "../store/records.ts";
import { allowedScope } from "./client_scope.ts";
import { usesSecret } from "./client_secret.ts";
import { snippetFor } from "./snippets.ts";

/** @param client_secret null: there is none, or it can't be shown any more */
export function connectionOf(
  client: ClientRecord,
  client_secret: string | null,
  catalogue: Catalogue,
): AppConnection {
  const { client_id, metadata } = client;
  const { issuer } = catalogue;
  const { redirect_uris } = metadata;
  const kind = appKind(client);
  const scope = allowedScope(client, catalogue).join(" ");
  return {
    ...{ issuer, client_id, client_secret, scope, redirect_uris },
    discovery: discoveryAddress(issuer),
    env: envFile({ client, client_secret, issuer }),
    snippet: snippetFor({ kind, issuer, client_id, redirect_uri: redirect_uris[0] ?? "" }),
  };
}

export function appKind({ metadata }: Pick<ClientRecord, "metadata">): AppKind {
  if (isConfidential(metadata)) return "web";
  if (metadata.application_type !== "native") return "browser";
  return metadata.grant_types.includes(DEVICE_CODE) ? "device" : "native";
}

/**
 * Lines of a `.env` file. The names begin with `OIDC_`, since variables that begin with `VALETKEY_` configure the
 * server.
 */
export function envFile({
  client: { client_id, metadata },
  client_secret,
  issuer,
}: {
  client: ClientRecord;
  client_secret: string | null;
  issuer: string;
}): string {
  const [redirect_uri] = metadata.redirect_uris;
  const lines = [
    ["OIDC_ISSUER", issuer],
    ["OIDC_CLIENT_ID", client_id],
    // Empty: to be filled in with a secret that can't be shown any more.
    ["OIDC_CLIENT_SECRET", client_secret ?? (usesSecret(metadata) ? "" : null)],
    ["OIDC_REDIRECT_URI", redirect_uri ?? null],
  ] as const;
  return lines
    .flatMap(([name, value]) => (value === null ? [] : [`${name}=${quoted(value)}`]))
    .join("\n");
}

/** A value with characters that `.env` files give a meaning is quoted. A redirect URI may hold them. */
function quoted(value: string): string {
  if (/^[A-Za-z0-9._~:/?&=%+,;@[\]!-]*$/.test(value)) return value;
  return value.includes("'") ? `"${value}"` : `'${value}'`;
}
