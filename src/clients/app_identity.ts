/** The identity of a client for people. It never shows more than is known. */
import { isOnThisComputer } from "../oauth/redirect_uri.ts";
import type { AppDocuments, AppIdentity } from "../pages/app.ts";
import type { ConsentRedirect } from "../pages/consent.ts";
import type { ClientRecord } from "../store/records.ts";
import { isInline } from "./logo.ts";

/**
 * Shows the site that an operator registered, or the host of the metadata document that is the app's id; for an app that
 * a person registered, the host of its redirect URI.
 */
export function appIdentity(client: ClientRecord, redirect_uri?: string): AppIdentity {
  const { client_name, client_uri, redirect_uris } = client.metadata;
  const by_operator = client.created_by === "operator";
  const uri = redirect_uri ?? redirect_uris[0] ?? "";
  const documented = client.created_by === "metadata_document" ? hostOf(client.client_id) : null;
  const own = by_operator && client_uri !== undefined ? hostOf(client_uri) : documented;
  const answers = isOnThisComputer(uri) ? null : hostOf(uri);
  return {
    name: client_name ?? documented ?? client.client_id,
    host: own ?? answers,
    logo: by_operator ? logoOf(client) : null,
  };
}

/** Never the address of another site: a picture there would tell that site when somebody signs in. */
function logoOf({ client_id, logo, metadata }: ClientRecord): string | null {
  const { logo_uri } = metadata;
  if (logo_uri === undefined) return null;
  if (isInline(logo_uri)) return logo_uri;
  return logo === null ? null : `/logo/${encodeURIComponent(client_id)}/${logo}`;
}

/** What the app shows of itself; null: it has no such document, or not by https. */
export function appDocuments(client: ClientRecord): AppDocuments {
  const { policy_uri, tos_uri } = client.metadata;
  const https = (uri: string | undefined) => (uri?.startsWith("https:") ? uri : null);
  const picture = client.created_by === "registration" ? logoOf(client) : null;
  return { policy: https(policy_uri), terms: https(tos_uri), picture };
}

/**
 * The address for a link back to the app: the site that `appIdentity` names. A website under development is on this
 * computer. Null: the app has no website.
 */
export function appSite(client: ClientRecord, redirect_uri?: string): string | null {
  const { client_uri, redirect_uris, application_type } = client.metadata;
  if (client.created_by === "operator" && client_uri !== undefined) return client_uri;
  const url = URL.parse(redirect_uri ?? redirect_uris[0] ?? "");
  const isSite =
    url?.protocol === "https:" || (url?.protocol === "http:" && application_type === "web");
  return isSite && url ? url.origin : null;
}

export function redirectOf(redirect_uri: string): ConsentRedirect {
  const { protocol, host } = new URL(redirect_uri);
  if (protocol === "https:") return { kind: "site", host };
  if (protocol === "http:") return { kind: "loopback", host };
  return { kind: "scheme", scheme: protocol.slice(0, -1) };
}

const hostOf = (uri: string): string | null => (URL.canParse(uri) ? new URL(uri).host : null);
