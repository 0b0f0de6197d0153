/** A copy of an issuer's list of ended access tokens (docs/ended-tokens.md). */
import { NAME_BYTES, namesOf, RACING } from "../../oauth/ended.ts";
import { isJsonObject } from "../../oauth/json.ts";
import { AuthError } from "../errors.ts";
import { type BoundedFetch, readJson } from "../fetch.ts";
import { seconds } from "../kept.ts";
import { binaryOf, sha256 } from "./runtime.ts";

/** Seconds for which the list is asked for again: a name may appear that late. */
const LATE = 60;
/** APIs that ask for rounded times ask for the same addresses, which caches keep. */
const STEP = 10;
const MOST_BYTES = 4_194_304;
const MOST_PAGES = 100;

/** The hashes of a token's names. */
export interface EndedHashes {
  always: string[];
  earlier: string[];
  iat: number;
}

export async function hashesOf(
  claims: Readonly<Record<string, unknown>>,
  kid: string,
): Promise<EndedHashes> {
  const { always, earlier } = namesOf(claims, kid);
  return {
    always: await hashed(always),
    earlier: await hashed(earlier),
    // Without a time, the token is as old as can be.
    iat: typeof claims.iat === "number" ? claims.iat : 0,
  };
}

async function hashed(names: readonly string[]): Promise<string[]> {
  const hashes: string[] = [];
  for (const name of names) {
    const hash = sha256(name);
    hashes.push((typeof hash === "string" ? hash : await hash).slice(0, NAME_BYTES));
  }
  return hashes;
}

export interface EndedNames {
  /** @throws AuthError when the issuer gives no usable answer */
  update(endpoint: string): Promise<void>;
  isEnded(token: EndedHashes): boolean;
}

interface Page {
  now: number;
  window: number;
  after: number;
  ended: unknown[];
  /** Null: the list is complete. */
  next: number | null;
}

export function endedNames(fetch: BoundedFetch): EndedNames {
  /** By hash, when the name ended last. */
  const times = new Map<string, number>();
  /** All that the issuer had listed by its time `now` is known; `at` is the same moment by our clock, or a later one. */
  let known: { now: number; at: number; window: number } | null = null;
  let tag: { url: string; etag: string } | null = null;

  /** Null: nothing is new. */
  async function fetchPage(url: string, first: boolean): Promise<Page | null> {
    const headers = new Headers({ accept: "application/json" });
    if (first && tag?.url === url) headers.set("if-none-match", tag.etag);
    const response = await fetch(url, { headers, most: MOST_BYTES });
    const { status } = response;
    if (status === 304 && first) return null;
    const page = status === 200 ? pageIn(await readJson(response)) : null;
    if (!page)
      throw new AuthError("issuer_unreachable", `${url} answered with status ${status}`, {
        ...{ hint: "try again later", retryable: true, status },
      });
    const etag = response.headers.get("etag");
    // A tag tells nothing about further pages.
    if (first) tag = etag === null || page.next !== null ? null : { url, etag };
    return page;
  }

  return {
    async update(endpoint) {
      const began = seconds();
      let after: number | null = firstOf(known);
      let first: Page | null = null;
      for (let pages = 0; after !== null && pages < MOST_PAGES; pages += 1) {
        const url = `${endpoint}${endpoint.includes("?") ? "&" : "?"}after=${after}`;
        const page = await fetchPage(url, pages === 0);
        if (page) add(page, times);
        first ??= page;
        after = page?.next ?? null;
      }
      if (after !== null) throw endless(endpoint);
      // Only now: a list whose rest did not come is read again from the same second.
      if (first) known = { now: first.now, at: seconds(), window: first.window };
      else if (known) known = { ...known, now: known.now + began - known.at, at: began };
      if (known) forget(times, known.now - known.window - LATE);
    },
    isEnded: ({ always, earlier, iat }) =>
      always.some((hash) => times.has(hash)) ||
      earlier.some((hash) => iat < (times.get(hash) ?? Number.NEGATIVE_INFINITY) + RACING),
  };
}

/** `after` of the next request: a pause of any length leaves no gap. */
function firstOf(known: { now: number } | null): number {
  if (!known) return 0;
  const from = Math.floor(known.now - LATE);
  return Math.max(0, from - (from % STEP));
}

const endless = (endpoint: string): AuthError =>
  new AuthError("issuer_unreachable", `the list at ${endpoint} does not end`, {
    hint: "check valetkey_ended_endpoint in the metadata of the issuer",
    retryable: true,
  });

function pageIn(body: unknown): Page | null {
  if (!isJsonObject(body)) return null;
  const { now, window, after, ended, next } = body;
  if (!isTime(now) || !isTime(window) || !isTime(after) || !Array.isArray(ended)) return null;
  return { now, window, after, ended, next: isTime(next) && next > after ? next : null };
}

const isTime = (value: unknown): value is number => Number.isSafeInteger(value);

function add({ after, ended }: Page, times: Map<string, number>): void {
  for (const second of ended) {
    const [offset, hashes] = Array.isArray(second) ? second : [];
    if (typeof offset !== "number" || typeof hashes !== "string") continue;
    const bytes = binaryOf(hashes);
    for (let i = 0; i + NAME_BYTES <= bytes.length; i += NAME_BYTES) {
      const hash = bytes.slice(i, i + NAME_BYTES);
      times.set(hash, Math.max(after + offset, times.get(hash) ?? 0));
    }
  }
}

function forget(times: Map<string, number>, before: number): void {
  for (const [hash, ended_at] of times) if (ended_at < before) times.delete(hash);
}
