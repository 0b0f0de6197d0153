/** What an app without a server asks for, unless it says more. */
import type { Party } from "./party.ts";

const USUAL = ["openid", "profile", "email", "offline_access"];

/** `openid profile email offline_access`, as far as the provider has them. @throws AuthError without metadata */
export async function usualScope(party: Party): Promise<string> {
  const { scopes_supported } = await party.server();
  return USUAL.filter((each) => scopes_supported?.includes(each) ?? true).join(" ");
}
