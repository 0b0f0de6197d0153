/** The client registration endpoint (RFC 7591 §3, OpenID Connect Registration §3). */
import { registerItself } from "../clients/create_client.ts";
import { findInitialAccessToken } from "../clients/initial_access_token.ts";
import { clientInformation } from "../clients/new_client.ts";
import type { Context } from "../context.ts";
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
  const made = await counted(request, ctx, async () => {
    const document = readRegistration(request, ctx);
    return registerItself({ document, token }, clientItself(null, request, ctx), ctx);
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
 * Runs a change that strangers may make, a limited number of times for each address. A refused one does not count.
 * @throws RateLimited
 */
export async function counted<T>(
  { address }: HttpRequest,
  ctx: Context,
  change: () => Promise<T>,
): Promise<T> {
  const { mode, per_address_hour: most } = ctx.settings.registration;
  // Each token has a number of uses.
  if (mode === "token") return change();
  const name = networkOf(address);
  const budget: Budget = { kind: "registration", name, most, window: AN_HOUR };
  const retry_after = await spend([budget], ctx);
  const hint = settingHint("registration.per_address_hour");
  if (retry_after > 0) throw new RateLimited({ kind: "address", retry_after, ...hint });
  try {
    return await change();
  } catch (error) {
    if (error instanceof OAuthError) await refund([budget], ctx);
    throw error;
  }
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
