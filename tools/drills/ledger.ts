/** What honest clients were told: whatever stands here has to be true, whatever was done to the server. */
import type { Answer } from "./ask.ts";
import type { Figures } from "./drill.ts";
import type { App } from "./seed.ts";

/** An access of an app, from its code on. */
export interface Chain {
  app: App;
  code: string;
  access_token: string;
  refresh_token: string;
  /** The ones before, the newest last. */
  older: string[];
  /** `asked`: without an answer so far, so that both is right. */
  revoked: "no" | "asked" | "yes";
  /** Told something new since the rows were last looked at. */
  touched: boolean;
}

export interface Ledger {
  chains: Chain[];
  figures: Figures;
  /** What was not expected, in words: the first ones. */
  odd: string[];
  count(figure: string, detail?: string): void;
  most(figure: string, value: number): void;
}

const KEPT = 20;

export function newLedger(): Ledger {
  const figures: Figures = {
    lost_logins: 0,
    rows_behind: 0,
    revoked_alive: 0,
    redeemed_twice: 0,
    unexpected: 0,
    no_retry_after: 0,
    answers: 0,
    unavailable: 0,
    unanswered: 0,
    refreshes: 0,
    revocations: 0,
    codes_redeemed: 0,
    codes_spent: 0,
    codes_expired: 0,
    longest_ms: 0,
  };
  const odd: string[] = [];
  return {
    chains: [],
    figures,
    odd,
    count(figure, detail) {
      figures[figure] = (figures[figure] ?? 0) + 1;
      if (detail !== undefined && odd.length < KEPT) odd.push(`${figure}: ${detail}`);
    },
    most(figure, value) {
      figures[figure] = Math.max(figures[figure] ?? 0, Math.round(value));
    },
  };
}

/** Of an answer, what helps whoever looks for the reason. */
export const described = (answer: Answer): string =>
  `${answer.status} ${answer.body.slice(0, 200).replaceAll("\n", " ")}`;
