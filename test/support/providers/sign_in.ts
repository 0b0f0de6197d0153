/** A person who signs in at a provider, with a browser that does as it is told. */
import type { BeginOptions, Begun, Client, Tokens } from "../../../src/sdk/client/client.ts";
import { REDIRECT_URI } from "./loopback.ts";

/** The callback, as the app receives it: an address, or a form. */
export async function visit({ url }: Pick<Begun, "url">): Promise<URL | URLSearchParams> {
  const response = await fetch(url, { redirect: "manual" });
  const location = response.headers.get("location");
  if (location !== null) return new URL(location);
  const text = await response.text();
  if (!response.headers.has("x-posted-by-the-browser"))
    throw new Error(`the provider shows a page (${response.status}): ${text}`);
  return new URLSearchParams(text);
}

export async function signIn(client: Client, options: Partial<BeginOptions> = {}): Promise<Tokens> {
  const begun = await client.begin({ redirectUri: REDIRECT_URI, ...options });
  return client.finish(await visit(begun), begun);
}
