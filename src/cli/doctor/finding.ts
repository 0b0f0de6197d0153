/** The result of a check. Checks take facts and return findings; they send no requests. */

export interface Finding {
  /** The check's name, the same in every run. */
  check: string;
  status: "ok" | "warning" | "problem" | "left_out";
  /** The observation; for a problem, its description. */
  saw: string;
  /** The change to make, with the exact setting; null: none. */
  advice: string | null;
}

export const ok = (check: string, saw: string): Finding => ({
  check,
  status: "ok",
  saw,
  advice: null,
});
export const warning = (check: string, saw: string, advice: string): Finding => ({
  check,
  status: "warning",
  saw,
  advice,
});
export const problem = (check: string, saw: string, advice: string): Finding => ({
  check,
  status: "problem",
  saw,
  advice,
});
/** The check could not run; `advice` says what it needs. */
export const leftOut = (check: string, saw: string, advice: string | null = null): Finding => ({
  check,
  status: "left_out",
  saw,
  advice,
});

/** `a`, `a and b`, `a, b and c`. */
export function listed(parts: readonly string[]): string {
  const last = parts.at(-1) ?? "";
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(", ")} and ${last}`;
}
