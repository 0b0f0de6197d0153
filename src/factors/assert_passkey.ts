/** A person proves who they are with a passkey (WebAuthn Level 3 §7.2). */
import type { Context } from "../context.ts";
import type { PageVisit } from "../http/browser.ts";
import type { Proof } from "../oauth/assurance.ts";
import type { Person } from "../people/users.ts";
import type { PasskeyRecord } from "../store/factor_store.ts";
import { type Ceremony, type CeremonyPurpose, openCeremony, useUp } from "./ceremony.ts";
import { type Assertion, readAssertion } from "./passkey_response.ts";
import {
  type AuthenticatorData,
  judgeAuthenticator,
  judgeClientData,
  type Refusal,
  wentBack,
} from "./passkey_rules.ts";
import { type RelyingParty, relyingParty } from "./relying_party.ts";

export interface PasskeyProblem {
  /** `unknown`: no account here has this passkey. `expired`: the page was open for too long, or was sent twice. */
  problem: Refusal | "unknown" | "expired" | "disabled" | "someone_else";
  /** Of an `unknown` passkey: its id, which no row has. */
  credential_id?: string;
}

export type AssertedPasskey =
  | {
      person: Person;
      proof: Proof;
      /** Whether the factors are still the same. */
      holds: () => Promise<boolean>;
    }
  | PasskeyProblem;

interface Posted {
  /** The field `ceremony` of the form. */
  ceremony: string | undefined;
  /** The field `credential`: JSON of the browser's answer. */
  credential: string | undefined;
  purpose: CeremonyPurpose;
  /** The person who has to prove it; null: whoever the passkey belongs to. */
  sub: string | null;
}

/**
 * Judges an assertion. The challenge is used up, and the counter advanced, after everything was found right; each by
 * one conditional write.
 */
export async function assertPasskey(
  { ceremony: sealed, credential, purpose, sub }: Posted,
  { ctx, browser }: Pick<PageVisit, "ctx" | "browser">,
): Promise<AssertedPasskey> {
  const party = relyingParty(ctx.settings);
  const assertion = readAssertion(credential ?? "");
  if (!party || !assertion) return { problem: "unreadable" };
  const ceremony = openCeremony(sealed, purpose, { browser, sub, ctx });
  if (!ceremony) return { problem: "expired" };
  const { challenge } = ceremony;
  const refused = judgeClientData(assertion.client_data, {
    ...party,
    challenge,
    type: "webauthn.get",
  });
  if (refused) return { problem: refused };
  const data = judgeAuthenticator(assertion.authenticator_data, party);
  if (typeof data === "string") return { problem: data };
  const { credential_id } = assertion;
  const passkey = await ctx.store.findPasskey(credential_id);
  if (!passkey) return { problem: "unknown", credential_id };
  if (sub !== null && passkey.sub !== sub) return { problem: "someone_else" };
  const given = { assertion, data, ceremony, party };
  return judgeOwner(passkey, given, ctx);
}

interface Given {
  assertion: Assertion;
  data: AuthenticatorData;
  ceremony: Ceremony;
  party: RelyingParty;
}

async function judgeOwner(
  passkey: PasskeyRecord,
  { assertion, data, ceremony, party }: Given,
  ctx: Context,
): Promise<AssertedPasskey> {
  const factors = await ctx.store.loadFactors(passkey.sub);
  // A passkey that can be discovered names its person (§7.2 step 6).
  const named = assertion.user_handle;
  if (named !== null && named !== factors.user_handle) return { problem: "refused" };
  if (named === null && ceremony.sub === null) return { problem: "refused" };
  if (passkey.rp_id !== party.rp_id || passkey.backup_eligible !== data.backup_eligible)
    return { problem: "refused" };
  if (!(await isSigned(passkey, assertion, { ceremony, party }))) return { problem: "refused" };
  const person = await ctx.users.find(passkey.sub);
  if (!person) return { problem: "refused" };
  if (person.disabled) return { problem: "disabled" };
  if (!(await useUp(ceremony, ctx))) return { problem: "expired" };
  if (!(await advance(passkey, data, ctx))) return { problem: "refused" };
  const { version } = factors;
  const holds = async () => (await ctx.store.loadFactors(passkey.sub)).version === version;
  return { person, proof: { kind: "passkey", at: ctx.now }, holds };
}

/**
 * Sets the counter. One that went back tells of a copy: a key that can't be synced is refused, and a synced one is
 * noted, since not every service keeps counters.
 */
async function advance(
  passkey: PasskeyRecord,
  { sign_count, backed_up }: AuthenticatorData,
  ctx: Context,
): Promise<boolean> {
  const { credential_id, sub } = passkey;
  if (wentBack(passkey.sign_count, sign_count)) {
    const told = { event_id: ctx.event_id, sub, stored: passkey.sign_count, sent: sign_count };
    ctx.log.warn("the counter of a passkey went back", told);
    if (!passkey.backup_eligible) return false;
  }
  const becomes = { sign_count, backed_up, used_at: ctx.now };
  return ctx.store.usePasskey(credential_id, { sign_count: passkey.sign_count }, becomes);
}

/** The library is imported by the first ceremony: it takes 150 ms and 30 MB. */
async function isSigned(
  passkey: PasskeyRecord,
  { credential_id: id, client_data, authenticator_data, signature, user_handle }: Assertion,
  { ceremony, party }: Pick<Given, "ceremony" | "party">,
): Promise<boolean> {
  const { verifyAuthenticationResponse } = await import("@simplewebauthn/server");
  const response = {
    clientDataJSON: client_data,
    authenticatorData: authenticator_data,
    signature,
    ...(user_handle !== null && { userHandle: user_handle }),
  };
  try {
    const { verified } = await verifyAuthenticationResponse({
      response: { id, rawId: id, type: "public-key", response, clientExtensionResults: {} },
      expectedChallenge: ceremony.challenge,
      expectedOrigin: [...party.origins],
      expectedRPID: party.rp_id,
      // Our own rule judges the counter.
      credential: { id, counter: 0, publicKey: bytesOf(passkey.public_key) },
      requireUserVerification: true,
    });
    return verified;
  } catch {
    // The library throws for everything that does not fit.
    return false;
  }
}

const bytesOf = (text: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.from(text, "base64url"));
