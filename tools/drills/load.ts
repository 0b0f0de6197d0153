/** Mixed load: each actor is one person with one app, who does one thing after the other. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, type Ask, type Wire, wire } from "./ask.ts";
import {
  beginChain,
  GaveUp,
  type Insist,
  insisting,
  introspectAsk,
  isActive,
  refreshChain,
  revokeChain,
  serviceAsk,
} from "./client.ts";
import { type Chain, described, type Ledger } from "./ledger.ts";
import type { Seed } from "./seed.ts";

export interface LoadOptions {
  ledger: Ledger;
  actors?: number;
  /** Milliseconds before an unanswered request is repeated. */
  pause?: number;
  /** Milliseconds between two things that an actor does. */
  think?: number;
  /** False: a new connection for each request, so that a proxy distributes them. */
  keep_alive?: boolean;
  /** Milliseconds for requests in progress at the end. */
  patience?: number;
}

export interface Load {
  /** Each actor finishes its present step; throws nothing. */
  stop(): Promise<void>;
}

/** Percentages; the rest are refreshes. */
const SHARES = { revoke: 5, leave: 3, service: 12, introspect: 15 };

export function startLoad(seeded: Seed, options: LoadOptions): Load {
  const { ledger, actors = 8, pause = 30, think = 0, patience = 30_000 } = options;
  const line = wire(seeded.origin, { keep_alive: options.keep_alive ?? true });
  let stopping_since: number | null = null;
  const gaveUp = (): boolean =>
    stopping_since !== null && performance.now() - stopping_since > patience;
  const insist = insisting(line, ledger, { pause, gaveUp });
  const work = async (index: number): Promise<void> => {
    let chain: Chain | null = null;
    while (stopping_since === null) {
      chain = await step(chain, { index, seeded, insist, ledger });
      if (think > 0) await sleep(think * (0.5 + Math.random()));
    }
  };
  const done = Array.from({ length: actors }, (_, index) =>
    work(index).catch((error: unknown) => {
      const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
      ledger.count(error instanceof GaveUp ? "gave_up" : "unexpected", `an actor ended: ${why}`);
    }),
  );
  return {
    async stop() {
      stopping_since ??= performance.now();
      await Promise.all(done);
      line.close();
    },
  };
}

interface Step {
  index: number;
  seeded: Seed;
  insist: Insist;
  ledger: Ledger;
}

/** Does one step. @returns the chain that the actor goes on with */
async function step(
  chain: Chain | null,
  { index, seeded, insist, ledger }: Step,
): Promise<Chain | null> {
  if (chain === null) {
    const cookie = seeded.cookies[index % seeded.cookies.length] ?? "";
    const app = index % 3 === 2 ? seeded.web : seeded.native;
    const scope = index % 2 === 0 ? "openid photos.read" : "openid photos.read offline_access";
    return beginChain({ app, cookie, scope }, insist, ledger);
  }
  let dice = Math.random() * 100;
  const falls = (share: number): boolean => {
    dice -= share;
    return dice < 0;
  };
  if (falls(SHARES.revoke)) {
    await revokeChain(chain, insist, ledger);
    return null;
  }
  // The device is not used for a while, and its login has to hold.
  if (falls(SHARES.leave)) return null;
  if (falls(SHARES.service)) {
    const { answer } = await insist(serviceAsk(seeded));
    if (answer.status !== 200) ledger.count("unexpected", `service: ${described(answer)}`);
    return chain;
  }
  if (falls(SHARES.introspect)) {
    const { answer } = await insist(introspectAsk(seeded, chain.access_token));
    if (!isActive(answer)) ledger.count("unexpected", `introspect: ${described(answer)}`);
    return chain;
  }
  return (await refreshChain(chain, insist, ledger)) ? chain : null;
}

/** A request that has to be answered during the fault, and the check of its answer. */
export interface SteadyAsk {
  ask: Ask;
  isRight(answer: Answer): boolean;
}

const isOk = ({ status }: Answer): boolean => status === 200;

/** These need no database. */
export const STATELESS = (seeded: Seed): SteadyAsk[] => [
  { ask: serviceAsk(seeded), isRight: isOk },
  { ask: { path: "/jwks" }, isRight: isOk },
  { ask: { path: "/.well-known/openid-configuration" }, isRight: isOk },
  { ask: { path: "/healthz" }, isRight: isOk },
];

/** Sends these requests all the time, in sequence, without repeating them. */
export function startSteady(asks: readonly SteadyAsk[], ledger: Ledger, line: Wire): Load {
  let stopped = false;
  Object.assign(ledger.figures, { steady: 0, steady_failed: 0, steady_longest_ms: 0 });
  const work = async (): Promise<void> => {
    for (let turn = 0; !stopped; turn += 1) {
      const next = asks[turn % asks.length];
      if (!next) return;
      const began = performance.now();
      const answer = await line.ask(next.ask).catch(() => null);
      ledger.most("steady_longest_ms", performance.now() - began);
      ledger.count("steady");
      if (!answer || !next.isRight(answer))
        ledger.count(
          "steady_failed",
          `${next.ask.path}: ${answer ? described(answer) : "no answer"}`,
        );
      await sleep(20);
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
