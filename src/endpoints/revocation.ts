/** Token revocation (RFC 7009). */
import { authenticateClient } from "../client_auth/client_auth.ts";
import { isAsGranted } from "../clients/document_client.ts";
import { audit, type Context } from "../context.ts";
import { readBody } from "../http/body.ts";
import { type HttpRequest, type HttpResponse, json } from "../http/message.ts";
import { takeFrom } from "../http/rate_limit.ts";
import { required } from "../oauth/params.ts";
import type { ClientRecord, GrantRecord } from "../store/records.ts";
import { findAccessToken, revokeAccessToken } from "../tokens/access_token.ts";
import { isGenuine, parseHandle } from "../tokens/handle.ts";

/**
 * Answers 200 for every token (RFC 7009 §2.2), since it is invalid for the client in any case. `token_type_hint` has no
 * effect.
 */
export async function revocation(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const params = readBody(request, ctx, { json: true });
  const { client } = await authenticateClient(request, { params, grant_in: "token" }, ctx);
  const token = required(params, "token");
  await revoke(token, client, ctx);
  return json({});
}

async function revoke(token: string, client: ClientRecord, ctx: Context): Promise<void> {
  const handle = parseHandle(token);
  if (handle) {
    // Any genuine key counts, old ones too: its holder may end the grant (RFC 7009 §2.1).
    const grant = await ctx.store.findGrant(handle.grant_id);
    if (!grant || grant.client_id !== client.client_id) return;
    if (!isAsGranted(client, grant)) return;
    if (!isGenuine(handle, grant, ctx.secrets)) return;
    takeFrom("changes", grant.sub, ctx);
    const events = [revoked(grant, client, ctx)];
    await ctx.store.revokeGrant(grant.grant_id, ctx.now, { events });
    return;
  }
  const found = await findAccessToken(token, ctx);
  if (found?.claims.client_id !== client.client_id) return;
  const grant = found.granted?.grant ?? null;
  if (grant !== null && !isAsGranted(client, grant)) return;
  if (grant) takeFrom("changes", grant.sub, ctx);
  await revokeAccessToken(found, revoked(grant, client, ctx), ctx);
}

function revoked(grant: GrantRecord | null, { client_id }: ClientRecord, ctx: Context) {
  const details = grant ? { grant_id: grant.grant_id } : {};
  const about = { actor: "client", sub: grant?.sub ?? null, client_id, details } as const;
  return audit("token_revoked", about, ctx);
}
