/**
 * A request of a device waits at the server: a page tells the person the outcome, and the device polls (RFC 8628 §3.3).
 */
import { appIdentity } from "../clients/app_identity.ts";
import { type Budget, refund } from "../http/budget.ts";
import { UNKNOWN_ADDRESS } from "../http/message.ts";
import { networkOf } from "../http/network.ts";
import { PageError, pageResponse, viewOf } from "../http/page.ts";
import { noteOAuthError } from "../http/refusal.ts";
import { DEVICE_CODE } from "../oauth/client_metadata.ts";
import { showUserCode } from "../oauth/user_code.ts";
import { deviceDonePage } from "../pages/device.ts";
import type { AnswerTo, Origin } from "./origin.ts";
import type { DeviceFrom } from "./transaction.ts";

/** Requests of one client and address that may wait at once. */
export const waitingOf = (client_id: string, address: string, window: number): Budget => ({
  kind: "device",
  name: `waits ${client_id} ${networkOf(address)}`,
  most: 10,
  window,
});

export function deviceOrigin(from: DeviceFrom): Origin {
  const { id, user_code, address, begun_at, expires_at } = from;
  return {
    redirect_uri: null,
    shown: (request) => ({
      kind: "device",
      user_code: showUserCode(user_code),
      address: address === UNKNOWN_ADDRESS ? null : address,
      begun_at,
      here: networkOf(request.address) === networkOf(address),
    }),
    on_this_computer: false,
    code: null,
    fetches_tokens: true,
    // Signing out of this browser must not sign out the television.
    ends_with_session: "never",
    redeemableUntil: ({ now, settings }) =>
      Math.max(expires_at, now + settings.lifetimes.authorization_code),
    claim: (sub, previous, { store, now }) => store.claimTransaction(id, { sub, previous, now }),

    checkStillAllowed({ metadata }) {
      if (!metadata.grant_types.includes(DEVICE_CODE))
        throw new PageError("request", { detail: "the app is no longer registered for devices" });
    },

    async respond({ sub }, to) {
      const { store, now } = to.ctx;
      if (!(await store.settleTransaction(id, { sub, state: "approved", now })))
        throw new PageError("expired");
      return answered(from, "connected", to);
    },

    async refuse(error, to) {
      const { tx, client, ctx } = to;
      noteOAuthError(error, { event: "authorization refused", client_id: client.client_id }, ctx);
      const sub = tx.sub ?? "";
      await ctx.store.settleTransaction(id, { sub, state: "denied", now: ctx.now });
      return answered(from, "refused", to);
    },
  };
}

async function answered(
  { address }: DeviceFrom,
  outcome: "connected" | "refused",
  { tx, client, request, ctx }: AnswerTo,
) {
  await refund([waitingOf(client.client_id, address, ctx.settings.lifetimes.device_code)], ctx);
  const view = viewOf(request, ctx, tx.ui_locales);
  return pageResponse(deviceDonePage({ app: appIdentity(client), outcome }, view), view);
}
