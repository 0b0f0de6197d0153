/** A sign-in on another device, with a code (RFC 8628). */
import { type DeviceOptions, type DeviceRequest, pollDevice } from "../device_code.ts";
import type { Ui } from "./options.ts";
import type { Session } from "./session.ts";
import { type SigningIn, stopped } from "./signing_in.ts";
import { whyNoBrowser } from "./surroundings.ts";

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

/**
 * @returns null when the person prefers a browser, which some companies demand
 * @throws AuthError `login_expired`, `access_denied`
 */
export async function onDevice(
  signing: SigningIn,
  device: DeviceRequest,
  { hasBrowser }: { hasBrowser: boolean },
): Promise<Session | null> {
  const { ui, signal, party, app } = signing;
  const { user_code, verification_uri, verification_uri_complete } = device;
  const why = whyNoBrowser();
  const because = why === null ? "" : ` (${why})`;
  ui.show(`To sign in to ${app}, open this address on any device, and enter the code${because}:\n`);
  ui.show(`  ${verification_uri}\n  ${user_code}\n`);
  if (verification_uri_complete !== undefined) ui.qr(verification_uri_complete);
  const over = new AbortController();
  const waiting = AbortSignal.any([signal, over.signal]);
  try {
    const signed = pollDevice(party, device, waiting).then((tokens) => {
      waiting.throwIfAborted();
      return signing.complete(tokens);
    });
    const ways = hasBrowser ? [signed, prefersBrowser(ui, waiting)] : [signed];
    return await Promise.race([...ways, stopped(signal)]);
  } finally {
    over.abort();
  }
}

async function prefersBrowser(ui: Ui, signal: AbortSignal): Promise<null> {
  for (;;) {
    const line = await ui.ask(
      'Waiting for you there. Type "b" for a browser without a code: ',
      signal,
    );
    if (line.trim().toLowerCase() === "b") return null;
  }
}
