/** How people prove who they are: passkeys, further proofs, fresh proofs before a change. */
import { type Guard, guardsOf } from "./guard.ts";

const PASSKEYS = "test/security/passkeys.test.ts";
const FLOWS = "test/flows/passkeys.test.ts";
const RULES = "src/factors/passkey_rules.test.ts";
const SECOND = "test/flows/second_factor.test.ts";
const LIBRARY = "the library that verifies signatures checks it, too";

export const signInGuards: readonly Guard[] = [
  ...guardsOf("src/factors/passkey_rules.ts", [RULES, PASSKEYS], {
    "a response of another kind of ceremony is refused": [
      'if (type !== expected.type) return "refused";',
      "",
    ],
    "a response to another challenge is refused": [
      "!equalSecrets(challenge, expected.challenge)",
      "false",
    ],
    "a response that was given to another site is refused": [
      "!expected.origins.includes(origin)",
      "false",
    ],
    "a response from inside a frame is refused": [
      'if (crossOrigin !== undefined && crossOrigin !== false) return "refused";',
      "",
    ],
    "a response that names a page around it is refused": [
      'return topOrigin === undefined ? null : "refused";',
      "return null;",
    ],
    "a response for another relying party is refused": [
      "if (!equalSecrets(data.subarray(0, FLAGS_AT)",
      "if (false && !equalSecrets(data.subarray(0, FLAGS_AT)",
    ],
    "a response without a person is refused": ["if (!read.up ||", "if ("],
    "a passkey counts only if the authenticator has verified the person": [
      "return read.uv ?",
      "return read.up ?",
    ],
    "a counter that stays the same went back": ["sent <= stored", "sent < stored"],
  }),
  ...guardsOf("src/factors/ceremony.ts", [PASSKEYS], {
    "a challenge is bound to a purpose": ["`passkey to ${purpose}`", '"passkey"'],
    "a challenge is bound to the browser": ["ceremony.browser === browser.id &&", ""],
    "a challenge is over after ten minutes": ["mine && ceremony.expires_at > ctx.now", "mine"],
  }),
  ...guardsOf("src/factors/assert_passkey.ts", [PASSKEYS], {
    "a response is used once": [
      'if (!(await useUp(ceremony, ctx))) return { problem: "expired" };',
      "",
    ],
    "the passkey of somebody else confirms nothing": [
      "if (sub !== null && passkey.sub !== sub)",
      "if (sub === passkey.credential_id)",
    ],
    "a passkey names its own person": [
      "if (named !== null && named !== factors.user_handle)",
      "if (named === passkey.sub)",
    ],
    "a sign-in by a passkey names its person": [
      'if (named === null && ceremony.sub === null) return { problem: "refused" };',
      "",
    ],
    "what can be backed up never changes": [
      "passkey.backup_eligible !== data.backup_eligible",
      "false",
    ],
    "an assertion is signed by the key of the passkey": [
      "if (!(await isSigned(passkey, assertion, { ceremony, party })))",
      "if (passkey.credential_id === '')",
    ],
    "a passkey of a disabled person signs in nobody": [
      'if (person.disabled) return { problem: "disabled" };',
      "",
    ],
    "a counter that went back refuses a key that can't be copied": [
      "if (!passkey.backup_eligible) return false;",
      "",
    ],
  }),
  ...guardsOf("src/factors/register_passkey.ts", [PASSKEYS], {
    "an attestation is judged by our own rules": [
      "if (refused) return { problem: refused };",
      "",
      LIBRARY,
    ],
    "a key without a PIN is not stored": [
      'if (!registrationInfo.userVerified) return "unverified";',
      "",
    ],
  }),
  ...guardsOf("src/authentication/fresh_proof.ts", [FLOWS], {
    "a change of factors needs a fresh proof": [
      "if (allowsChange(record.proofs, highest, times)) return null;",
      "if (highest) return null;",
    ],
  }),
  ...guardsOf("src/oauth/assurance.ts", ["src/oauth/assurance.test.ts", FLOWS], {
    "a change needs the highest level of the account": [
      "proofs.some(isFresh) && isAtLeast(reached(proofs).level, highest)",
      "proofs.some(isFresh)",
    ],
    "a recovery code allows a change only behind a fresh first factor": [
      "return proofs.every(isFresh);",
      "return proofs.some(isFresh);",
    ],
  }),
  ...guardsOf("src/factors/change_factors.ts", [FLOWS], {
    "the last way in stays": ["kinds.some((kind) => FIRST.includes(kind))", "kinds !== null"],
  }),
  ...guardsOf("src/authentication/person_link.ts", ["test/cli/user_link.test.ts"], {
    "a link of an operator works once": [
      "if (!(await ctx.store.claimOnce(KIND, id, { now: ctx.now, expires_at })))",
      "if (id === '')",
    ],
    "a link of an operator ends with any change of the factors": [
      " && factors.version === link.version ?",
      " ?",
    ],
  }),
  ...guardsOf("src/authentication/prove_more.ts", [SECOND], {
    "a second factor after a password can't be declined": [
      'if (!tx || purpose !== "step_up")',
      "if (!tx)",
    ],
  }),
  ...guardsOf("src/authentication/first_factor.ts", [SECOND], {
    "a half-finished sign-in is bound to its browser": ["bound.browser !== browser.id ||", ""],
    "a half-finished sign-in is over after ten minutes": [
      "|| bound.expires_at <= ctx.now) return null;",
      ") return null;",
    ],
    "a change of factors voids a half-finished sign-in": [
      "person.disabled || factors.version !== version",
      "person.disabled",
    ],
  }),
];
