/** The face of a client: what a person sees and relies on, to be compared with a later one. */
import { sha256 } from "../crypto/hash.ts";
import { type ClientFace, faceChanges } from "../oauth/client_face.ts";
import type { AppChange } from "../pages/consent_notice.ts";
import type { ClientRecord, ConsentRecord } from "../store/records.ts";
import { isInline } from "./logo.ts";

/** Null for a client that an operator added: the operator answers for its changes. */
export function faceOf({ created_by, metadata }: ClientRecord): ClientFace | null {
  if (created_by === "operator") return null;
  const { client_name, logo_uri, redirect_uris, token_endpoint_auth_method } = metadata;
  const { jwks, jwks_uri } = metadata;
  return {
    client_name: client_name ?? null,
    logo_uri: logo_uri !== undefined && isInline(logo_uri) ? sha256(logo_uri) : (logo_uri ?? null),
    redirect_uris,
    token_endpoint_auth_method,
    jwks_uri: jwks_uri ?? null,
    keys: (jwks?.keys ?? []).map(thumbprint),
  };
}

/** An app that nobody checked, under the name that the person allowed: others may have allowed it under another one. */
export function asSeen(client: ClientRecord, { seen }: Pick<ConsentRecord, "seen">): ClientRecord {
  if (!seen || seen.client_name === (client.metadata.client_name ?? null)) return client;
  const { client_name: _, ...metadata } = client.metadata;
  const { client_name } = seen;
  return { ...client, metadata: { ...metadata, ...(client_name !== null && { client_name }) } };
}

/** What has changed, in words for the person. */
export function appChanges(seen: ClientFace, now: ClientFace): AppChange[] {
  return faceChanges(seen, now).map((kind) => {
    if (kind === "name") return { kind, before: seen.client_name };
    if (kind !== "redirect") return { kind };
    const added = now.redirect_uris.filter((uri) => !seen.redirect_uris.includes(uri));
    return { kind, hosts: [...new Set(added.map(targetOf))] };
  });
}

/** The host of an address, or the scheme of an app's own. */
function targetOf(redirect_uri: string): string {
  const { protocol, host } = new URL(redirect_uri);
  return /^https?:$/.test(protocol) ? host : protocol;
}

/** A short text that differs for every face, for seals. */
export const faceId = (client: ClientRecord): string | null => {
  const face = faceOf(client);
  return face && sha256(JSON.stringify(face));
};

/** The required members alone, in the order of their names (RFC 7638 §3.2). */
export function thumbprint({ crv, e, kty, n, x, y }: Record<string, unknown>): string {
  return sha256(JSON.stringify({ crv, e, kty, n, x, y }));
}
