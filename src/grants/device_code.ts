/** Device authorization grant: a device polls until a person has answered elsewhere (RFC 8628 §3.4-5). */
import type { Context } from "../context.ts";
import { DEVICE_CODE } from "../oauth/client_metadata.ts";
import { OAuthError } from "../oauth/errors.ts";
import { required } from "../oauth/params.ts";
import { withPlace } from "../store/place.ts";
import { audienceOf, heldPermissions } from "../tokens/audience.ts";
import type { Decision } from "../tokens/authorization.ts";
import { openDeviceRequest, parseDeviceCode, provesDevice } from "../tokens/device_code.ts";
import type { Facts } from "../tokens/facts.ts";
import { issueHandle } from "../tokens/handle.ts";
import { decideIdToken } from "../tokens/id_token.ts";
import { type Asking, type GrantType, mayUse } from "./grant.ts";

/** Milliseconds. Clocks are not exact: a poll that is early by this much has kept its pace. */
const EARLY_MS = 500;
const SLOWER = 5;
const UNKNOWN = "device_code is not known";

export const deviceCode: GrantType = {
  grant_type: DEVICE_CODE,
  asks_person: true,
  confidential_only: false,
  grant_in: null,

  async read(asking, ctx) {
    const { params, client } = asking;
    const shown = parseDeviceCode(required(params, "device_code"));
    const row = shown && (await ctx.store.findTransaction(shown.id));
    const device = row && openDeviceRequest(row, ctx);
    if (!row || !device || !provesDevice(shown, device)) throw invalidGrant(UNKNOWN);
    if (row.client_id !== client.client_id)
      throw invalidGrant("device_code was issued to another client");
    if (row.state === "denied") throw new OAuthError("access_denied", "the person did not agree");
    // Tokens that were approved at the last moment can still be fetched: `code_expires_at` of the grant is the limit.
    if (row.state === "approved" && row.sub !== null) {
      const grant_id = withPlace(device.request_id, row.sub);
      return {
        grant_id,
        proves: (grant) => grant.code === null,
        decide: (facts) => redeem(asking, facts, ctx),
      };
    }
    if (row.expires_at <= ctx.now) throw expired();
    const poll = { now_ms: ctx.now_ms, early_ms: EARLY_MS, slower: SLOWER };
    if (!(await ctx.store.pollTransaction(row.id, poll)))
      throw new OAuthError("slow_down", `wait ${SLOWER} seconds longer between two requests`);
    throw new OAuthError("authorization_pending", "nobody has answered yet");
  },
};

function redeem({ params, client }: Asking, facts: Facts | null, ctx: Context): Decision {
  if (!facts) throw expired();
  const { grant } = facts;
  // A device that lost the answer may ask again: unlike an authorization code, its code passes through nobody else's
  // hands.
  if (grant.generation > 0) throw invalidGrant("device_code was used");
  if (grant.code_expires_at <= ctx.now) throw expired();
  const held = heldPermissions(grant, client, ctx);
  const refreshes = mayUse("refresh_token", client, ctx);
  return {
    client,
    subject: { kind: "person", facts },
    audience: audienceOf({ grant, client }, params, ctx),
    token_type: "Bearer",
    refresh_token: refreshes ? issueHandle("vkr", grant, 1, ctx.secrets) : null,
    id_token: decideIdToken(held, { grant, nonce: null, params }, ctx),
    async commit() {
      if (!(await ctx.store.advanceGrant(grant.grant_id, 0, ctx.now)))
        throw invalidGrant("device_code was used");
      return null;
    },
  };
}

const invalidGrant = (description: string): OAuthError =>
  new OAuthError("invalid_grant", description);

const expired = (): OAuthError => new OAuthError("expired_token", "device_code has expired");
