/** The client registration endpoint (RFC 7591 §3, OpenID Connect Registration §3). */
import { registerItself } from "../clients/create_client.ts";
import { findInitialAccessToken } from "../clients/initial_access_token.ts";
import { clientInformation } from "../clients/new_client.ts";
import type { Context, Outbound } from "../context.ts";
import { readJson } from "../http/body.ts";
import { type Budget, refund, spend } from "../http/budget.ts";
import { type HttpRequest, type HttpResponse, json } from "../http/message.ts";
import { networkOf } from "../http/network.ts";
import { RateLimited } from "../http/rate_limit.ts";
import { bearerChallenge, parseBearer } from "../oauth/bearer.ts";
import { OAuthError } from "../oauth/errors.ts";
import { settingHint } from "../oauth/hint.ts";
import { refuseSoftwareStatement } from "../oauth/software_statement.ts";
import type { Actor } from "../operation.ts";
import type { ClientRecord, InitialAccessToken } from "../store/records.ts";

/** Bytes of client metadata, keys included. */
const MOST_BYTES = 16_384;
const AN_HOUR = 3600;

export async function register(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const token = await initialAccessToken(request, ctx);
  const made = await counted(request, ctx, async (env) => {
    const document = readRegistration(request, ctx);
    return registerItself({ document, token }, clientItself(null, request, ctx), env);
  });
  if (made === "spent") throw refuseToken("the initial access token is used up", ctx);
  const { client, client_secret, registration_access_token } = made;
  const { client_id } = client;
  ctx.log.info("client registered itself", { event_id: ctx.event_id, client_id });
  return json(registrationAnswer(client, { client_secret, registration_access_token }, ctx), 201);
}

/** The registered metadata, with the address and the token to change them (RFC 7591 §3.2.1, RFC 7592 §3). */
export function registrationAnswer(
  client: ClientRecord,
  {
    client_secret,
    registration_access_token,
  }: { client_secret: string | null; registration_access_token: string },
  { issuer }: Context,
): object {
  const { client_id, secrets } = client;
  const [newest] = secrets;
  return {
    ...clientInformation(client, client_secret),
    // Only the hash of an earlier secret is kept, so it can't be shown again. Its end can.
    ...(newest && { client_secret_expires_at: newest.expires_at ?? 0 }),
    registration_client_uri: `${issuer}/register/${encodeURIComponent(client_id)}`,
    registration_access_token,
  };
}

/** @throws OAuthError for a body that is too large or no JSON object, or that has a software statement */
export function readRegistration(request: HttpRequest, ctx: Context): Record<string, unknown> {
  if (Buffer.byteLength(request.body) > MOST_BYTES)
    throw new OAuthError("invalid_request", `client metadata have at most ${MOST_BYTES} bytes`, {
      status: 413,
    });
  const document = readJson(request, ctx);
  refuseSoftwareStatement(document.software_statement);
  return document;
}

/**
 * Registers, a limited number of times for each network. A refused registration does not count, unless this server sent a
 * request for it: strangers must not make it send as many as they like.
 * @throws RateLimited
 */
async function counted<T>(
  { address }: HttpRequest,
  ctx: Context,
  work: (ctx: Context) => Promise<T>,
): Promise<T> {
  const budget = budgetOf("registration", networkOf(address), ctx);
  await spendAll([budget], ctx);
  let hasFetched = false;
  const request: Outbound["request"] = (...args) => {
    hasFetched = true;
    return ctx.outbound.request(...args);
  };
  let isRefused = false;
  try {
    return await work({ ...ctx, outbound: { request } });
  } catch (error) {
    isRefused = error instanceof OAuthError;
    throw error;
  } finally {
    // Each initial access token has a number of uses, so in mode token a registration costs nothing else.
    const isFree = isRefused ? !hasFetched : ctx.settings.registration.mode === "token";
    if (isFree) await refund([budget], ctx);
  }
}

/**
 * Counts a change of a registration, for the client and for its network. Each change is an event, may start requests to
 * others, and makes all nodes read their clients again.
 * @throws RateLimited
 */
export const countChange = (client_id: string, { address }: HttpRequest, ctx: Context) =>
  spendAll(
    [networkOf(address), client_id].map((name) => budgetOf("registration_change", name, ctx)),
    ctx,
  );

const budgetOf = (kind: Budget["kind"], name: string, { settings }: Context): Budget => ({
  ...{ kind, name, window: AN_HOUR },
  most: settings.registration.per_address_hour,
});

async function spendAll(budgets: readonly Budget[], ctx: Context): Promise<void> {
  const retry_after = await spend(budgets, ctx);
  const hint = settingHint("registration.per_address_hour");
  if (retry_after > 0) throw new RateLimited({ kind: "address", retry_after, ...hint });
}

/** @param client_id null: a client that is not registered yet */
export const clientItself = (
  client_id: string | null,
  { address }: HttpRequest,
  { event_id }: Context,
): Actor => ({ kind: "client", id: client_id, via: "endpoint", address, event_id });

/** @returns null where everybody may register. @throws OAuthError `invalid_token` */
async function initialAccessToken(
  request: HttpRequest,
  ctx: Context,
): Promise<InitialAccessToken | null> {
  if (ctx.settings.registration.mode !== "token") return null;
  const token = parseBearer(request.header("authorization"));
  if (token === null) throw refuseToken("an initial access token is required", ctx);
  const found = await findInitialAccessToken(token, ctx, ctx);
  if (!found) throw refuseToken("the initial access token is unknown, used up or expired", ctx);
  return found;
}

/** A Bearer challenge (RFC 6750 §3). */
export function refuseToken(description: string, { issuer }: Context): OAuthError {
  const refused = new OAuthError("invalid_token", description);
  const challenge = bearerChallenge(issuer, refused);
  return new OAuthError("invalid_token", description, {
    headers: [["www-authenticate", challenge]],
  });
}
