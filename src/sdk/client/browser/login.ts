/** The way to the provider (OAuth 2.1 §4.1.1): the whole page goes there. */
import { AuthError } from "../../errors.ts";
import { type BeginOptions, begin } from "../authorization_code.ts";
import { usualScope } from "../usual_scope.ts";
import { keepBegun } from "./begun.ts";
import type { App } from "./options.ts";
import { returnUrl } from "./return_to.ts";
import { type Mark, setMark } from "./signed_in_mark.ts";

export interface LoginOptions
  extends Pick<BeginOptions, "prompt" | "loginHint" | "acr" | "maxAge" | "params"> {
  /** Where the person continues: a URL of this app, absolute or not. Other origins are refused. Default: where they are. */
  returnTo?: string;
  /** Scopes, separated by spaces. Default: those of `createBrowserAuth`. */
  scope?: string;
}

/**
 * Leaves the page.
 * @param silently the mark of a reloaded page: nobody has asked for this sign-in
 * @throws AuthError `configuration`, and why there is no metadata of the provider
 */
export async function login(
  app: App,
  { returnTo, ...asked }: LoginOptions,
  { silently = null }: { silently?: Mark | null } = {},
): Promise<never> {
  const { page, party, redirectUri, resource } = app;
  const return_to = returnUrl(app, returnTo ?? page.location.href);
  const scope = asked.scope ?? app.scope ?? (await usualScope(party));
  const begun = await begin(party, {
    ...{ ...asked, redirectUri, scope },
    ...(resource !== undefined && { resource }),
  });
  try {
    keepBegun(app, { begun, return_to, is_silent: silently !== null, at: Date.now() });
  } catch (cause) {
    throw new AuthError("storage_unreadable", "this browser keeps nothing for this page", {
      hint: "allow this site to store data",
      cause,
    });
  }
  if (silently) setMark(app, { ...silently, tries: silently.tries + 1 });
  page.location.assign(begun.url.href);
  // Nothing goes on here: the page is being left.
  return new Promise<never>(() => {});
}
