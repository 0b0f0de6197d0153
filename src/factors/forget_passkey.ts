/** Signals to the browser's store of passkeys (WebAuthn Level 3 §5.1.10), which then stops to offer what is gone. */
import type { Context } from "../context.ts";
import type { Person } from "../people/users.ts";
import type { Factors } from "../store/factor_store.ts";
import { usablePasskeys } from "./account_levels.ts";
import { relyingParty } from "./relying_party.ts";

/**
 * The options of `signalUnknownCredential` for an id that no row has. Null where another server may know it: on
 * localhost and for a parent domain; or where a restore may have lost it.
 */
export function mayForget(
  credential_id: string,
  { settings, issuer, epoch }: Context,
): { rpId: string; credentialId: string } | null {
  const rp_id = relyingParty(settings)?.rp_id;
  const { hostname } = new URL(issuer);
  if (rp_id === undefined || rp_id !== hostname || rp_id === "localhost" || epoch > 1) return null;
  return { rpId: rp_id, credentialId: credential_id };
}

/** The options of `signalAllAcceptedCredentials` for the person who is signed in. Null: there is nothing to tell. */
export function acceptedPasskeys(factors: Factors, ctx: Context) {
  const rp_id = relyingParty(ctx.settings)?.rp_id;
  if (rp_id === undefined || factors.user_handle === null || ctx.epoch > 1) return null;
  const ids = usablePasskeys(factors, ctx).map(({ credential_id }) => credential_id);
  return { rpId: rp_id, userId: factors.user_handle, allAcceptedCredentialIds: ids };
}

/** The options of `signalCurrentUserDetails`. Null: there is nothing to tell. */
export function currentDetails({ username, claims }: Person, factors: Factors, ctx: Context) {
  const rp_id = relyingParty(ctx.settings)?.rp_id;
  if (rp_id === undefined || factors.user_handle === null) return null;
  const { name } = claims;
  const displayName = typeof name === "string" && name !== "" ? name : username;
  return { rpId: rp_id, userId: factors.user_handle, name: username, displayName };
}
