/** The parts of a drill: it breaks something on purpose, and states before what must hold. */
import type { Place } from "./place.ts";

/** A figure that the drill measures, and what it has to be. */
export interface PassLine {
  figure: string;
  /** The requirement in words. */
  says: string;
  at_most?: number;
  at_least?: number;
}

export type Figures = Record<string, number>;

export interface Scale {
  /** A short run, which shows that the drill works. */
  quick: boolean;
  /** A number of rounds instead of the drill's own; null: not given. */
  rounds: number | null;
  seconds: number | null;
}

export interface DrillRun extends Scale {
  place: Place;
  /** Prints the progress. */
  tell(line: string): void;
}

export interface Drill {
  name: string;
  /** The fault, in a line. */
  title: string;
  databases: readonly Place["kind"][];
  /** Data, and printed before anything runs. */
  lines(scale: Scale, kind: Place["kind"]): PassLine[];
  /** A figure that a line names and that is missing here fails. @throws CannotRun */
  run(options: DrillRun): Promise<Figures>;
}

/** The drill lacks something that it needs, which is no pass. */
export class CannotRun extends Error {
  override readonly name = "CannotRun";
}

export interface Verdict extends PassLine {
  value: number | null;
  passed: boolean;
}

export function judge(lines: readonly PassLine[], figures: Figures): Verdict[] {
  return lines.map((line) => {
    const value = figures[line.figure] ?? null;
    const { at_most = Number.POSITIVE_INFINITY, at_least = Number.NEGATIVE_INFINITY } = line;
    // NaN is not within any bounds.
    const passed = value !== null && value <= at_most && value >= at_least;
    return { ...line, value, passed };
  });
}

export const bound = ({ at_most, at_least }: PassLine): string =>
  [at_least !== undefined && `>= ${at_least}`, at_most !== undefined && `<= ${at_most}`]
    .filter(Boolean)
    .join(" and ");

/** The usual lines: no false answer, no lost login, no unexpected response. */
export const HONEST: readonly PassLine[] = [
  { figure: "lost_logins", says: "no honest client is refused its refresh token", at_most: 0 },
  { figure: "rows_behind", says: "no acknowledged write is missing in the database", at_most: 0 },
  { figure: "revoked_alive", says: "what was revoked with an answer stays so", at_most: 0 },
  { figure: "redeemed_twice", says: "no code that was redeemed gives tokens again", at_most: 0 },
  { figure: "unexpected", says: "no answer but the expected one, or 503", at_most: 0 },
  { figure: "codes_expired", says: "no code is cut short", at_most: 0 },
  { figure: "no_retry_after", says: "each 503 says when to try again", at_most: 0 },
];
