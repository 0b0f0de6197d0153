/** Decides the next step of a request in progress; no other code does (OIDC Core §3.1.2.3-4). */
import {
  isAtLeast,
  type Level,
  type Proofs,
  type RequiredLevel,
  reached,
  stronger,
} from "./assurance.ts";
import type { Asked } from "./authorization_request.ts";
import type { ErrorCode } from "./errors.ts";
import { isPermitted, type Permission, without } from "./permission.ts";

export interface SignedIn {
  sub: string;
  /** The proofs that the person gave, with their times. */
  proofs: Proofs;
  /** The request that this sign-in was made for, whose `prompt=login` and `max_age` it satisfies. */
  signed_in_for: string | null;
}

/** A person's answer on the consent page, now or earlier. */
export interface Agreement {
  agreed: readonly Permission[];
  refused: readonly Permission[];
}

/** The present consent of a person. */
export interface Consent extends Agreement {
  /** Permissions that were not asked for, since the operator trusts the client. */
  waived: readonly Permission[];
}

export interface Situation {
  now: number;
  request_id: string;
  asked: Asked;
  /** Whether any program on the person's computer could receive the answer. */
  on_this_computer: boolean;
  /** Of the account that the request is about. */
  session: SignedIn | null;
  /** The browser holds several accounts, and nothing says which one the request is about. */
  must_select: boolean;
  /** The person that an `id_token_hint` or a `sub` in `claims` names. */
  hinted_sub: string | null;
  /** The person's answer to this very request. */
  answer: (Agreement & { sub: string }) | null;
  /** The person's earlier consent. */
  consent: Consent | null;
  /** The levels that a person can reach here, given the factors. */
  reachable: readonly Level[];
  /** The levels that this account can reach with the factors that it has. */
  account_levels: readonly Level[];
  /** The level that the operator wants of each sign-in of this person; null: any will do. */
  policy: Level | null;
  /** The person can't or does not want to prove more for this request. */
  declined: boolean;
  client: {
    trusted: boolean;
    confidential: boolean;
    /** Whether what the person relied on has changed since they agreed. */
    changed: boolean;
    /** The level that each sign-in needs; null: any will do. */
    required_acr: Level | null;
  };
}

/**
 * `login`: nobody is signed in, or not the requested person. `authenticate`: the signed-in person has to sign in again.
 * `select_account`: the person has to choose an account. `create`: the person wants a new one.
 */
type SignInStep = "login" | "authenticate" | "select_account" | "create";
/**
 * The sign-in is weaker than `level`. `step_up`: the account has the factors for it. `enrol`: it has to get one first.
 */
type LevelStep = "step_up" | "enrol";

export type NextStep =
  | { step: SignInStep }
  | { step: LevelStep; level: Level }
  | { step: "consent" }
  | { step: "issue"; agreement: Agreement; how: "answered" | "remembered" | "waived" }
  | { step: "error"; error: ErrorCode; description: string };

const SIGN_IN: readonly NextStep["step"][] = [
  ...(["login", "authenticate", "select_account", "create"] as const),
  ...(["step_up", "enrol"] as const),
];
/** Whether the sign-in, or a part of it, is next. Until it is complete, earlier answers of the person do not count. */
export const isSignIn = ({ step }: NextStep): boolean => SIGN_IN.includes(step);

export function nextStep(situation: Situation): NextStep {
  const { asked, answer, session } = situation;
  const silent = asked.prompt.includes("none");
  const toSignIn = (step: SignInStep): NextStep =>
    silent ? refusal("login_required", "the person has to sign in") : { step };
  // A person may also sign in for this request instead: they have an account.
  const level = stronger(
    stronger(asked.required_level, situation.client.required_acr),
    situation.policy,
  );
  // Nobody has to sign in first to learn that no sign-in is enough.
  if (!silent && !isReachable(level, situation.reachable)) return unmet();
  if (asked.prompt.includes("create") && session?.signed_in_for !== situation.request_id)
    return { step: "create" };
  if (situation.must_select)
    return silent
      ? refusal("account_selection_required", "the person has to choose an account")
      : { step: "select_account" };
  if (!session) return toSignIn("login");
  if (needsLogin(situation, session))
    return toSignIn(isSomebodyElse(situation, session) ? "login" : "authenticate");
  if (isSomebodyElse(situation, session))
    return refusal("login_required", "another person than the request names has signed in");
  const raise = raised(level, session.proofs, situation);
  if (raise) return raise;
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

/** The step to a level that the sign-in has not reached; null: it needs no other one. */
function raised(
  level: RequiredLevel | null,
  proofs: Proofs,
  { asked, account_levels, declined }: Situation,
): NextStep | null {
  const silent = asked.prompt.includes("none");
  if (level !== null && !isReached(level, proofs)) {
    if (silent) return refusal("interaction_required", "the person has to sign in with more");
    if (level === "unknown" || declined) return unmet();
    return { step: isReachable(level, account_levels) ? "step_up" : "enrol", level };
  }
  // A wish is granted where the account has the factor, and never asks for a new one.
  const able = (each: Level) => isReached(each, proofs) || isReachable(each, account_levels);
  const wished = asked.wished_levels.find(able);
  if (wished === undefined || silent || declined || isReached(wished, proofs)) return null;
  return { step: "step_up", level: wished };
}

function needsLogin(situation: Situation, session: SignedIn): boolean {
  const { asked, now, request_id } = situation;
  if (session.signed_in_for === request_id) return false;
  if (asked.prompt.includes("login") || isSomebodyElse(situation, session)) return true;
  // 0 means the same as prompt=login, also within the second of an earlier sign-in (OIDC Core §3.1.2.1).
  if (asked.max_age === 0) return true;
  return asked.max_age !== null && now - reached(session.proofs).auth_time > asked.max_age;
}

const isReachable = (level: RequiredLevel | null, reachable: readonly Level[]): boolean =>
  level === null || reachable.some((each) => level !== "unknown" && isAtLeast(each, level));

const isReached = (level: RequiredLevel | null, proofs: Proofs): boolean =>
  level === null || (level !== "unknown" && isAtLeast(reached(proofs).level, level));

/** OpenID Connect Core Error Code unmet_authentication_requirements §2. */
const unmet = (): NextStep =>
  refusal(
    "unmet_authentication_requirements",
    "the requested level of the sign-in can't be reached",
  );

const isSomebodyElse = ({ hinted_sub }: Situation, { sub }: SignedIn): boolean =>
  hinted_sub !== null && hinted_sub !== sub;

/** Permissions that need no question: remembered, or waived by the operator. */
function withoutAsking({
  asked: { permissions },
  on_this_computer,
  client,
  consent,
}: Situation): NextStep | null {
  // Any program on the computer could pose as a public client (RFC 8252 §8.6, OAuth 2.1 §7.13).
  if (!client.confidential && on_this_computer) return null;
  // Trust is in the app that the operator saw. To this person, it was another one.
  if (client.changed) return null;
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
