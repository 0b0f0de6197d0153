/** A new client, with its id and secret: one way for the command line, for “your apps” and for code. */
import { randomText } from "../crypto/hash.ts";
import type { ClientMetadata } from "../oauth/client_metadata.ts";
import type { ClientRecord } from "../store/records.ts";
import { makeSecret, usesSecret } from "./client_secret.ts";

/** Settings beyond the metadata, for operators only. */
export interface ClientOptions {
  /** Skips consent: for your own apps. */
  trusted?: boolean;
  /** False: PKCE may be missing, for a confidential client that can't send it. */
  require_pkce?: boolean;
  /** Makes the credentials of this API: it may introspect tokens for it. */
  resource?: string;
}

/** The registration response (RFC 7591 §3.2.1). The secret is shown here and never again. */
export interface ClientInformation extends ClientMetadata {
  client_id: string;
  client_id_issued_at: number;
  client_secret?: string;
  /** 0: never. */
  client_secret_expires_at?: 0;
}

/** A random id. Command lines would read a leading hyphen as a flag. */
export const newClientId = (): string => randomText(16).replace(/^-/, "_");

/** What an operator's new client gets if no grant types are named. The credentials of an API only introspect. */
export function usualGrantTypes({
  redirect_uris = [],
  resource,
}: {
  redirect_uris?: readonly string[] | undefined;
  resource?: string | undefined;
}): string[] {
  if (redirect_uris.length > 0) return ["authorization_code", "refresh_token"];
  return resource === undefined ? ["client_credentials"] : [];
}

type Settable = Pick<
  ClientRecord,
  "owner_sub" | "trusted" | "require_pkce" | "resource" | "sector" | "registration_hash"
>;

/** Makes the record, and stores nothing. `client_secret` is null if the client's method has no secret. */
export function newClient(
  metadata: ClientMetadata,
  {
    now,
    created_by,
    owner_sub = null,
    trusted = false,
    require_pkce = true,
    resource = null,
    sector = null,
    registration_hash = null,
  }: Pick<ClientRecord, "created_by"> & Partial<Settable> & { now: number },
): { client: ClientRecord; client_secret: string | null } {
  const made = usesSecret(metadata) ? makeSecret(now) : null;
  const client: ClientRecord = {
    client_id: newClientId(),
    metadata,
    secrets: made ? [made.kept] : [],
    created_by,
    owner_sub,
    trusted,
    require_pkce,
    set_by_operator: [],
    resource,
    created_at: now,
    disabled_at: null,
    ends_before: null,
    logo: null,
    sector,
    registration_hash,
  };
  return { client, client_secret: made?.secret ?? null };
}

export const clientInformation = (
  { client_id, created_at, metadata }: ClientRecord,
  client_secret: string | null,
): ClientInformation => ({
  client_id,
  client_id_issued_at: created_at,
  ...(client_secret !== null && { client_secret, client_secret_expires_at: 0 as const }),
  ...metadata,
});
