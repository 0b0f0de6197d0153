/** Walks of a person with an authenticator in software. */
import { unescapeHtml } from "../../src/testing/form.ts";
import type { Authenticator, Bent, Passkey } from "./authenticator.ts";
import type { Page, TestBrowser } from "./browser.ts";

/** The options of the form of this kind. */
export function optionsOf({ html }: Pick<Page, "html">, kind: "create" | "get"): string {
  const form = html.split("<form").find((each) => each.includes(`data-passkey="${kind}"`));
  const [, options] = /data-options="([^"]*)"/.exec(form ?? "") ?? [];
  if (options === undefined) throw new Error(`no form to ${kind} a passkey:\n${html}`);
  return unescapeHtml(options);
}

export const PASSKEYS = "/account/security/passkeys";
export const RENAME = { action: PASSKEYS, having: { intent: "rename" } };
export const REMOVE = { action: PASSKEYS, having: { intent: "remove" } };
export const DECLINE = { action: "/sign-in/second", having: { way: "decline" } };
export const ADD = { action: PASSKEYS, having: { intent: "add" } };

/** Adds a passkey in a browser that is signed in and has proved it a moment ago. */
export async function addPasskey(
  browser: TestBrowser,
  device: Authenticator,
  name = "Laptop",
): Promise<Passkey> {
  const page = await browser.get(PASSKEYS);
  const { passkey, credential } = device.create(optionsOf(page, "create"));
  const added = await browser.submit(page, { credential, name }, ADD);
  if (added.status !== 200 || !added.url.searchParams.has("done"))
    throw new Error(`the passkey was not added:\n${added.html}`);
  return passkey;
}

/** Sends the passkey form of a page: of the sign-in, of one more proof, or of a confirmation. */
export function signInByPasskey(
  browser: TestBrowser,
  page: Page,
  device: Authenticator,
  [passkey, bent]: readonly [Passkey, Bent?],
): Promise<Page> {
  const credential = device.get(optionsOf(page, "get"), passkey, bent);
  return browser.submit(page, { credential }, { action: "", having: { way: "passkey" } });
}
