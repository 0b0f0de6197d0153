/**
 * Documents that others publish: keys of clients, metadata of clients. They are cached by the rules of HTTP within
 * bounds, and one document is fetched by one request at a time.
 */
import type { FetchedDocuments, Outbound, OutboundResponse, Server } from "../context.ts";
import { tokenBuckets } from "../http/token_bucket.ts";
import { type Freshness, freshFor } from "./freshness.ts";

/** Bytes of all documents of a cache. The longest unused ones are forgotten. */
const MOST_BYTES = 16_777_216;
/** Bytes that an entry takes beside its document. */
const SCAFFOLD = 1024;

/** A document that can't be used. The message is for the log only, since strangers choose the addresses. */
export class BadDocument extends Error {
  override readonly name = "BadDocument";
}

export interface DocumentRules<T> extends Freshness {
  /** @throws Error for a response that is no such document */
  read(response: OutboundResponse, url: string): T;
  /** The header `Accept`. */
  accept: string;
  most_bytes: number;
  /** Seconds between two requests for one address, where a newer document is asked for. */
  pace: number;
  /** Whether the pace holds after a failure too. */
  remembers_errors: boolean;
  /** Requests in a minute, and under way, for all addresses together. */
  a_minute: number;
  at_once: number;
  /** Seconds for which the last document is used while its address gives no other. */
  outlives: number;
}

interface Entry<T> {
  /** The last good document. */
  held: { value: T; fetched_at: number; fresh_until: number } | null;
  /** Why the last request failed. */
  error: unknown;
  asked_at: number;
  bytes: number;
}

/** @param server its clock is in milliseconds */
export function documentCache<T>(
  rules: DocumentRules<T>,
  { outbound, clock, log }: Pick<Server, "outbound" | "clock" | "log">,
): FetchedDocuments<T> {
  const entries = boundedEntries<Entry<T>>();
  const under_way = new Map<string, Promise<T>>();
  const budget = tokenBuckets({ limit: rules.a_minute, window: 60 });
  const seconds = () => clock() / 1000;

  async function request(url: string): Promise<T> {
    const asked_at = seconds();
    try {
      if (under_way.size >= rules.at_once || !budget.take("", clock()).allowed)
        throw new BadDocument("too many documents of this kind are asked for");
      const response = await requestDocument(url, rules, outbound);
      const value = rules.read(response, url);
      const fetched_at = seconds();
      const fresh_until = fetched_at + freshFor(response, rules, fetched_at);
      const held = { value, fetched_at, fresh_until };
      entries.keep(url, { held, error: null, asked_at, bytes: response.body.length + SCAFFOLD });
      return value;
    } catch (error) {
      const last = entries.get(url) ?? { held: null, bytes: SCAFFOLD };
      // Requests in progress go on with the last document, whoever has asked for a newer one.
      entries.keep(url, { ...last, error, asked_at });
      const held = usable(last);
      if (!held) throw error;
      const seconds_old = seconds() - held.fetched_at;
      log.warn("document not renewed", { url, why: reasonOf(error), seconds_old });
      return held.value;
    }
  }

  function requestOnce(url: string): Promise<T> {
    const running = under_way.get(url) ?? request(url).finally(() => under_way.delete(url));
    under_way.set(url, running);
    return running;
  }

  /** The last document, while it may be used in place of a newer one. */
  const usable = ({ held }: Pick<Entry<T>, "held">): Entry<T>["held"] =>
    held && held.fetched_at + rules.outlives > seconds() ? held : null;
  const isTooSoon = ({ asked_at }: Entry<T>, pace = rules.pace): boolean =>
    asked_at + pace > seconds();
  return {
    async get(url) {
      const entry = entries.get(url);
      if (!entry) return requestOnce(url);
      entries.keep(url, entry);
      if (entry.held && entry.held.fresh_until > seconds()) return entry.held.value;
      const last = usable(entry);
      if (entry.error === null) return requestOnce(url);
      // The address fails. Nobody waits for it who can go on with the last document.
      if (last) {
        if (!isTooSoon(entry)) requestOnce(url).catch(() => {});
        return last.value;
      }
      if (rules.remembers_errors && isTooSoon(entry)) throw entry.error;
      return requestOnce(url);
    },

    async renewed(url, pace) {
      const entry = entries.get(url);
      if (!entry || !isTooSoon(entry, pace) || under_way.has(url)) return requestOnce(url);
      const last = entry.error === null ? entry.held : usable(entry);
      if (last) return last.value;
      throw entry.error;
    },

    held: (url) => entries.get(url)?.held?.value ?? null,
  };
}

async function requestDocument(
  url: string,
  { accept, most_bytes }: Pick<DocumentRules<unknown>, "accept" | "most_bytes">,
  outbound: Outbound,
): Promise<OutboundResponse> {
  const response = await outbound.request(url, { headers: { accept }, most_bytes });
  if (response.status !== 200) throw new BadDocument(`the answer is ${response.status}`);
  return response;
}

/** Why there is no document, for the log. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** Entries by address, in bounded memory. */
function boundedEntries<E extends { bytes: number }>() {
  /** The longest unused first. */
  const entries = new Map<string, E>();
  let bytes = 0;
  return {
    get: (url: string): E | undefined => entries.get(url),
    keep(url: string, entry: E): void {
      bytes += entry.bytes - (entries.get(url)?.bytes ?? 0);
      entries.delete(url);
      entries.set(url, entry);
      for (const [oldest, { bytes: freed }] of entries) {
        if (bytes <= MOST_BYTES) break;
        entries.delete(oldest);
        bytes -= freed;
      }
    },
  };
}
