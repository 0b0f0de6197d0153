/** The part that all commands share: common flags, and examples in their help. */
import { type Command, InvalidArgumentError } from "commander";

/** Flags of every command. */
export interface CommonFlags {
  json?: boolean;
  database?: string;
  config?: string;
  secretFile?: string;
  debug?: boolean;
}

const COMMON: readonly string[] = ["json", "database", "config", "secretFile", "debug"];

/** Whether a command got flags other than the common ones. */
export const hasOwnFlags = (flags: object): boolean =>
  Object.keys(flags).some((name) => !COMMON.includes(name));

/** Adds examples and the action to a command. */
export function complete<Flags extends object>(
  command: Command,
  examples: readonly string[],
  run: (flags: Flags & CommonFlags, args: readonly string[]) => Promise<void>,
): void {
  const heading = examples.length === 1 ? "Example" : "Examples";
  const lines = examples.map((example) => `\n  $ ${example}`).join("");
  command
    .addHelpText("after", `\n${heading}:${lines}`)
    .action(() => run(command.optsWithGlobals<Flags & CommonFlags>(), command.args));
}

/** Collects the values of a repeatable flag. */
export const collect = (value: string, before: string[] = []): string[] => [...before, value];

const SECONDS: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400 };

/** Minutes, hours or days, such as `30m`, in seconds; null: the text is no such time. */
export function parseAge(text: string): number | null {
  const [, count, unit = ""] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  return count === undefined ? null : Number(count) * (SECONDS[unit] ?? 0);
}

/** @throws InvalidArgumentError when the text is no port */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new InvalidArgumentError("a port is a number from 0 to 65535");
  return port;
}

/** The configuration checks the bounds. @throws InvalidArgumentError when the text is no number */
export function parseWorkers(text: string): number | "auto" {
  if (text === "auto") return text;
  if (!/^\d{1,3}$/.test(text))
    throw new InvalidArgumentError("a number from 1 on, or auto for one per core");
  return Number(text);
}

/** @throws InvalidArgumentError when the text is no JSON object */
export function parseJsonFlag(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InvalidArgumentError("it is not valid JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new InvalidArgumentError("it must be a JSON object");
  return { ...value };
}
