/** The client of a request to the token, revocation or introspection endpoint. */
import { asGranted } from "../clients/document_client.ts";
import type { Context } from "../context.ts";
import type { Params } from "../oauth/params.ts";
import type { ClientRecord, GrantRecord } from "../store/records.ts";
import { findAccessToken } from "../tokens/access_token.ts";
import { isGenuine, parseHandle } from "../tokens/handle.ts";

/**
 * A client of a metadata document authenticates as the snapshot of the presented grant says: its document may have
 * changed since the person agreed, and is not fetched here.
 */
export async function findGrantedClient(
  client_id: string,
  params: Params,
  ctx: Context,
): Promise<ClientRecord | null> {
  const client = await ctx.store.findClient(client_id);
  if (client?.created_by !== "metadata_document") return client;
  const grant = await presentedGrant(params, ctx);
  return grant?.client_id === client_id ? asGranted(client, grant) : client;
}

async function presentedGrant(params: Params, ctx: Context): Promise<GrantRecord | null> {
  const text = params.get("code") ?? params.get("refresh_token") ?? params.get("token");
  if (text === undefined) return null;
  const handle = parseHandle(text);
  if (!handle) return (await findAccessToken(text, ctx))?.granted?.grant ?? null;
  const grant = await ctx.store.findGrant(handle.grant_id);
  return grant && isGenuine(handle, grant, ctx.secrets) ? grant : null;
}
