/** A signed-in person adds a passkey (WebAuthn Level 3 §7.1). */
import type { Context } from "../context.ts";
import type { PageVisit } from "../http/browser.ts";
import type { Factors, PasskeyRecord } from "../store/factor_store.ts";
import { type Ceremony, openCeremony, useUp } from "./ceremony.ts";
import { ALGORITHMS } from "./passkey_options.ts";
import { type Attestation, readAttestation } from "./passkey_response.ts";
import { judgeClientData, type Refusal } from "./passkey_rules.ts";
import { type RelyingParty, relyingParty } from "./relying_party.ts";

/** Passkeys of one person. */
export const MOST_PASSKEYS = 20;

export type NewPasskey =
  | { passkey: PasskeyRecord; user_handle: string }
  /** `known`: an account has this passkey already. `expired`: the page was open for too long, or was sent twice. */
  | { problem: Refusal | "expired" | "known" | "too_many" };

interface Posted {
  /** The field `ceremony` of the form. */
  ceremony: string | undefined;
  /** The field `credential`: JSON of the browser's answer. */
  credential: string | undefined;
  sub: string;
  name: string;
}

/** Judges an attestation. Nothing is stored yet: the caller adds the passkey to the factors that it has read. */
export async function readNewPasskey(
  { ceremony: sealed, credential, sub, name }: Posted,
  factors: Factors,
  { ctx, browser }: Pick<PageVisit, "ctx" | "browser">,
): Promise<NewPasskey> {
  const party = relyingParty(ctx.settings);
  const attestation = readAttestation(credential ?? "");
  if (!party || !attestation) return { problem: "unreadable" };
  if (factors.passkeys.length >= MOST_PASSKEYS) return { problem: "too_many" };
  const ceremony = openCeremony(sealed, "register", { browser, sub, ctx });
  if (!ceremony?.user_handle) return { problem: "expired" };
  const { challenge, user_handle } = ceremony;
  const expected = { ...party, challenge, type: "webauthn.create" } as const;
  const refused = judgeClientData(attestation.client_data, expected);
  if (refused) return { problem: refused };
  const verified = await verify(attestation, { ceremony, party });
  if (typeof verified === "string") return { problem: verified };
  if (await ctx.store.findPasskey(attestation.credential_id)) return { problem: "known" };
  if (!(await useUp(ceremony, ctx))) return { problem: "expired" };
  const passkey = recordOf(verified, attestation, { sub, name, party, ctx });
  return { passkey, user_handle };
}

interface Verified {
  public_key: string;
  sign_count: number;
  backup_eligible: boolean;
  backed_up: boolean;
  aaguid: string;
  alg: number;
}

const recordOf = (
  verified: Verified,
  { credential_id, transports }: Attestation,
  { sub, name, party, ctx }: { sub: string; name: string; party: RelyingParty; ctx: Context },
): PasskeyRecord => ({
  ...{ credential_id, sub, ...verified, transports, rp_id: party.rp_id },
  ...{ name, created_at: ctx.now, used_at: null },
});

/** The library is imported by the first ceremony: it takes 150 ms and 30 MB. */
async function verify(
  { credential_id: id, client_data, attestation_object }: Attestation,
  { ceremony, party }: { ceremony: Ceremony; party: RelyingParty },
): Promise<Verified | Refusal> {
  const [{ verifyRegistrationResponse }, { cose, decodeCredentialPublicKey }] = await Promise.all([
    import("@simplewebauthn/server"),
    import("@simplewebauthn/server/helpers"),
  ]);
  const response = { clientDataJSON: client_data, attestationObject: attestation_object };
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: { id, rawId: id, type: "public-key", response, clientExtensionResults: {} },
      expectedChallenge: ceremony.challenge,
      expectedOrigin: [...party.origins],
      expectedRPID: party.rp_id,
      // Judged below, since a person can do something about it.
      requireUserVerification: false,
      supportedAlgorithmIDs: [...ALGORITHMS],
    });
    if (!verified || registrationInfo.credential.id !== id) return "refused";
    const { credential, credentialDeviceType, credentialBackedUp, aaguid } = registrationInfo;
    if (!registrationInfo.userVerified) return "unverified";
    const alg = decodeCredentialPublicKey(credential.publicKey).get(cose.COSEKEYS.alg);
    return {
      public_key: Buffer.from(credential.publicKey).toString("base64url"),
      sign_count: credential.counter,
      backup_eligible: credentialDeviceType === "multiDevice",
      backed_up: credentialBackedUp,
      aaguid,
      alg: Number(alg),
    };
  } catch {
    // The library throws for everything that does not fit.
    return "refused";
  }
}
