/** Compares the answers that clients got with the state of the server. */
import { parseHandle } from "../../src/tokens/handle.ts";
import { wire } from "./ask.ts";
import {
  type Insist,
  insisting,
  introspectAsk,
  isActive,
  redeemAsk,
  refreshAsk,
  refreshChain,
} from "./client.ts";
import { type Chain, described, type Ledger } from "./ledger.ts";
import type { Place } from "./place.ts";
import type { Seed } from "./seed.ts";

/** Parameters of one statement at most. */
const MOST = 300;
/** Concurrent requests. */
const LANES = 8;
/** Codes that are replayed at the end, which ends their grants. */
const REPLAYED = 300;

interface Expected {
  chain: Chain;
  generation: number;
  revoked: boolean;
}

/** Checks the rows of all chains that got a new answer. The load may go on: rows only move forward. */
export async function checkRows(ledger: Ledger, place: Place): Promise<void> {
  const expected = new Map<string, Expected>();
  for (const chain of ledger.chains) {
    if (!chain.touched) continue;
    chain.touched = false;
    const handle = parseHandle(chain.refresh_token);
    if (!handle) ledger.count("unexpected", "a refresh token that is none");
    else {
      const { grant_id, generation } = handle;
      expected.set(grant_id, { chain, generation, revoked: chain.revoked === "yes" });
    }
  }
  const ids = [...expected.keys()];
  for (let i = 0; i < ids.length; i += MOST) {
    const some = ids.slice(i, i + MOST);
    const rows = await place.read(
      `SELECT grant_id, generation, revoked_at FROM authorization_grant
       WHERE grant_id IN (${some.map(() => "?").join(", ")})`,
      some,
    );
    const found = new Map(rows.map((row) => [String(row.grant_id), row]));
    for (const id of some) {
      const row = found.get(id);
      const { generation = 0, revoked = false } = expected.get(id) ?? {};
      const kept = row && Number(row.generation) >= generation;
      if (!kept) ledger.count("rows_behind", `${id}: ${row?.generation} and not ${generation}`);
      if (revoked && row?.revoked_at === null) ledger.count("revoked_alive", id);
    }
  }
}

/** Uses every token once more. No load may be running. */
export async function checkTokens(ledger: Ledger, seeded: Seed): Promise<void> {
  const line = wire(seeded.origin);
  const end = performance.now() + 60_000;
  const gaveUp = (): boolean => performance.now() > end;
  const insist = insisting(line, ledger, { pause: 50, gaveUp });
  const live = ledger.chains.filter(({ revoked }) => revoked === "no");
  const revoked = ledger.chains.filter((chain) => chain.revoked === "yes");
  ledger.figures.live_at_the_end = live.length;
  ledger.figures.revoked_at_the_end = revoked.length;
  await each(live, async (chain) => {
    await refreshChain(chain, insist, ledger);
  });
  await each(revoked, (chain) => mustBeDead(chain, { seeded, insist, ledger }));
  await each(live.slice(-REPLAYED), async (chain) => {
    if (chain.revoked === "no") await replay(chain, { seeded, insist, ledger });
  });
  line.close();
}

interface Checking {
  seeded: Seed;
  insist: Insist;
  ledger: Ledger;
}

export async function mustBeDead(
  chain: Chain,
  { seeded, insist, ledger }: Checking,
): Promise<void> {
  for (const token of [chain.refresh_token, ...chain.older.slice(-1)]) {
    const { answer } = await insist(refreshAsk(chain.app, token));
    if (answer.status !== 400) ledger.count("revoked_alive", `refresh: ${described(answer)}`);
  }
  const { answer } = await insist(introspectAsk(seeded, chain.access_token));
  if (isActive(answer)) ledger.count("revoked_alive", "its access token is active");
}

/** Replays a redeemed code: it has to be refused, and its tokens have to end. */
async function replay(chain: Chain, checking: Checking): Promise<void> {
  const { answer } = await checking.insist(redeemAsk(chain.app, chain.code));
  if (answer.status === 200) checking.ledger.count("redeemed_twice", described(answer));
  else await mustBeDead(chain, checking);
}

async function each(
  chains: readonly Chain[],
  work: (chain: Chain) => Promise<void>,
): Promise<void> {
  const rest = chains.values();
  const lane = async (): Promise<void> => {
    for (const chain of rest) await work(chain);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}
