/** A sign-in on another device, with a code (RFC 8628). */
import { type DeviceOptions, type DeviceRequest, pollDevice } from "../device_code.ts";
import type { Session } from "./session.ts";
import { type SigningIn, unlessStopped } from "./signing_in.ts";

/** What to ask for. */
export function deviceOptions({ options, scope }: SigningIn): DeviceOptions {
  const { resource, acr, maxAge, params } = options;
  return {
    scope,
    ...(resource !== undefined && { resource }),
    params: {
      ...params,
      ...(acr !== undefined && { acr_values: acr.join(" ") }),
      ...(maxAge !== undefined && { max_age: String(maxAge) }),
    },
  };
}

/** @throws AuthError `login_expired`, `access_denied` */
export async function onDevice(signing: SigningIn, device: DeviceRequest): Promise<Session> {
  const { ui, signal, party, app } = signing;
  const { user_code, verification_uri, verification_uri_complete } = device;
  ui.show(`To sign in to ${app}, open this address on any device, and enter the code:\n`);
  ui.show(`  ${verification_uri}\n  ${user_code}\n`);
  if (verification_uri_complete !== undefined) ui.qr(verification_uri_complete);
  const over = new AbortController();
  try {
    const polled = pollDevice(party, device, AbortSignal.any([signal, over.signal]));
    const tokens = await unlessStopped(polled, signal);
    return await signing.complete(tokens);
  } finally {
    over.abort();
  }
}
