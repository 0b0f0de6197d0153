/** The device authorization endpoint: two codes for a device that can't open a browser (RFC 8628 §3.1-2). */
import { waitingOf } from "../authorization/from_device.ts";
import { authenticateClient } from "../client_auth/client_auth.ts";
import { grantHint, requestingClient } from "../clients/client_scope.ts";
import type { Context } from "../context.ts";
import { uuidv7 } from "../crypto/hash.ts";
import { deviceCode } from "../grants/device_code.ts";
import { mayUse } from "../grants/grant.ts";
import { readBody } from "../http/body.ts";
import { spend } from "../http/budget.ts";
import { type HttpRequest, type HttpResponse, json } from "../http/message.ts";
import { networkOf } from "../http/network.ts";
import { RateLimited } from "../http/rate_limit.ts";
import { NO_NAMED_CLAIMS } from "../oauth/claims_request.ts";
import { OAuthError } from "../oauth/errors.ts";
import { readPermissions } from "../oauth/requested_permissions.ts";
import { showUserCode } from "../oauth/user_code.ts";
import { makeDeviceCode, makeUserCode, sealDeviceRequest } from "../tokens/device_code.ts";

/** Seconds between two polls. */
const INTERVAL = 5;
const AN_HOUR = 3600;
/** Draws of a code, since one may be taken. */
const MOST_DRAWS = 10;

export async function deviceAuthorization(
  request: HttpRequest,
  ctx: Context,
): Promise<HttpResponse> {
  const params = readBody(request, ctx, { json: true });
  const { client } = await authenticateClient(request, { params, grant_in: null }, ctx);
  const { client_id } = client;
  if (!mayUse(deviceCode.grant_type, client, ctx))
    throw new OAuthError(
      "unauthorized_client",
      `client is not registered for ${deviceCode.grant_type}`,
      { reason: { client_id: client.client_id, ...grantHint(client, deviceCode) } },
    );
  const { catalogue, settings } = ctx;
  const { require_resource, lifetimes } = settings;
  const rules = { client: requestingClient(client, catalogue), catalogue, require_resource };
  const asks = { client_id, ...readPermissions(params, rules), max_age: null, login_hint: null };
  // Consent is always asked for, since anybody could have sent the code to the person.
  const asked = {
    ...asks,
    claims: NO_NAMED_CLAIMS,
    required_level: null,
    wished_levels: [],
    prompt: ["consent" as const],
  };
  await checkLimits(client_id, request.address, ctx);

  const begun = { request_id: uuidv7(ctx.now_ms), asked, address: request.address };
  const { user_code, device_code } = await store({ ...begun, begun_at: ctx.now }, client_id, ctx);
  const verification_uri = `${ctx.issuer}/device`;
  const shown = showUserCode(user_code);
  return json({
    device_code,
    user_code: shown,
    verification_uri,
    verification_uri_complete: `${verification_uri}?user_code=${shown}`,
    expires_in: lifetimes.device_code,
    interval: INTERVAL,
  });
}

/** @throws RateLimited */
async function checkLimits(client_id: string, address: string, ctx: Context): Promise<void> {
  const window = ctx.settings.lifetimes.device_code;
  const name = `devices of ${networkOf(address)}`;
  const of_address = { kind: "device", name, most: 30, window: AN_HOUR } as const;
  const retry_after = await spend([of_address, waitingOf(client_id, address, window)], ctx);
  if (retry_after > 0) throw new RateLimited({ kind: "address", retry_after });
}

async function store(
  begun: Omit<Parameters<typeof sealDeviceRequest>[0], "secret_hash">,
  client_id: string,
  ctx: Context,
): Promise<{ user_code: string; device_code: string }> {
  for (let draws = 0; draws < MOST_DRAWS; draws += 1) {
    const user_code = makeUserCode();
    const { id, device_code, secret_hash } = makeDeviceCode(user_code, ctx);
    const added = await ctx.store.addTransaction({
      id,
      kind: "device",
      client_id,
      sub: null,
      sealed: sealDeviceRequest({ ...begun, secret_hash }, ctx),
      state: "pending",
      next_poll_at: ctx.now_ms,
      poll_interval: INTERVAL,
      expires_at: ctx.now + ctx.settings.lifetimes.device_code,
    });
    if (added) return { user_code, device_code };
  }
  throw new Error("no user code is free");
}
