/** The background jobs of a running server. */
import type { Server } from "../context.ts";
import { accessTokenLife } from "./access_token_life.ts";
import { backchannelLogout } from "./backchannel_logout.ts";
import { endedSessions, expiredSessions } from "./client_sessions.ts";
import { databaseClock } from "./database_clock.ts";
import { endings } from "./endings.ts";
import { fetchLogo } from "./fetch_logo.ts";
import { type Repeating, repeat, within } from "./repeat.ts";
import { jobRunner, OPTIONS } from "./runner.ts";
import { sendMail } from "./send_mail.ts";
import { signingKeys } from "./signing_keys.ts";
import { sweep } from "./sweep.ts";
import { totpSeals } from "./totp_seals.ts";

/** Kinds of stored jobs that change the database only. */
const AT_HOME = [...endings, endedSessions];
/** Jobs that call others wait for them, so they have a runner of their own. */
const CALLS = { ...OPTIONS, every: 2, at_once: 16 };
/** A mail server that hangs holds up no other job. */
const MAIL = { ...OPTIONS, every: 2 };
/** Seconds that a stopping server waits for the present round of a repeated job. */
const GRACE = 5;

/**
 * Safe on every node at once, since all writes are conditional.
 * @param options.keeps_house false: another process of this machine runs the jobs, and this one only measures the clock
 */
export function backgroundJobs(
  server: Server,
  { keeps_house }: { keeps_house: boolean },
): Repeating {
  const { log } = server;
  const clock = repeat(databaseClock(server, keeps_house), log);
  const repeated = keeps_house
    ? [
        clock,
        repeat(sweep(server), log),
        repeat(expiredSessions(server), log),
        repeat(signingKeys(server), log),
        repeat(accessTokenLife(server), log),
        repeat(totpSeals(server), log),
      ]
    : [clock];
  const calls = [fetchLogo, backchannelLogout()];
  const runners = keeps_house
    ? [
        jobRunner(server, AT_HOME),
        jobRunner(server, calls, CALLS),
        ...(server.mail ? [jobRunner(server, [sendMail], MAIL)] : []),
      ]
    : [];
  return {
    start() {
      for (const each of [...repeated, ...runners]) each.start();
    },
    wake() {
      for (const each of runners) each.wake();
    },
    async stop() {
      const ended = Promise.all(repeated.map((each) => each.stop()));
      await Promise.all([within(GRACE, ended), ...runners.map((each) => each.stop())]);
    },
  };
}
