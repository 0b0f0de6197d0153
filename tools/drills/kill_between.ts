/** Kills the process after the write is committed, and before the answer is sent or has arrived. */
import { parseHandle } from "../../src/tokens/handle.ts";
import { freePort } from "../../test/support/postgres.ts";
import { type Ask, type Wire, wire } from "./ask.ts";
import { mustBeDead } from "./check.ts";
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
  type Tokens,
  tokensIn,
} from "./client.ts";
import type { Drill, DrillRun, Figures } from "./drill.ts";
import { described, type Ledger, newLedger } from "./ledger.ts";
import { type RunningNode, startNode } from "./node.ts";
import type { Place } from "./place.ts";
import { startProxy, type Wiretap } from "./proxy.ts";
import { config, type Seed, seed } from "./seed.ts";

const ROUNDS = 50;
const QUICK = 4;

export const killBetween: Drill = {
  name: "kill-between",
  title: "kill -9 exactly between the commit and the answer: code, refresh, revocation",
  databases: ["sqlite", "postgres"],
  lines: ({ quick, rounds }) => [
    {
      figure: "hits",
      says: "killed with the write done",
      at_least: 3 * (rounds ?? (quick ? QUICK : ROUNDS)),
    },
    { figure: "misses", says: "each kill came after the commit", at_most: 0 },
    { figure: "lost_logins", says: "the same refresh token works again", at_most: 0 },
    { figure: "other_successor", says: "and gets the very same successor", at_most: 0 },
    { figure: "code_again", says: "the code gives no tokens any more", at_most: 0 },
    { figure: "code_alive", says: "asked again, nothing that nobody has is alive", at_most: 0 },
    { figure: "begin_failed", says: "the person begins anew without signing in", at_most: 0 },
    { figure: "revoked_alive", says: "a revocation holds though its answer was lost", at_most: 0 },
  ],
  run,
};

interface Scene {
  place: Place;
  seeded: Seed;
  ledger: Ledger;
  insist: Insist;
  /** Sends a request whose answer is caught with the process killed. @returns the text of the answer, if it was seen */
  killAfter(ask: Ask): Promise<string>;
}

async function run({ place, quick, rounds, tell }: DrillRun): Promise<Figures> {
  const total = rounds ?? (quick ? QUICK : ROUNDS);
  const ledger = newLedger();
  const zeros = ["hits", "misses", "other_successor", "code_again", "code_alive", "begin_failed"];
  for (const figure of zeros) ledger.figures[figure] = 0;
  await using scene = await prepare(place, ledger);
  for (let round = 0; round < total; round += 1) {
    await killedAtRefresh(scene);
    await killedAtCode(scene);
    await killedAtRevocation(scene);
  }
  for (const line of ledger.odd) tell(line);
  return ledger.figures;
}

/**
 * On PostgreSQL the connection to the database is cut when it confirms the write, so that the server never learns of
 * it. On SQLite the answer of the server is caught, which it sends after the commit.
 */
async function prepare(place: Place, ledger: Ledger): Promise<Scene & AsyncDisposable> {
  const port = await freePort();
  const settings = config(`http://127.0.0.1:${port}`);
  const seeded = await seed({ database: place.database, config: settings });
  const at_database = place.kind === "postgres";
  const behind = at_database ? Number(new URL(place.database).port) : port;
  const proxy = await startProxy({ targets: () => [behind] });
  const database = at_database
    ? Object.assign(new URL(place.database), { port: String(proxy.port) }).href
    : place.database;
  const start = () => startNode({ place: { ...place, database }, port, config: settings });
  let node = await start();
  const line = wire(seeded.origin);
  const caught = wire(at_database ? seeded.origin : `http://127.0.0.1:${proxy.port}`, {
    keep_alive: false,
  });
  const insist = insisting(line, ledger, { pause: 20, gaveUp: () => false });
  return {
    place,
    seeded,
    ledger,
    insist,
    async killAfter(ask) {
      const seen = at_database
        ? await killAt({ proxy, node, caught, ask, isDone: isCommitted })
        : await killAt({ proxy, node, caught, ask, isDone: () => true });
      node = await start();
      return at_database ? "" : seen;
    },
    async [Symbol.asyncDispose]() {
      line.close();
      await node.stop();
      await proxy.close();
    },
  };
}

/** The messages of PostgreSQL: one row was changed, and the transaction is committed. */
const isCommitted = (chunk: Buffer): boolean =>
  chunk.includes("UPDATE 1\0") && chunk.includes(Buffer.from("Z\0\0\0\x05I", "latin1"));

