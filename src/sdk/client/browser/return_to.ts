/** Where a person continues: a page of this app, never another site (RFC 9700 §4.11). */
import { AuthError } from "../../errors.ts";
import type { App } from "./options.ts";

/** @throws AuthError `configuration` for an address of another origin */
export function returnUrl({ page }: App, returnTo: string): string {
  const { origin } = page.location;
  const url = URL.parse(returnTo, page.document.baseURI);
  // `blob:` addresses and those with a name have this origin, too.
  if (url?.href.startsWith(`${origin}/`)) return url.href;
  throw new AuthError("configuration", `returnTo is ${JSON.stringify(returnTo)}`, {
    hint: `set it to a page of this app, at ${origin}`,
  });
}
