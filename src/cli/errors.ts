/** Explains an error in one line and a hint. */
import { listed, OAuthError } from "../oauth/errors.ts";

/** The command was understood, but failed. */
export class CliError extends Error {
  override readonly name: string = "CliError";
  readonly exit_code: number = 1;
  readonly hint: string | null;
  constructor(message: string, hint: string | null = null, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}

/** The command line itself is wrong. */
export class UsageError extends CliError {
  override readonly name = "UsageError";
  override readonly exit_code = 2;
}

export interface Explanation {
  message: string;
  hint: string | null;
  exit_code: number;
}

/** Hints for errors without one of their own. */
const HINTS: Readonly<Record<string, string>> = {
  BadSecret:
    "it comes from VALETKEY_SECRET, --secret-file, VALETKEY_SECRET_PREVIOUS or VALETKEY_SECRET_LEAKED",
  KeysSealed:
    "give the secret that they were made under; after a change, VALETKEY_SECRET_PREVIOUS holds the earlier one",
  DatabaseUnavailable:
    "another process is writing, or the disk is full or read-only: try again, or look there",
  TooBusy: "try again",
};

export function explain(error: unknown): Explanation {
  if (error instanceof OAuthError) return explainMetadata(error);
  const hint = hintOf(error);
  const message = oneLine(error instanceof Error ? error.message : String(error));
  if (hint === undefined)
    return {
      message: `unexpected: ${message}`,
      hint: "this is a bug in valetkey: --debug shows where, and a report with it helps",
      exit_code: 1,
    };
  const exit_code = error instanceof CliError ? error.exit_code : 1;
  // Errors of the SDKs have their hint in the message, too.
  return { message: message.replace(`. hint: ${hint}`, ""), hint, exit_code };
}

/** Undefined for an unexpected error. */
function hintOf(error: unknown): string | null | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("hint" in error && (typeof error.hint === "string" || error.hint === null)) return error.hint;
  return HINTS[error.name];
}

export const isWorthAStack = (error: unknown): boolean => hintOf(error) === undefined;

/** Refused metadata: each rule names its member, and `reason` holds the given value. */
function explainMetadata(error: OAuthError): Explanation {
  const problems = error.problems.length > 0 ? error.problems : [error];
  const told = listed(problems, ({ message, reason }) => {
    const [given] = Object.values(reason);
    return typeof given === "string" ? `${message}: ${given}` : message;
  });
  return {
    message: oneLine(told),
    hint: "`valetkey client add --help` has examples of what goes together",
    exit_code: 1,
  };
}

const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, " ").trim();