interface Kill {
  proxy: Wiretap;
  node: RunningNode;
  caught: Wire;
  ask: Ask;
  isDone(chunk: Buffer): boolean;
}

async function killAt({ proxy, node, caught, ask, isDone }: Kill): Promise<string> {
  let seen = "";
  let killed: Promise<void> = Promise.resolve();
  proxy.tap = (chunk) => {
    if (!isDone(chunk)) return true;
    if (seen === "") killed = node.kill();
    seen += chunk.toString("latin1");
    return false;
  };
  // The client sees its connection end.
  node.child.once("exit", () => proxy.cut());
  await caught.ask(ask).catch(() => null);
  await killed;
  proxy.tap = null;
  if (node.isUp()) await node.kill();
  return seen;
}

async function killedAtRefresh(scene: Scene): Promise<void> {
  const { seeded, ledger, insist } = scene;
  const chain = await begin(scene, seeded.native);
  if (!chain) return;
  const ask = refreshAsk(chain.app, chain.refresh_token);
  const seen = await scene.killAfter(ask);
  await mustBeCommitted(scene, chain.refresh_token, ({ generation }, was) => generation > was);
  const answers = [await insist(ask), await insist(ask)];
  const tokens: Tokens[] = [];
  for (const { answer } of answers) {
    if (answer.status === 200) tokens.push(tokensIn(answer));
    else ledger.count("lost_logins", described(answer));
  }
  const successors = new Set(tokens.map(({ refresh_token }) => refresh_token));
  if (successors.size !== 1) ledger.count("other_successor");
  for (const successor of successors) {
    if (seen !== "" && !seen.includes(successor)) ledger.count("other_successor", "not as caught");
    const { answer } = await insist(refreshAsk(chain.app, successor));
    if (answer.status !== 200) ledger.count("lost_logins", `successor: ${described(answer)}`);
  }
}

async function killedAtCode(scene: Scene): Promise<void> {
  const { seeded, ledger, insist, place } = scene;
  const [cookie = ""] = seeded.cookies;
  const app = seeded.native;
  const { answer } = await insist(authorizationAsk(app, cookie, "openid photos.read"));
  const code = codeIn(answer) ?? "";
  const seen = await scene.killAfter(redeemAsk(app, code));
  await mustBeCommitted(scene, code, ({ generation }) => generation === 1);
  const again = await insist(redeemAsk(app, code));
  if (again.answer.status !== 400) ledger.count("code_again", described(again.answer));
  const id = parseHandle(code)?.grant_id ?? "";
  const [row] = await place.read("SELECT revoked_at FROM authorization_grant WHERE grant_id = ?", [
    id,
  ]);
  if (!row || row.revoked_at === null) ledger.count("code_alive", "the grant is not revoked");
  const [, refresh_token] = /"refresh_token":"([^"]+)"/.exec(seen) ?? [];
  const [, access_token] = /"access_token":"([^"]+)"/.exec(seen) ?? [];
  if (refresh_token !== undefined && access_token !== undefined) {
    const refreshed = await insist(refreshAsk(app, refresh_token));
    const looked = await insist(introspectAsk(seeded, access_token));
    if (refreshed.answer.status === 200 || isActive(looked.answer)) ledger.count("code_alive");
  }
  if (!(await begin(scene, app))) ledger.count("begin_failed");
}

async function killedAtRevocation(scene: Scene): Promise<void> {
  const chain = await begin(scene, scene.seeded.web);
  if (!chain) return;
  await scene.killAfter(revokeAsk(chain.app, chain.refresh_token));
  await mustBeCommitted(scene, chain.refresh_token, ({ revoked }) => revoked);
  await mustBeDead(chain, scene);
}

const begin = ({ seeded, insist, ledger }: Scene, app: Seed["native"]) =>
  beginChain({ app, cookie: seeded.cookies[1] ?? "" }, insist, ledger);

/** Checks the moment of the kill: at another moment the drill would prove nothing. */
async function mustBeCommitted(
  { place, ledger }: Scene,
  token: string,
  holds: (row: { generation: number; revoked: boolean }, was: number) => boolean,
): Promise<void> {
  const handle = parseHandle(token);
  const [row] = await place.read(
    "SELECT generation, revoked_at FROM authorization_grant WHERE grant_id = ?",
    [handle?.grant_id ?? ""],
  );
  const found = { generation: Number(row?.generation), revoked: row?.revoked_at !== null };
  ledger.count(row && handle && holds(found, handle.generation) ? "hits" : "misses");
}
