/** Client authentication: picks exactly one method, which must be the registered one (OAuth 2.1 §2.4). */

import { checkSecret } from "../clients/client_secret.ts";
import type { Context } from "../context.ts";
import type { HttpRequest } from "../http/message.ts";
import { networkOf } from "../http/network.ts";
import { takeFrom } from "../http/rate_limit.ts";
import type { AuthMethod } from "../oauth/client_metadata.ts";
import { OAuthError } from "../oauth/errors.ts";
import type { Params } from "../oauth/params.ts";
import type { ClientRecord } from "../store/records.ts";
import { parseBasic } from "./client_secret_basic.ts";
import { checkAssertion, readAssertion } from "./private_key_jwt.ts";

/** What the client showed, before anything of it is believed. */
export type Presented =
  | { method: "none"; client_id: string }
  | { method: "client_secret_basic" | "client_secret_post"; client_id: string; secret: string }
  | { method: "private_key_jwt"; client_id: string; assertion: string };

/**
 * @returns the client, proven, or for a public one only named
 * @throws OAuthError `invalid_client`, or `invalid_request` for more than one way at once
 */
export async function authenticateClient(
  request: HttpRequest,
  params: Params,
  ctx: Context,
): Promise<ClientRecord> {
  const presented = readPresented(request, params);
  const client = await ctx.store.findClient(presented.client_id);
  if (!client) {
    // As long as for a client that exists: a stranger learns nothing by the clock.
    if ("secret" in presented) checkSecret(presented.secret, [], ctx.now);
    throw refuse("client is not known, or its credentials are wrong", presented);
  }
  const registered = client.metadata.token_endpoint_auth_method;
  if (presented.method !== registered)
    throw refuse(`client is registered for ${registered}`, presented);
  await checkProof(presented, client, ctx);
  if (client.disabled_at !== null) throw refuse("client is disabled", presented);
  // Anybody can give the name of a public client: it is counted for each network by itself.
  const { client_id, method } = presented;
  const whose = method === "none" ? `${client_id} ${networkOf(request.address)}` : client_id;
  takeFrom("client", whose, ctx);
  return client;
}

function readPresented(request: HttpRequest, params: Params): Presented {
  const basic = parseBasic(request.header("authorization"));
  const named = params.get("client_id");
  const secret = params.get("client_secret");
  const assertion = readAssertion(params);
  const ways = [basic, secret, assertion].filter((way) => way !== null && way !== undefined);
  if (ways.length > 1)
    throw new OAuthError("invalid_request", "client authenticates in more than one way");
  const found = basic ?? assertion;
  if (found) {
    if (named !== undefined && named !== found.client_id)
      throw new OAuthError("invalid_request", "client_id is not the one that authenticates");
    return found;
  }
  if (named === undefined) throw refuse("client authentication is missing");
  if (secret !== undefined) return { method: "client_secret_post", client_id: named, secret };
  return { method: "none", client_id: named };
}

async function checkProof(presented: Presented, client: ClientRecord, ctx: Context): Promise<void> {
  if (presented.method === "none") return;
  if (presented.method === "private_key_jwt")
    return checkAssertion(presented.assertion, client, ctx);
  if (!checkSecret(presented.secret, client.secrets, ctx.now))
    throw refuse("client is not known, or its credentials are wrong", presented);
}

const refuse = (description: string, presented?: Presented): OAuthError =>
  new OAuthError("invalid_client", description, {
    reason: presented
      ? { method: presented.method, client_id: presented.client_id.slice(0, 200) }
      : {},
  });

/** Methods that prove who the client is. */
export const isConfidential = (method: AuthMethod): boolean => method !== "none";
