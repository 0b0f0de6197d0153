/** The options of ceremonies with passkeys, as JSON for the script of a page (WebAuthn Level 3 §5.4, §5.5). */
import type { Context } from "../context.ts";
import { randomText } from "../crypto/hash.ts";
import type { Browser } from "../http/browser.ts";
import type { Person } from "../people/users.ts";
import type { Factors } from "../store/factor_store.ts";
import { beginCeremony, type CeremonyPurpose, TIMEOUT_MS } from "./ceremony.ts";
import { relyingParty } from "./relying_party.ts";

/** What a form needs: the options for its script, and the ceremony for a hidden field. */
export interface PasskeyForm {
  /** JSON of `PublicKeyCredentialRequestOptions` or `PublicKeyCredentialCreationOptions`; bytes are BASE64URL. */
  options: string;
  ceremony: string;
}

/** EdDSA, ES256 and RS256 (IANA COSE Algorithms). */
export const ALGORITHMS = [-8, -7, -257] as const;

/**
 * Null: passkeys can't be used here. No credential is named, so that the page of an unknown person looks the same; the
 * authenticator finds its own.
 */
export function requestOptions(
  purpose: Exclude<CeremonyPurpose, "register">,
  who: { browser: Browser; sub: string | null },
  ctx: Context,
): PasskeyForm | null {
  const party = ctx.features.has("passkeys") ? relyingParty(ctx.settings) : null;
  if (!party) return null;
  const { challenge, sealed } = beginCeremony(purpose, who, ctx);
  const options = {
    ...{ challenge, rpId: party.rp_id, timeout: TIMEOUT_MS },
    userVerification: "required",
  };
  return { options: JSON.stringify(options), ceremony: sealed };
}

/** The handle of the person is 32 random bytes: it says nothing about them (§14.6.1). */
export function creationOptions(
  { person, factors }: { person: Person; factors: Factors },
  browser: Browser,
  ctx: Context,
): PasskeyForm | null {
  const party = ctx.features.has("passkeys") ? relyingParty(ctx.settings) : null;
  if (!party) return null;
  const user_handle = factors.user_handle ?? randomText(32);
  const who = { browser, sub: person.sub, user_handle };
  const { challenge, sealed } = beginCeremony("register", who, ctx);
  const { username, claims } = person;
  const name = typeof claims.name === "string" && claims.name !== "" ? claims.name : username;
  const options = {
    ...{ challenge, timeout: TIMEOUT_MS, attestation: "none" },
    rp: { id: party.rp_id, name: ctx.theme.product_name },
    user: { id: user_handle, name: username, displayName: name },
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
    excludeCredentials: factors.passkeys.map(({ credential_id: id, transports }) => ({
      ...{ type: "public-key", id, transports },
    })),
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
  };
  return { options: JSON.stringify(options), ceremony: sealed };
}
