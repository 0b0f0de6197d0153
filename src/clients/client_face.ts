/** The face of a client: what a person sees and relies on, to be compared with a later one. */
import { sha256 } from "../crypto/hash.ts";
import type { ClientFace } from "../oauth/client_face.ts";
import type { ClientRecord } from "../store/records.ts";
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

/** A short text that differs for every face, for seals. */
export const faceId = (client: ClientRecord): string | null => {
  const face = faceOf(client);
  return face && sha256(JSON.stringify(face));
};

/** The required members alone, in the order of their names (RFC 7638 §3.2). */
export function thumbprint({ crv, e, kty, n, x, y }: Record<string, unknown>): string {
  return sha256(JSON.stringify({ crv, e, kty, n, x, y }));
}
