/** One `BrowserAuth` in a page: two would leave the page at the same time, and undo each other's sign-ins. */
import { AuthError } from "../../errors.ts";
import type { BrowserAuthOptions } from "./options.ts";
import type { Page } from "./page.ts";

/** Shared by all copies of this package in a page. */
const HERE = Symbol.for("valetkey/client/browser");

/**
 * What `make` made, also when it is called again: components that are drawn twice and modules that are loaded anew by a
 * tool get the same.
 * @throws AuthError `configuration` when the page has one with other options
 */
export function onePerPage<T>(page: Page, options: BrowserAuthOptions, make: () => T): T {
  const place = page as Page & { [HERE]?: { made: T; options: string } };
  const { issuer, clientId, redirectUri, scope, resource } = options;
  const mine = JSON.stringify({ issuer, clientId, redirectUri, scope, resource });
  const known = place[HERE];
  if (known && known.options !== mine)
    throw new AuthError(
      "configuration",
      `createBrowserAuth was called with ${known.options}, now with ${mine}`,
      { hint: "call it once, in a module that others import" },
    );
  if (known) return known.made;
  const made = make();
  place[HERE] = { made, options: mine };
  return made;
}
