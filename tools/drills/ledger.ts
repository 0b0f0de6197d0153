/** The answers that honest clients got. All of them have to be true, after every fault. */
import type { Answer } from "./ask.ts";
import type { Figures } from "./drill.ts";
import type { App } from "./seed.ts";

/** An access of an app, from its code on. */
export interface Chain {
  app: App;
  code: string;
  access_token: string;
  refresh_token: string;
  /** Earlier tokens, the newest last. */
  older: string[];
  /** `asked`: not answered so far, so that both states are correct. */
  revoked: "no" | "asked" | "yes";
  /** Whether it got a new answer since the last check of the rows. */
  touched: boolean;
}

export interface Ledger {
  chains: Chain[];
  figures: Figures;
  /** The first unexpected answers, in words. */
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

/** The parts of an answer that help to find the reason. */
export const described = (answer: Answer): string =>
  `${answer.status} ${answer.body.slice(0, 200).replaceAll("\n", " ")}`;
