/** Results go to stdout, so that they can be piped; talk goes to stderr. */
import { styleText } from "node:util";

export const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
export const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};
export const warn = (text: string): void => say(`warning: ${text}`);

export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

/** Columns under headings, as wide as they need to be. */
export function printTable(headings: readonly string[], rows: readonly (readonly string[])[]) {
  const cells = [headings, ...rows.map((row) => row.map(visible))];
  const widths = headings.map((_, i) => Math.max(...cells.map((row) => (row[i] ?? "").length)));
  for (const [n, row] of cells.entries()) {
    const line = row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ");
    print(n === 0 ? onTerminal("dim", line.trimEnd()) : line.trimEnd());
  }
}

/** One thing, a line for each of its fields; what is null is left out. */
export function printFields(fields: Readonly<Record<string, string | null>>): void {
  const width = Math.max(...Object.keys(fields).map((name) => name.length));
  for (const [name, value] of Object.entries(fields))
    if (value !== null) print(`${onTerminal("dim", name.padEnd(width))}  ${visible(value)}`);
}

const onTerminal = (style: "dim", text: string): string =>
  styleText(style, text, { stream: process.stdout });

/** Names are strangers' work: none of them may move the cursor or hide what stands beside it. */
export const visible = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, "\u{fffd}");

/** Seconds since the epoch as `2026-11-24 14:02 UTC`. */
export const when = (seconds: number): string =>
  `${new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
