/** Results go to stdout, so that they can be piped; all other messages go to stderr. */
import { styleText } from "node:util";

export const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
/** Clears a terminal's line, from the cursor on. */
export const CLEAR = "\x1b[K";

/** On a terminal it replaces the progress that is drawn there. */
export const say = (text: string): void => {
  process.stderr.write(`${process.stderr.isTTY ? CLEAR : ""}${text}\n`);
};
export const warn = (text: string): void => say(`warning: ${text}`);

export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

/** Prints the same text as `printJson` of the whole list, with only one record in memory at a time. */
export async function printJsonList<T>(
  records: AsyncIterable<T>,
  shown: (record: T) => object,
): Promise<void> {
  let count = 0;
  for await (const record of records) {
    const text = JSON.stringify(shown(record), null, 2).replaceAll("\n", "\n  ");
    process.stdout.write(`${count === 0 ? "[" : ","}\n  ${text}`);
    count += 1;
  }
  print(count === 0 ? "[]" : "\n]");
}

type Row = readonly string[];

/** Prints columns under headings, as wide as they need to be. */
export function printTable(headings: Row, rows: readonly Row[]): void {
  printRows(rows, headings, []);
}

/** Rows that determine the width of the columns together. */
const TOGETHER = 500;

/**
 * The same for a long list, which is printed while it is read. Columns become wider when a later part needs it. Without
 * rows, nothing is printed.
 * @returns the number of rows
 */
export async function printLongTable<T>(
  headings: Row,
  records: AsyncIterable<T>,
  rowOf: (record: T) => Row,
): Promise<number> {
  let [count, rows, widths]: [number, Row[], number[]] = [0, [], []];
  const flush = () => {
    if (rows.length === 0) return;
    widths = printRows(rows, widths.length === 0 ? headings : null, widths);
    rows = [];
  };
  for await (const record of records) {
    count += 1;
    rows.push(rowOf(record));
    if (rows.length === TOGETHER) flush();
  }
  flush();
  return count;
}

/** @returns the widths of the columns */
function printRows(rows: readonly Row[], headings: Row | null, least: readonly number[]): number[] {
  const cells = [...(headings ? [headings] : []), ...rows.map((row) => row.map(visible))];
  const columns = Math.max(...cells.map(({ length }) => length), 0);
  const widths = Array.from({ length: columns }, (_, i) =>
    Math.max(least[i] ?? 0, ...cells.map((row) => (row[i] ?? "").length)),
  );
  for (const row of cells) {
    const line = row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ");
    print(row === headings ? onTerminal("dim", line.trimEnd()) : line.trimEnd());
  }
  return widths;
}

/** Prints one record, with a line for each field; null fields are left out. */
export function printFields(fields: Readonly<Record<string, string | null>>): void {
  const width = Math.max(...Object.keys(fields).map((name) => name.length));
  for (const [name, value] of Object.entries(fields))
    if (value !== null) print(`${onTerminal("dim", name.padEnd(width))}  ${visible(value)}`);
}

const onTerminal = (style: "dim", text: string): string =>
  styleText(style, text, { stream: process.stdout });

/** Makes a stranger's text safe: it must not move the cursor or hide text beside it. */
export const visible = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, "\u{fffd}");

/** Seconds since the epoch as `2026-11-24 14:02 UTC`. */
export const when = (seconds: number): string =>
  `${new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
