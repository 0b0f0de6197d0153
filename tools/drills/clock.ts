/** The clock of a server's machine is set forward and back, by minutes and by an hour. */
import { setTimeout as sleep } from "node:timers/promises";
import { decodeJwt } from "jose";
import { freePort } from "../../test/support/postgres.ts";
import { wire } from "./ask.ts";
import { checkRows, checkTokens } from "./check.ts";
import {
  authorizationAsk,
  beginChain,
  codeIn,
  type Insist,
  insisting,
  redeemAsk,
  refreshAsk,
  serviceAsk,
  tokensIn,
} from "./client.ts";
import { type Drill, type DrillRun, type Figures, HONEST } from "./drill.ts";
import { described, type Ledger, newLedger } from "./ledger.ts";
import { startLoad } from "./load.ts";
import { type RunningNode, startNode } from "./node.ts";
import type { Place } from "./place.ts";
import { config, type Seed, seed } from "./seed.ts";

const MINUTE = 60_000;
/** Offsets from the right time, in sequence. */
const STEPS = [60 * MINUTE, 0, -60 * MINUTE, 0, -5 * MINUTE, 0];
/** Seconds under load after each step. */
const STAY = 5;
const QUICK = 1.5;
/** Seconds: short, so that a drill can wait for the end of a code, but for a token longer than the longest step. */
const LIFETIMES = { authorization_code: 3, access_token: 7200 };
/** Seconds of tolerance for `iat`: it is rounded down, and the answer takes time to arrive. */
const SLACK = 2;

export const clock: Drill = {
  name: "clock",
  title: "the clock of the machine is set by +1 h, -1 h and -5 min, and back, under load",
  databases: ["sqlite", "postgres"],
  lines: (_, kind) => [
    { figure: "steps", says: "as often as said", at_least: STEPS.length },
    ...HONEST.filter(({ figure }) => figure !== "codes_expired"),
    {
      figure: "leaks",
      says:
        kind === "sqlite"
          ? "nothing is taken for a leak but an answer lost right before a step forward"
          : "nothing honest is taken for a leak",
      at_most: 0,
    },
    { figure: "unavailable", says: "nothing is refused for it", at_most: 0 },
    {
      figure: "codes_expired",
      says: kind === "sqlite" ? "at most those under way at a step" : "no code is cut short",
      at_most: kind === "sqlite" ? STEPS.length * 8 : 0,
    },
    ...(kind === "postgres" ? BY_THE_DATABASE : []),
  ],
  run,
};

/** Only on PostgreSQL, whose time counts: on SQLite the machine's clock is the only one. */
const BY_THE_DATABASE = [
  { figure: "replay_refused", says: "a lost answer is given again across a step", at_most: 0 },
  { figure: "code_outlived", says: "no code lives longer than its lifetime", at_most: 0 },
  { figure: "far_token", says: "no token is made for another time", at_most: 0 },
];

interface Scene {
  seeded: Seed;
  ledger: Ledger;
  insist: Insist;
  node: RunningNode;
}

async function run({ place, quick, seconds, tell }: DrillRun): Promise<Figures> {
  const stay = seconds ?? (quick ? QUICK : STAY);
  const port = await freePort();
  const settings = config(`http://127.0.0.1:${port}`, { lifetimes: LIFETIMES });
  const seeded = await seed({ database: place.database, config: settings });
  const ledger = newLedger();
  const zeros = ["steps", "replay_refused", "code_outlived", "far_token"];
  for (const figure of zeros) ledger.figures[figure] = 0;
  const preload = [new URL("clock_preload.ts", import.meta.url).href];
  const node = await startNode({ place, port, config: settings, preload });
  const line = wire(seeded.origin);
  const insist = insisting(line, ledger, { pause: 20, gaveUp: () => false });
  const scene = { seeded, ledger, insist, node };
  const load = startLoad(seeded, { ledger, think: 5 });
  try {
    await sleep(1000);
    for (const to of STEPS) {
      await stepTo(to, scene);
      tell(`clock ${to / MINUTE} min off`);
      await sleep(stay * 1000);
      ledger.count("steps");
    }
    await load.stop();
    await checkRows(ledger, place);
    // Other drills replay codes at their end. Here that would count as leaks.
    const taken = await leaks(place);
    // The steps cause this on purpose; on PostgreSQL a line of its own demands that it works.
    ledger.figures.leaks =
      taken - (place.kind === "sqlite" ? Number(ledger.figures.replay_refused) : 0);
    await checkTokens(ledger, seeded);
  } finally {
    line.close();
    await load.stop();
    await node.stop();
  }
  for (const odd of [...ledger.odd, ...node.troubles.slice(0, 3)]) tell(odd);
  return ledger.figures;
}

/** Sets the clock while requests are in progress. */
async function stepTo(to: number, scene: Scene): Promise<void> {
  const { seeded, ledger, insist, node } = scene;
  const [cookie = ""] = seeded.cookies;
  const chain = await beginChain({ app: seeded.native, cookie }, insist, ledger);
  const before = chain && (await insist(refreshAsk(chain.app, chain.refresh_token)));
  const authorized = await insist(authorizationAsk(seeded.native, cookie, "openid"));
  const code = codeIn(authorized.answer) ?? "";

  node.child.send({ clock_ms: to });
  await sleep(50);
  if (chain && before) {
    // The earlier answer was lost: the app repeats the request with the same token.
    const again = await insist(refreshAsk(chain.app, chain.refresh_token));
    const same = again.answer.status === 200 && sameSuccessor(before.answer, again.answer);
    if (!same) ledger.count("replay_refused", described(again.answer));
    // The chain ends here in any case.
    ledger.chains.splice(ledger.chains.indexOf(chain), 1);
  }
  const { answer } = await insist(serviceAsk(seeded));
  const { iat = 0, exp = 0 } = decodeJwt(tokensIn(answer).access_token);
  const now = Date.now() / 1000;
  if (Math.abs(iat - now) > SLACK || exp - now > LIFETIMES.access_token + SLACK)
    ledger.count("far_token");
  await sleep((LIFETIMES.authorization_code + 1) * 1000);
  const late = await insist(redeemAsk(seeded.native, code));
  if (late.answer.status === 200) ledger.count("code_outlived");
}

const sameSuccessor = (...answers: Parameters<typeof tokensIn>[0][]): boolean =>
  new Set(answers.map((answer) => tokensIn(answer).refresh_token)).size === 1;

/** Events are written within a second. */
async function leaks(place: Place): Promise<number> {
  await sleep(1500);
  let count = 0;
  for (const table of ["person_event", "directory_event"]) {
    const [row] = await place.read(
      `SELECT count(*) AS count FROM ${table} WHERE event IN ('code_reused', 'refresh_token_reused')`,
    );
    count += Number(row?.count);
  }
  return count;
}
