/** Input of a command besides its flags: stdin, files, and passwords, which must not be flags. */
import { readFileSync } from "node:fs";
import { text as readAll } from "node:stream/consumers";
import { isJsonObject, parseJsonStrictly } from "../oauth/json.ts";
import { type PasswordProblem, refusePassword } from "../people/password.ts";
import { CliError, UsageError } from "./errors.ts";

export const readStdin = (): Promise<string> => readAll(process.stdin);

/**
 * Reads a password that the rules allow: piped in, or typed twice.
 * @throws CliError with the reason why it is refused, UsageError without a terminal
 */
export async function readNewPassword(
  { passwordStdin = false }: { passwordStdin?: boolean },
  { whose, longest }: { whose: string; longest: number },
): Promise<string> {
  if (!passwordStdin && !process.stdin.isTTY)
    throw new UsageError(
      "there is no password, and nobody to ask for one",
      "pipe it in: --password-stdin < password.txt",
    );
  if (!passwordStdin) return askTwice(whose, longest);
  const password = (await readStdin()).replace(/\r?\n$/, "");
  const problem = /[\r\n]/.test(password) ? "has a line break" : problemOf(password, longest);
  if (problem !== null) throw new CliError(`the password ${problem}`, "choose another");
  return password;
}

function problemOf(password: string, longest: number): string | null {
  const TEXTS: Record<PasswordProblem, string> = {
    too_short: "is too short: 10 characters at least",
    too_long: `is too long: ${longest} characters at most`,
    common: "is one of the commonest, and guessed first",
  };
  const problem = refusePassword(password, longest);
  return problem && TEXTS[problem];
}

async function askTwice(whose: string, longest: number): Promise<string> {
  const { isCancel, password: ask } = await import("@clack/prompts");
  const output = process.stderr;
  const validate = (typed = "") => {
    const problem = problemOf(typed, longest);
    return problem === null ? undefined : `It ${problem}.`;
  };
  const password = await ask({ message: `Password for ${whose}`, validate, output });
  if (isCancel(password)) throw stopped();
  const again = await ask({
    message: "The same again",
    validate: (typed) => (typed === password ? undefined : "It is not the same."),
    output,
  });
  if (isCancel(again)) throw stopped();
  return password;
}

const stopped = (): CliError => new CliError("stopped, and nothing was changed");

/** @param file `-` is stdin. @throws CliError when the file can't be read or is no JSON object */
export async function readJsonFile(file: string): Promise<Record<string, unknown>> {
  const name = file === "-" ? "stdin" : file;
  let value: unknown;
  try {
    value = parseJsonStrictly(file === "-" ? await readStdin() : readFileSync(file, "utf8"));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/, \w+ '.*'$/, "") : String(cause);
    throw new CliError(`cannot read ${name}: ${why}`, "it has to hold a JSON object", { cause });
  }
  if (!isJsonObject(value))
    throw new CliError(`${name} does not hold a JSON object`, "write { … }");
  return value;
}
