/** Runs one test file in a process of its own, and collects passes, failures and skipped tests. */
import { resolve } from "node:path";
import { run } from "node:test";
import type { TestEvent } from "node:test/reporters";
import { inspect } from "node:util";

export interface Outcome {
  passed: number;
  /** One text per failure, ready to print. */
  failures: string[];
  /** Tests that are skipped for a reason that names an issue. */
  skipped: string[];
}

const FILE_TIMEOUT = 180_000;
const LAST_LINES = 40;
// A developer's own settings must not change what the tests see.
const plain = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith("VALETKEY_")),
);

/** @param given environment variables for the file */
export async function runTestFile(
  file: string,
  given: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const outcome: Outcome = { passed: 0, failures: [], skipped: [] };
  const output: string[] = [];
  const running = new Set<string>();
  const events = run({
    files: [resolve(file)],
    signal: AbortSignal.timeout(FILE_TIMEOUT),
    execArgv: ["--conditions=valetkey-source"],
    env: { ...plain, ...given },
  });
  for await (const event of events) {
    const { type, data } = event;
    if (type === "test:stdout" || type === "test:stderr") output.push(data.message);
    else if (type === "test:dequeue" && data.name !== resolve(file)) running.add(data.name);
    else if (type === "test:complete") running.delete(data.name);
    else if (type === "test:pass" || type === "test:fail") record(event, file, outcome);
  }
  if (running.size > 0) outcome.failures.push(`${file}\nnever ended: ${[...running].join(", ")}`);
  if (outcome.failures.length > 0 && output.length > 0) {
    const told = output.join("").trimEnd().split("\n").slice(-LAST_LINES).join("\n");
    outcome.failures.push(`${outcome.failures.pop()}\n\n${file} wrote:\n${told}`);
  }
  return outcome;
}

function record(event: TestEvent, file: string, outcome: Outcome): void {
  if (event.type !== "test:pass" && event.type !== "test:fail") return;
  const { name, line, skip, todo, details } = event.data;
  const isFile = name === resolve(file);
  const where = isFile ? file : `${file}:${line} ${name}`;
  const postponed = skip ?? todo;

  if (postponed !== undefined) {
    if (/#\d+/.test(String(postponed))) outcome.skipped.push(`${where}: ${postponed}`);
    else outcome.failures.push(`${where}\nis skipped without a reason that names an issue (#12)`);
  } else if (event.type === "test:fail") {
    const error = event.data.details.error;
    if (!("failureType" in error) || error.failureType !== "subtestsFailed")
      outcome.failures.push(`${where}\n${explain(error, isFile)}`);
  } else if (isFile) {
    outcome.failures.push(`${file}\nholds no tests`);
  } else if (details.type !== "suite") {
    outcome.passed += 1;
  }
}

function explain(error: Error, isFile: boolean): string {
  const cause = error.cause ?? error;
  if (cause instanceof Error && cause.name === "TimeoutError")
    return `did not end within ${FILE_TIMEOUT / 1000} s: a test hangs, or a server or timer was left open`;
  if (isFile) return "the file itself failed: it threw outside its tests, or its process died";
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : inspect(cause);
  const lines = text.split("\n").filter((each) => !/^\s+at .*\(?node:/.test(each));
  return lines.join("\n").trimEnd();
}
