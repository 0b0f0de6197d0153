/** Twenty minutes of mixed load, with lifetimes so short that all records also expire. */
import { setTimeout as sleep } from "node:timers/promises";
import { testBrowser } from "../../test/support/browser.ts";
import { freePort } from "../../test/support/postgres.ts";
import { wire } from "./ask.ts";
import type { Drill, DrillRun, Figures, PassLine, Scale } from "./drill.ts";
import { type Ledger, newLedger } from "./ledger.ts";
import { startLoad } from "./load.ts";
import { startNode } from "./node.ts";
import { grewBy, median, type Sample, slope, takeSample } from "./samples.ts";
import { config, PASSWORD, type Seed, seed } from "./seed.ts";

const SECONDS = 1200;
const QUICK = 60;
/** Seconds after which a run can show that memory and rows do not grow. */
const LONG_ENOUGH = 900;
/** Seconds between two samples, and between two sign-ins. */
const LOOK_EVERY = 10;
const SIGN_IN_EVERY = 4;
/** A grant is removed at the earliest `authorization_request` plus two minutes after it was made. */
const LIFETIMES = {
  authorization_code: 10,
  access_token: 60,
  id_token: 60,
  authorization_request: 30,
  refresh_token: 300,
  refresh_token_idle: 60,
  refresh_replay: 5,
  session: 300,
  session_idle: 300,
};
const secondsOf = ({ quick, seconds }: Scale): number => seconds ?? (quick ? QUICK : SECONDS);

/** In a shorter run nothing is steady yet. */
const FLAT: readonly PassLine[] = [
  { figure: "rss_mb_a_minute", says: "memory is flat in the second half", at_most: 1 },
  { figure: "rss_max_mb", says: "and below 200 MB", at_most: 200 },
  { figure: "rows_grew", says: "all tables: the last quarter to the second", at_most: 1.3 },
  { figure: "size_grew", says: "the database on disk, in the same way", at_most: 1.3 },
  { figure: "fds_grew", says: "open files and connections, in the same way", at_most: 1.3 },
];

export const soak: Drill = {
  name: "soak",
  title: "20 minutes of mixed load with short lifetimes: memory, tables and files stay as they are",
  databases: ["sqlite", "postgres"],
  lines: (scale) => [
    { figure: "lasted_s", says: "as long as said", at_least: secondsOf(scale) },
    { figure: "lost_logins", says: "no honest client is refused", at_most: 0 },
    { figure: "unexpected", says: "no answer but the expected one", at_most: 0 },
    { figure: "unavailable", says: "nothing is refused", at_most: 0 },
    { figure: "unanswered", says: "nothing is cut off", at_most: 0 },
    { figure: "sign_ins", says: "people sign in all the while", at_least: secondsOf(scale) / 10 },
    {
      figure: "loop_p99_ms",
      says: "the event loop keeps nobody waiting (p99, median)",
      at_most: 50,
    },
    ...(secondsOf(scale) >= LONG_ENOUGH ? FLAT : []),
  ],
  run,
};

async function run({ place, tell, ...scale }: DrillRun): Promise<Figures> {
  const [port, metrics_port] = [await freePort(), await freePort()];
  const settings = config(`http://127.0.0.1:${port}`, {
    lifetimes: LIFETIMES,
    audit: { retention: 60 },
    sign_in_limits: { account: 1000, address: 1000, window: 60 },
  });
  const seeded = await seed({ database: place.database, config: settings, password: PASSWORD });
  const ledger = newLedger();
  const node = await startNode({ place, port, metrics_port, config: settings });
  const load = startLoad(seeded, { ledger, think: 150 });
  const people = startSignIns(seeded, ledger);
  const metrics = wire(`http://127.0.0.1:${metrics_port}`, { keep_alive: false });
  const samples: Sample[] = [];
  const began = performance.now();
  try {
    for (let next = 1; lasted(began) < secondsOf(scale); next += 1) {
      await sleep(Math.max(0, next * LOOK_EVERY * 1000 - (performance.now() - began)));
      const sample = await takeSample(place, metrics, lasted(began));
      samples.push(sample);
      if (next % 6 === 0)
        tell(
          `${Math.round(sample.at / 60)} min: ${sample.rss_mb} MB, ${sample.rows} rows, ${sample.size_mb} MB on disk`,
        );
    }
  } finally {
    metrics.close();
    await Promise.all([load.stop(), people.stop()]);
    await node.stop();
  }
  for (const odd of ledger.odd) tell(odd);
  return { ...ledger.figures, lasted_s: Math.round(lasted(began)), ...summary(samples) };
}

const lasted = (began: number): number => (performance.now() - began) / 1000;

function summary(samples: readonly Sample[]): Figures {
  const half = samples.slice(Math.floor(samples.length / 2));
  const last = samples.at(-1);
  return {
    rss_mb_a_minute: slope(half.map(({ at, rss_mb }) => [at / 60, rss_mb])),
    rss_max_mb: Math.max(...samples.map(({ rss_mb }) => rss_mb)),
    rows_grew: grewBy(samples.map(({ rows }) => rows)),
    size_grew: grewBy(samples.map(({ size_mb }) => size_mb)),
    fds_grew: grewBy(samples.map(({ fds }) => fds)),
    loop_p99_ms: median(samples.map(({ loop_p99_ms }) => loop_p99_ms)),
    rows_at_the_end: last?.rows ?? 0,
    size_mb_at_the_end: last?.size_mb ?? 0,
    rss_mb_at_the_end: last?.rss_mb ?? 0,
  };
}

/** Sessions end too: each entry of the list is replaced by a new sign-in before it expires. */
function startSignIns(seeded: Seed, ledger: Ledger): { stop(): Promise<void> } {
  let stopped = false;
  ledger.figures.sign_ins = 0;
  const work = async (): Promise<void> => {
    for (let turn = 0; !stopped; turn += 1) {
      try {
        seeded.cookies[turn % seeded.cookies.length] = await signIn(seeded.origin);
        ledger.count("sign_ins");
      } catch (error) {
        ledger.count("unexpected", `sign-in: ${error}`);
      }
      await sleep(SIGN_IN_EVERY * 1000);
    }
  };
  const done = work();
  return {
    async stop() {
      stopped = true;
      await done;
    },
  };
}

async function signIn(origin: string): Promise<string> {
  const browser = testBrowser({
    issuer: origin,
    fetch: (request) => fetch(request, { redirect: "manual" }),
  });
  const page = await browser.get("/account");
  const account = await browser.signIn(page, "person0", PASSWORD);
  if (account.status !== 200 || account.url.pathname !== "/account")
    throw new Error(`${account.status} at ${account.url.pathname}`);
  return [...browser.cookies].map((pair) => pair.join("=")).join("; ");
}
