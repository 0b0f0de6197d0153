/** Errors of the configuration. */
import { nearest } from "./config_keys.ts";
import { DatabaseError } from "./store/sql/driver.ts";

/** Keys of the configuration are wrong. The message names each, and the expected value. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly hint: string;
  constructor(message: string, hint = "see docs/configuration.md for every key") {
    super(message);
    this.hint = hint;
  }
}

/** Joins errors into one. A single error keeps its hint. */
export function together(problems: readonly ConfigError[]): ConfigError {
  const [first, ...others] = problems;
  if (first && others.length === 0) return first;
  return new ConfigError(problems.map(({ message }) => message).join("; "));
}

/** The errors of a check, which name the key for the operator. */
export function found(check: () => unknown): ConfigError[] {
  try {
    check();
    return [];
  } catch (cause) {
    if (cause instanceof ConfigError) return [cause];
    if (cause instanceof DatabaseError) return [new ConfigError(cause.message, cause.hint)];
    return [new ConfigError(cause instanceof Error ? cause.message : String(cause))];
  }
}

/** The likely one of the known names, for a message. */
export function meant(name: unknown, known: readonly unknown[]): string {
  const texts = known.filter((each) => typeof each === "string");
  const near = typeof name === "string" ? nearest(name, texts) : null;
  return near === null ? "" : ` (did you mean ${near}?)`;
}
