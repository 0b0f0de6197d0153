/** The client configuration endpoint: a client reads, changes and removes its own registration (RFC 7592). */
import { changeClient } from "../clients/change_client.ts";
import { checkSecret } from "../clients/client_secret.ts";
import { isEnabled } from "../clients/document_client.ts";
import { removeClient } from "../clients/end_client.ts";
import { checkRegistrationToken } from "../clients/registration_token.ts";
import type { Context } from "../context.ts";
import { type HttpRequest, json, NO_STORE } from "../http/message.ts";
import type { Handler } from "../http/route.ts";
import { parseBearer } from "../oauth/bearer.ts";
import { OAuthError } from "../oauth/errors.ts";
import type { ClientRecord } from "../store/records.ts";
import { DatabaseUnavailable } from "../store/sql/driver.ts";
import {
  clientItself,
  countChange,
  readRegistration,
  refuseToken,
  registrationAnswer,
} from "./registration.ts";

/** An operator may change the client at the same moment. */
const MOST_TRIES = 5;

/** RFC 7592 §2.1 */
export const readClient: Handler = async (request, ctx, { client_id = "" }) => {
  const { client, token } = await authorized(client_id, request, ctx);
  return json(answered(client, { token, client_secret: null }, ctx));
};

/** RFC 7592 §2.2 */
export const updateClient: Handler = async (request, ctx, { client_id = "" }) => {
  // Only a client that proves itself gets to the budget of its network.
  await authorized(client_id, request, ctx);
  await countChange(client_id, request, ctx);
  const document = readRegistration(request, ctx);
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const { client, token } = await authorized(client_id, request, ctx);
    checkSame(document, client, ctx);
    const by = clientItself(client_id, request, ctx);
    const changed = await changeClient({ client, change: document, replace: true }, by, ctx);
    if (changed === "changed_meanwhile") continue;
    return json(answered(changed.client, { token, client_secret: changed.client_secret }, ctx));
  }
  throw new DatabaseUnavailable("the client was changed by others again and again");
};

/** RFC 7592 §2.3 */
export const deleteClient: Handler = async (request, ctx, { client_id = "" }) => {
  const { client } = await authorized(client_id, request, ctx);
  await removeClient(client, clientItself(client_id, request, ctx), ctx);
  return { status: 204, headers: NO_STORE, body: "" };
};

/**
 * The answer is the same for an unknown client, another client's token, a client that did not register itself, and a
 * disabled one (RFC 7592 §2: 401).
 * @throws OAuthError `invalid_token`
 */
async function authorized(
  client_id: string,
  request: HttpRequest,
  ctx: Context,
): Promise<{ client: ClientRecord; token: string }> {
  const token = parseBearer(request.header("authorization"));
  if (token === null) throw refuseToken("a registration access token is required", ctx);
  const client = await ctx.store.findClient(client_id);
  const fits = checkRegistrationToken(token, client);
  // After a restore, earlier tokens hold no longer: the client may have been removed, or have lost its token, since the
  // backup. The token is as old as the client.
  const is_earlier = client !== null && client.created_at < ctx.epoch;
  if (!client || !fits || is_earlier || !isEnabled(client, ctx))
    throw refuseToken("the registration access token is not valid for this client", ctx);
  return { client, token };
}

/** @throws OAuthError for another id, or for a secret that is not the client's (RFC 7592 §2.2) */
function checkSame(
  { client_id, client_secret = null }: Record<string, unknown>,
  client: ClientRecord,
  { now }: Context,
): void {
  if (client_id !== client.client_id)
    throw refuse("client_id", "must be the id of the client whose registration is changed");
  const isOwn =
    typeof client_secret === "string" && checkSecret(client_secret, client.secrets, now);
  if (client_secret !== null && !isOwn) throw refuse("client_secret", "is not the client's secret");
}

const refuse = (parameter: string, problem: string): OAuthError =>
  new OAuthError("invalid_client_metadata", `${parameter} ${problem}`, { parameter });

const answered = (
  client: ClientRecord,
  { token, client_secret }: { token: string; client_secret: string | null },
  ctx: Context,
): object => registrationAnswer(client, { client_secret, registration_access_token: token }, ctx);
