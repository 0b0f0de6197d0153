/** Two nodes on one database get the same request at the same moment. */
import { freePort } from "../../test/support/postgres.ts";
import { type Answer, type Ask, type Wire, wire } from "./ask.ts";
import { checkRows, mustBeDead } from "./check.ts";
import {
  authorizationAsk,
  beginChain,
  codeIn,
  type Insist,
  insisting,
  introspectAsk,
  isActive,
  redeemAsk,
  refreshAsk,
  revokeAsk,
  tokensIn,
} from "./client.ts";
import type { Drill, DrillRun, Figures, Scale } from "./drill.ts";
import { type Chain, described, type Ledger, newLedger } from "./ledger.ts";
import { startNode } from "./node.ts";
import { config, type Seed, seed } from "./seed.ts";

const ROUNDS = 1000;
const QUICK = 50;
/** Parallel rounds: each with a person and a chain of its own. */
const LANES = 4;
const roundsOf = ({ quick, rounds }: Scale): number => rounds ?? (quick ? QUICK : ROUNDS);

export const twoNodes: Drill = {
  name: "two-nodes",
  title:
    "two nodes on one PostgreSQL race for a code, a refresh token, a revocation; 1,000 times each",
  databases: ["postgres"],
  lines: (scale) => [
    { figure: "rounds", says: "as often as said", at_least: 3 * roundsOf(scale) },
    { figure: "two_tokens", says: "no code gives tokens twice", at_most: 0 },
    { figure: "no_tokens", says: "one of the two gets them", at_most: 0 },
    { figure: "race_alive", says: "and since one was a thief, nothing of it lives on", at_most: 0 },
    { figure: "lost_logins", says: "both refreshes are answered, and go on", at_most: 0 },
    { figure: "other_successor", says: "with the very same successor", at_most: 0 },
    {
      figure: "revoked_alive",
      says: "after a revocation nothing works, on either node",
      at_most: 0,
    },
    { figure: "rows_behind", says: "no acknowledged write is missing", at_most: 0 },
    { figure: "unexpected", says: "no answer but the expected ones", at_most: 0 },
    { figure: "unavailable", says: "nothing is refused for want of the database", at_most: 0 },
  ],
  run,
};

interface Scene {
  seeded: Seed;
  ledger: Ledger;
  insist: Insist;
  nodes: readonly [Wire, Wire];
  cookie: string;
}

async function run({ place, tell, ...scale }: DrillRun): Promise<Figures> {
  const ports = [await freePort(), await freePort()] as const;
  const settings = config(`http://127.0.0.1:${ports[0]}`);
  const seeded = await seed({ database: place.database, config: settings });
  const ledger = newLedger();
  const zeros = ["rounds", "two_tokens", "no_tokens", "race_alive", "other_successor"];
  for (const figure of zeros) ledger.figures[figure] = 0;
  const start = (port: number) => startNode({ place, port, config: settings });
  const running = await Promise.all(ports.map(start));
  const [first, second] = ports.map((port) => wire(`http://127.0.0.1:${port}`));
  if (!first || !second) throw new Error("two nodes are two");
  const insist = insisting(first, ledger, { pause: 20, gaveUp: () => false });
  const scene = { seeded, ledger, insist, nodes: [first, second] as const };
  const lane = async (index: number): Promise<void> => {
    const cookie = seeded.cookies[index] ?? "";
    for (let round = index; round < roundsOf(scale); round += LANES) {
      await codeRace({ ...scene, cookie });
      await refreshRace({ ...scene, cookie });
      await revocationRace({ ...scene, cookie });
      ledger.figures.rounds = (ledger.figures.rounds ?? 0) + 3;
    }
  };
  try {
    await Promise.all(Array.from({ length: LANES }, (_, index) => lane(index)));
    await checkRows(ledger, place);
  } finally {
    first.close();
    second.close();
    await Promise.all(running.map((node) => node.stop()));
  }
  for (const odd of ledger.odd) tell(odd);
  return ledger.figures;
}

/** Sends both requests, in random order. */
async function both({ nodes }: Scene, one: Ask, other: Ask = one): Promise<[Answer, Answer]> {
  const [first, second] = Math.random() < 0.5 ? nodes : [nodes[1], nodes[0]];
  return Promise.all([first.ask(one), second.ask(other)]);
}

async function codeRace(scene: Scene): Promise<void> {
  const { seeded, ledger, insist, cookie } = scene;
  const app = seeded.native;
  const authorized = await insist(authorizationAsk(app, cookie, "openid photos.read"));
  const code = codeIn(authorized.answer) ?? "";
  const answers = await both(scene, redeemAsk(app, code));
  const won = answers.filter(({ status }) => status === 200);
  if (won.length > 1) ledger.count("two_tokens");
  if (won.length === 0) ledger.count("no_tokens", answers.map(described).join(" and "));
  for (const answer of won) {
    const { access_token, refresh_token } = tokensIn(answer);
    for (const node of scene.nodes) {
      const refreshed = await node.ask(refreshAsk(app, refresh_token));
      const looked = await node.ask(introspectAsk(seeded, access_token));
      if (refreshed.status !== 400 || isActive(looked)) ledger.count("race_alive");
    }
  }
}

async function refreshRace(scene: Scene): Promise<void> {
  const { ledger } = scene;
  const chain = await begin(scene);
  if (!chain) return;
  for (let turn = 0; turn < 2; turn += 1) {
    const answers = await both(scene, refreshAsk(chain.app, chain.refresh_token));
    for (const answer of answers)
      if (answer.status !== 200) ledger.count("lost_logins", described(answer));
    const successors = new Set(
      answers.filter(({ status }) => status === 200).map((each) => tokensIn(each).refresh_token),
    );
    if (successors.size !== 1) ledger.count("other_successor");
    for (const refresh_token of successors) Object.assign(chain, { refresh_token });
  }
}

async function revocationRace(scene: Scene): Promise<void> {
  const { seeded, ledger, nodes } = scene;
  const chain = await begin(scene);
  if (!chain) return;
  const { app, refresh_token } = chain;
  const [revoked, refreshed] = await both(
    scene,
    revokeAsk(app, refresh_token),
    refreshAsk(app, refresh_token),
  );
  if (revoked.status !== 200) ledger.count("unexpected", described(revoked));
  chain.revoked = "yes";
  if (refreshed.status === 200) {
    chain.older.push(refresh_token);
    Object.assign(chain, tokensIn(refreshed));
    ledger.count("refreshed_before_revoked");
  }
  for (const node of nodes) {
    const insist = insisting(node, ledger, { pause: 20, gaveUp: () => false });
    await mustBeDead(chain, { seeded, insist, ledger });
  }
}

const begin = ({ seeded, insist, ledger, cookie }: Scene): Promise<Chain | null> =>
  beginChain({ app: seeded.native, cookie }, insist, ledger);
