/** The address that a sign-in shows, and the one at which it ends. */
import assert from "node:assert/strict";
import { demoBrowser } from "../../support/demo_browser.ts";

export const ADDRESS = /^ {2}(http\S+)$/m;

/** The redirect URI in the address of a sign-in. */
const redirectIn = (address: string): string =>
  new URL(address).searchParams.get("redirect_uri") ?? "";

/** The address at which a browser elsewhere ends: nothing listens there. */
export async function endsAt(address: string): Promise<string> {
  const redirect_uri = redirectIn(address);
  const { url } = await demoBrowser({ stop_at: redirect_uri }).get(address);
  assert.ok(url.href.startsWith(redirect_uri), url.href);
  return url.href;
}

/** Whether nobody waits for the browser any more. */
export const isClosed = (address: string): Promise<boolean> =>
  fetch(redirectIn(address)).then(
    () => false,
    () => true,
  );
