/**
 * Mail that a visitor asked for before they signed in: codes. It waits in memory, since a visitor must add no row, and
 * is tried three times within two minutes. A code that arrives later is of no use; the visitor asks for another one.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Log } from "../context.ts";
import {
  type Mail,
  type MailCounts,
  type Mailer,
  MailRefused,
  type MailSender,
} from "../mail_sender.ts";

export interface QueueOptions {
  /** Mails that wait or are being sent; more are lost. */
  most: number;
  at_once: number;
  /** Seconds before each try. The first pause lets the answer leave before its mail costs any time. */
  pauses: readonly number[];
  /** Seconds after which no try begins. */
  life: number;
}

const OPTIONS: QueueOptions = { most: 200, at_once: 4, pauses: [0.1, 10, 40], life: 120 };

/** Seconds that a closing server waits. */
const GRACE = 5;

interface Waiting {
  write: () => Mail | null;
  /** Written at the first try: all tries send the same mail. */
  mail?: Mail | null;
  tries: number;
  /** Milliseconds, by `performance.now`. */
  since: number;
}

export function visitorsQueue(
  sender: MailSender,
  { log, clock }: { log: Log; clock: () => number },
  options: Partial<QueueOptions> = {},
): Pick<Mailer, "sendSoon" | "counts" | "settle"> {
  const { most, at_once, pauses, life } = { ...OPTIONS, ...options };
  const waiting = new Set<Waiting>();
  const due: Waiting[] = [];
  const state = { sending: 0, sent: 0, lost: 0, lost_at: null as number | null };

  function pump(): void {
    while (state.sending < at_once) {
      const next = due.shift();
      if (!next) return;
      state.sending += 1;
      void attempt(next).finally(() => {
        state.sending -= 1;
        pump();
      });
    }
  }

  async function attempt(each: Waiting): Promise<void> {
    each.tries += 1;
    try {
      each.mail ??= each.write();
      if (each.mail) {
        await sender.send(each.mail);
        state.sent += 1;
      }
      waiting.delete(each);
    } catch (error) {
      failed(each, error);
    }
  }

  function failed(each: Waiting, error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    const after = error instanceof MailRefused ? undefined : pauses[each.tries];
    const in_time = performance.now() - each.since + (after ?? 0) * 1000 < life * 1000;
    if (after !== undefined && in_time) {
      log.warn("mail failed", { why, tries: each.tries });
      wait(each, after);
      return;
    }
    waiting.delete(each);
    lose(why, each.tries);
  }

  function lose(why: string, tries: number): void {
    state.lost += 1;
    state.lost_at = Math.floor(clock() / 1000);
    log.error("mail lost", { why, tries });
  }

  function wait(each: Waiting, seconds: number): void {
    setTimeout(() => {
      due.push(each);
      pump();
    }, seconds * 1000).unref();
  }

  return {
    sendSoon(write) {
      if (waiting.size >= most) {
        lose(`${most} mails wait already`, 0);
        return;
      }
      const each = { write, tries: 0, since: performance.now() };
      waiting.add(each);
      wait(each, pauses[0] ?? 0);
    },
    counts(): MailCounts {
      const { sent, lost, lost_at } = state;
      return { sent, lost, lost_at, waiting: waiting.size };
    },
    async settle(seconds = GRACE) {
      const end = performance.now() + seconds * 1000;
      while (waiting.size > 0 && performance.now() < end) await pause(20);
    },
  };
}
