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

/** The same text as `printJson` of the whole list, of which no more than one record is in memory. */
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

/** Columns under headings, as wide as they need to be. */
export function printTable(headings: Row, rows: readonly Row[]): void {
  printRows(rows, headings, []);
}

/** Rows that are looked at together for how wide the columns are. */
const TOGETHER = 500;

/**
 * The same for a list that may be long: it is printed while it is read, and a column that a later part needs wider is
 * wider from there on. Without rows, nothing is printed.
 * @returns how many rows there are
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

/** @returns how wide the columns are */
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
