/** What a request in progress needs next: the one place that decides it (OIDC Core §3.1.2.3-4). */
import { type Proofs, reached } from "./assurance.ts";
import type { Asked } from "./authorization_request.ts";
import type { ErrorCode } from "./errors.ts";
import { isPermitted, type Permission, without } from "./permission.ts";

export interface SignedIn {
  sub: string;
  /** What the person proved, and when. */
  proofs: Proofs;
  /** The request that this sign-in was made for: it satisfies that one's `prompt=login` and `max_age`. */
  signed_in_for: string | null;
}

/** What a person answered on the consent page, or has answered before. */
export interface Agreement {
  agreed: readonly Permission[];
  refused: readonly Permission[];
}

/** What the consent of a person says by now. */
export interface Consent extends Agreement {
  /** Skipped because the operator trusts the client, and never asked. */
  waived: readonly Permission[];
}

export interface Situation {
  now: number;
  request_id: string;
  asked: Asked;
  /** Whether the answer goes where any program on the person's computer could take it. */
  on_this_computer: boolean;
  session: SignedIn | null;
  /** The person that an `id_token_hint` names. */
  hinted_sub: string | null;
  /** What the person answered for this very request. */
  answer: (Agreement & { sub: string }) | null;
  /** What the person agreed to earlier. */
  consent: Consent | null;
  client: { trusted: boolean; confidential: boolean };
}

/**
 * `login`: nobody is signed in, or not the person that is wanted. `authenticate`: the person who is signed in has to
 * prove it again. `select_account`: one of several accounts has to be chosen; no browser has several yet.
 */
type SignInStep = "login" | "authenticate" | "select_account";

export type NextStep =
  | { step: SignInStep }
  | { step: "consent" }
  | { step: "issue"; agreement: Agreement; how: "answered" | "remembered" | "waived" }
  | { step: "error"; error: ErrorCode; description: string };

/** Whether the sign-in page is next: nothing that the person answered before counts until then. */
export const isSignIn = (next: NextStep): next is { step: SignInStep } =>
  ["login", "authenticate", "select_account"].includes(next.step);

export function nextStep(situation: Situation): NextStep {
  const { asked, answer, session } = situation;
  const silent = asked.prompt.includes("none");
  const toSignIn = (step: SignInStep): NextStep =>
    silent ? refusal("login_required", "the person has to sign in") : { step };
  if (!session) return toSignIn("login");
  if (needsLogin(situation, session))
    return toSignIn(isSomebodyElse(situation, session) ? "login" : "authenticate");
  if (isSomebodyElse(situation, session))
    return refusal("login_required", "somebody else than the id_token_hint names has signed in");
  if (answer && answer.sub === session.sub) {
    if (answer.agreed.length === 0) return refusal("access_denied", "the person did not agree");
    return { step: "issue", agreement: answer, how: "answered" };
  }
  const standing = asked.prompt.includes("consent") ? null : withoutAsking(situation);
  if (standing) return standing;
  return silent
    ? refusal("consent_required", "the person has to agree first")
    : { step: "consent" };
}

function needsLogin(situation: Situation, session: SignedIn): boolean {
  const { asked, now, request_id } = situation;
  if (session.signed_in_for === request_id) return false;
  if (asked.prompt.includes("login") || isSomebodyElse(situation, session)) return true;
  // 0 is the same as prompt=login, also within the second of an earlier sign-in (OIDC Core §3.1.2.1).
  if (asked.max_age === 0) return true;
  return asked.max_age !== null && now - reached(session.proofs).auth_time > asked.max_age;
}

const isSomebodyElse = ({ hinted_sub }: Situation, { sub }: SignedIn): boolean =>
  hinted_sub !== null && hinted_sub !== sub;

/** What may be issued without asking: remembered, or waived by the operator. */
function withoutAsking({
  asked: { permissions },
  on_this_computer,
  client,
  consent,
}: Situation): NextStep | null {
  // Any program on the computer could pose as a public client there (RFC 8252 §8.6, OAuth 2.1 §7.13).
  if (!client.confidential && on_this_computer) return null;
  if (client.trusted)
    return { step: "issue", agreement: { agreed: permissions, refused: [] }, how: "waived" };
  if (!consent) return null;
  const agreed = without(permissions, consent.refused);
  if (agreed.length === 0 || !isPermitted(agreed, consent.agreed)) return null;
  const refused = without(permissions, agreed);
  return { step: "issue", agreement: { agreed, refused }, how: "remembered" };
}

const refusal = (error: ErrorCode, description: string): NextStep => ({
  step: "error",
  error,
  description,
});
