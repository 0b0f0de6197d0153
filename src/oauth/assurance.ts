/**
 * The proofs of a person, and the `acr`, `amr` and `auth_time` that follow from them (OpenID Connect Core §2, RFC
 * 8176).
 */

/**
 * `email`: a code that was mailed. `link`: a link of the operator. `upstream`: a sign-in at another provider. `recovery`:
 * a recovery code.
 */
export type ProofKind = "pwd" | "passkey" | "email" | "link" | "upstream" | "totp" | "recovery";

/** One proof by a person. */
export interface Proof {
  kind: ProofKind;
  /** Seconds since the epoch. */
  at: number;
  /** The provider of an `upstream` proof. */
  provider?: string;
  /** The provider's own `amr`; only where the operator trusts it. */
  amr?: readonly string[];
}

/** The proofs behind a session or a grant: a first factor, and at most one second factor. */
export type Proofs = readonly [first: Proof, ...second: Proof[]];

/** From the weakest to the strongest. */
export const LEVELS = ["single", "multi", "phishing_resistant"] as const;
export type Level = (typeof LEVELS)[number];

export const isAtLeast = (level: Level, wanted: Level): boolean =>
  LEVELS.indexOf(level) >= LEVELS.indexOf(wanted);

/** A level that a request can't do without. `unknown`: it names none of this server's levels. */
export type RequiredLevel = Level | "unknown";

/** The stronger of two demands; null: nothing is demanded. */
export function stronger(
  one: RequiredLevel | null,
  other: RequiredLevel | null,
): RequiredLevel | null {
  if (one === null || other === null) return one ?? other;
  if (one === "unknown" || other === "unknown") return "unknown";
  return isAtLeast(one, other) ? one : other;
}

/** @param names of the levels here @returns the weakest level that one of these `acr` values names */
export function weakestOf(
  values: readonly string[],
  names: Readonly<Record<Level, string>>,
): RequiredLevel {
  return LEVELS.find((level) => values.includes(names[level])) ?? "unknown";
}

/** The levels that these `acr` values name, in their order. */
export const levelsNamed = (
  values: readonly string[],
  names: Readonly<Record<Level, string>>,
): Level[] => values.flatMap((value) => LEVELS.find((level) => names[level] === value) ?? []);

export interface Reached {
  level: Level;
  /** Authentication method references (RFC 8176 §2); `fed`, `email`, `link` and `recovery` are not registered there. */
  amr: string[];
  /** The time of the oldest proof that the level rests on, in seconds since the epoch. */
  auth_time: number;
}

/** Without attestation it is unknown whether a passkey's key is in hardware, so `hwk` is not claimed. */
const AMR: Readonly<Record<ProofKind, readonly string[]>> = {
  pwd: ["pwd"],
  passkey: ["pop", "user"],
  email: ["email"],
  link: ["link"],
  upstream: ["fed"],
  totp: ["otp"],
  recovery: ["recovery"],
};

/** Second factors, which prove nothing alone. */
const SECOND: readonly ProofKind[] = ["totp", "recovery"];
export const isSecondFactor = (kind: ProofKind): boolean => SECOND.includes(kind);

/** The level that proofs reach together. A recovery code replaces a lost factor: it never raises the level. */
export function reached([first, second]: Proofs): Reached {
  const level = levelOf(first, second);
  const alone = levelOf(first) === level;
  return {
    level,
    amr: [
      ...AMR[first.kind],
      ...(second ? AMR[second.kind] : []),
      ...(level === "single" ? [] : ["mfa"]),
    ],
    auth_time: alone || !second ? first.at : Math.min(first.at, second.at),
  };
}

function levelOf(first: Proof, second?: Proof): Level {
  if (second?.kind === "recovery") return "single";
  if (first.kind === "passkey") return "phishing_resistant";
  if (first.amr?.includes("mfa")) return "multi";
  // A mailed code proves access to the mailbox, which often needs only a password.
  const raised = second?.kind === "totp" && first.kind !== "email" && first.kind !== "link";
  return raised ? "multi" : "single";
}

/**
 * The proofs after one more: a first factor starts a new list, a second one is added to the first.
 * @throws Error for a second factor without a first one
 */
export function withProof(before: Proofs | null, proof: Proof): Proofs {
  if (!isSecondFactor(proof.kind)) return [proof];
  if (!before) throw new Error(`${proof.kind} proves nothing without a first factor`);
  return [before[0], proof];
}

/**
 * Whether the proofs allow a change of how the person signs in: the newest is fresh, and they reach the highest level of
 * the account. A recovery code stands for the lost factor, if the first factor is fresh, too.
 * @param times.life seconds for which a proof is fresh
 */
export function allowsChange(
  proofs: Proofs,
  highest: Level,
  { now, life }: { now: number; life: number },
): boolean {
  const isFresh = ({ at }: Proof) => at > now - life;
  if (proofs[1]?.kind === "recovery") return proofs.every(isFresh);
  return proofs.some(isFresh) && isAtLeast(reached(proofs).level, highest);
}

/** The levels that these kinds of proof can reach, the weakest first. */
export function reachable(kinds: readonly ProofKind[]): Level[] {
  const proofs = kinds.map((kind): Proof => ({ kind, at: 0 }));
  const seconds = proofs.filter(({ kind }) => isSecondFactor(kind));
  const levels = proofs
    .filter(({ kind }) => !isSecondFactor(kind))
    .flatMap((first) => [levelOf(first), ...seconds.map((each) => levelOf(first, each))]);
  return LEVELS.filter((level) => levels.includes(level));
}
