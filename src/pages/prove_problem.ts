/** What can be wrong with a proof, and the words for it. */
import { duration } from "./dates.ts";
import { foreign } from "./foreign.ts";
import { note } from "./form.ts";
import type { Content, Html } from "./html.ts";
import { fill } from "./texts.ts";
import type { Person, View } from "./view.ts";

/** `used`: the code of the app was right, and has been used before. */
export type ProveProblem =
  | { readonly kind: "wrong" | "used" | "missing" | "busy" }
  | { readonly kind: "throttled"; readonly seconds: number }
  | { readonly kind: "passkey"; readonly why: PasskeyProblemKind };

export type PasskeyProblemKind =
  | ("unreadable" | "refused" | "unverified" | "unknown")
  | ("expired" | "disabled" | "someone_else");

interface Props {
  readonly problem: ProveProblem | null;
  readonly person: Person;
}

/** Problems that do not belong to a field. */
export function proveNote({ problem, person }: Props, view: View): Content {
  const { texts } = view.language;
  if (problem?.kind === "throttled")
    return note("problem", fill(texts.second_throttled, { time: duration(problem.seconds, view) }));
  if (problem?.kind === "busy") return note("problem", texts.busy);
  return problem?.kind === "passkey" && passkeyNote(problem.why, person, view);
}

/** @param person whose passkeys would do */
export function passkeyNote(why: PasskeyProblemKind, { username }: Person, view: View): Html {
  const { texts } = view.language;
  const kind = why === "unreadable" || why === "disabled" ? "refused" : why;
  return note("problem", fill(texts[`passkey_problem_${kind}`], { person: foreign(username, 60) }));
}

/** The error beside the field of this kind. */
export function fieldError(
  kind: "code" | "recovery" | "password",
  { problem }: Props,
  { language: { texts } }: View,
): Content {
  if (problem?.kind === "used") return kind === "code" && texts.second_used;
  if (problem?.kind === "missing") return texts.second_missing;
  if (problem?.kind !== "wrong") return null;
  if (kind === "code") return texts.second_wrong;
  return kind === "recovery" ? texts.second_recovery_wrong : texts.confirm_wrong;
}
