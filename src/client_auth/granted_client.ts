/** The client of a request to the token, revocation or introspection endpoint. */
import { asGranted, newerKeys } from "../clients/document_client.ts";
import type { Context } from "../context.ts";
import type { Jwks } from "../oauth/jwks.ts";
import type { Params } from "../oauth/params.ts";
import type { ClientRecord, GrantRecord } from "../store/records.ts";
import { findAccessToken } from "../tokens/access_token.ts";
import { grantStatus } from "../tokens/authorization.ts";
import { loadFacts } from "../tokens/facts.ts";
import { isGenuine, parseHandle } from "../tokens/handle.ts";

/** The parameter that names a grant. The endpoint or the grant type decides it, never the request. */
export type GrantParameter = "code" | "refresh_token" | "token";

/** The parameters of a request, and the one that names its grant. */
export interface Naming {
  params: Params;
  /** Null: the request names no grant. */
  grant_in: GrantParameter | null;
}

interface Granted {
  client: ClientRecord | null;
  /** Looks for newer keys in the client's document. Null: there are none. */
  newerKeys?: () => Promise<Jwks | null>;
}

/**
 * A client of a metadata document authenticates as the snapshot of the presented grant says: its document may have
 * changed since the person agreed. The document is fetched for newer keys only, and for a live grant only, so that
 * strangers can't make the server fetch it.
 */
export async function findGrantedClient(
  client_id: string,
  naming: Naming,
  ctx: Context,
): Promise<Granted> {
  const client = await ctx.store.findClient(client_id);
  if (client?.created_by !== "metadata_document") return { client };
  const grant = await presentedGrant(naming, ctx);
  if (grant?.client_id !== client_id) return { client };
  const granted = asGranted(client, grant);
  return {
    client: granted,
    newerKeys: async () => ((await isLive(grant, ctx)) ? newerKeys(granted, ctx) : null),
  };
}

/** Another parameter may hold the key of another grant, whose snapshot has weaker rules. */
async function presentedGrant(
  { params, grant_in }: Naming,
  ctx: Context,
): Promise<GrantRecord | null> {
  const text = grant_in === null ? undefined : params.get(grant_in);
  if (text === undefined) return null;
  const handle = parseHandle(text);
  if (!handle) return (await findAccessToken(text, ctx))?.granted?.grant ?? null;
  const grant = await ctx.store.findGrant(handle.grant_id);
  return grant && isGenuine(handle, grant, ctx.secrets) ? grant : null;
}

async function isLive({ grant_id }: GrantRecord, ctx: Context): Promise<boolean> {
  const facts = await loadFacts(grant_id, ctx);
  return facts !== null && grantStatus(facts, ctx).holds;
}
