/**
 * The ended access tokens in the memory of a node. The database is looked at when somebody asks, twice a second at most,
 * and only seconds with news are read.
 */
import { sha256 } from "../crypto/hash.ts";
import { NAME_BYTES } from "../oauth/ended.ts";
import {
  END_KINDS,
  type EndedList,
  type EndedName,
  type EndedTokens,
  type EndKind,
} from "../store/ended_tokens.ts";
import type { Store } from "../store/store.ts";

/** Milliseconds between two looks at the database. */
const LOOK_EVERY = 500;
/** Seconds after which nothing is listed any more under an earlier time: a transaction ends sooner. */
const LATE = 60;
/** Names that one statement reads. */
const BATCH = 5000;
/** Names of one answer, which then goes on to the end of its second. */
const MOST_NAMES = 50_000;
/** The start of the window moves in steps, so that it is the same address for a while. */
const STEP = 10;
/** Lists that are kept for further requests, by their number and their characters: anybody may ask for any second. */
const MOST_LISTS = 1000;
const MOST_KEPT = 16_777_216;

type Source = Pick<Store, "countEnded" | "listEnded">;
type Times = Parameters<EndedTokens["since"]>[1];

/** @param elapsed_ms a steady clock, in milliseconds */
export function endedTokens(store: Source, elapsed_ms: () => number): EndedTokens {
  const memory = endedMemory(store);
  const lists = new Map<number, EndedList>();
  let kept = 0;
  let looked_at = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | null = null;

  async function look(times: Times): Promise<void> {
    const began = elapsed_ms();
    if (await memory.look(times)) forget();
    looked_at = began;
  }

  function forget(): void {
    lists.clear();
    kept = 0;
  }

  return {
    async since(given, times) {
      if (elapsed_ms() - looked_at >= LOOK_EVERY) {
        looking ??= look(times).finally(() => {
          looking = null;
        });
        await looking;
      }
      const { now, window } = times;
      const first = now - window - ((now - window) % STEP);
      const after = Math.min(Math.max(given, first), now);
      const known = lists.get(after);
      if (known) return known;
      const list = listOf(memory.seconds(), after);
      if (lists.size >= MOST_LISTS || kept + list.ended.length > MOST_KEPT) forget();
      lists.set(after, list);
      kept += list.ended.length;
      return list;
    },
  };
}

interface Second {
  ended_at: number;
  /** The number of its names. */
  count: number;
  /** Their hashes in one text. */
  hashes: string;
}

function listOf(seconds: readonly Second[], after: number): EndedList {
  const parts: string[] = [];
  let names = 0;
  let next: number | null = null;
  for (const { ended_at, count, hashes } of seconds) {
    if (ended_at < after) continue;
    if (names >= MOST_NAMES) {
      next = ended_at;
      break;
    }
    names += count;
    parts.push(`[${ended_at - after},"${hashes}"]`);
  }
  const ended = `[${parts.join(",")}]`;
  return { after, ended, next, etag: `"${sha256(`${after} ${next} ${ended}`).slice(0, 16)}"` };
}

function endedMemory(store: Source) {
  /** By second, the hashes of all names of the kind. */
  const known: Readonly<Record<EndKind, Map<number, Buffer>>> = {
    person: new Map(),
    directory: new Map(),
  };
  let seconds: Second[] = [];
  /** The time of the last look, and the first second that all looks together cover. */
  let seen = Number.NEGATIVE_INFINITY;
  let covered = Number.POSITIVE_INFINITY;

  async function read(kind: EndKind, from: number, to: number): Promise<void> {
    const found = new Map<number, Buffer[]>();
    let after: EndedName | undefined;
    for (let full = true; full; ) {
      const names = await store.listEnded({ kind, from, to }, { after, limit: BATCH });
      for (const { ended_at, name } of names) {
        const hash = Buffer.from(sha256(name), "base64url").subarray(0, NAME_BYTES);
        const others = found.get(ended_at);
        if (others) others.push(hash);
        else found.set(ended_at, [hash]);
      }
      after = names.at(-1);
      full = names.length === BATCH;
    }
    for (const [ended_at, hashes] of found) known[kind].set(ended_at, Buffer.concat(hashes));
  }

  /** @returns whether anything is new */
  async function look({ now, window }: Times): Promise<boolean> {
    const start = now - window - STEP;
    // The window is longer where tokens with a longer life came into use.
    const since = start < covered ? start : Math.max(start, seen - LATE);
    const counted = await store.countEnded(since);
    let has_news = false;
    for (const kind of END_KINDS) {
      const changed = counted.filter(
        (each) =>
          each.kind === kind && known[kind].get(each.ended_at)?.length !== each.count * NAME_BYTES,
      );
      const times = changed.map(({ ended_at }) => ended_at);
      if (times.length === 0) continue;
      has_news = true;
      await read(kind, Math.min(...times), Math.max(...times));
    }
    if (has_news) seconds = together(known, start);
    seen = now;
    covered = Math.min(covered, start);
    return has_news;
  }

  return { look, seconds: (): readonly Second[] => seconds };
}

/** Forgets seconds before `start`. */
function together(known: Readonly<Record<EndKind, Map<number, Buffer>>>, start: number): Second[] {
  const all = new Map<number, Buffer[]>();
  for (const of_kind of Object.values(known))
    for (const [ended_at, hashes] of of_kind)
      if (ended_at < start) of_kind.delete(ended_at);
      else all.set(ended_at, [...(all.get(ended_at) ?? []), hashes]);
  return [...all]
    .sort(([one], [other]) => one - other)
    .map(([ended_at, parts]) => {
      const hashes = Buffer.concat(parts);
      const count = hashes.length / NAME_BYTES;
      return { ended_at, count, hashes: hashes.toString("base64url") };
    });
}
