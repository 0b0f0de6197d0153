/**
 * Documents that others publish: keys of clients, metadata of clients. They are cached by the rules of HTTP within
 * bounds, and one document is fetched by one request at a time.
 */
import type {
  Asking,
  FetchedDocuments,
  Outbound,
  OutboundPurpose,
  OutboundResponse,
  Server,
} from "../context.ts";
import { OutboundError } from "../http/outbound.ts";
import { RateLimited } from "../http/rate_limit.ts";
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
  /** Of the requests, unless one is asked for with another. */
  purpose: OutboundPurpose;
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
  const seconds = () => clock() / 1000;

  async function request(url: string, { before, purpose = rules.purpose }: Asking): Promise<T> {
    const asked_at = seconds();
    try {
      before?.();
      const response = await requestDocument(url, { ...rules, purpose }, outbound);
      const value = rules.read(response, url);
      const fetched_at = seconds();
      const fresh_until = fetched_at + freshFor(response, rules, fetched_at);
      const held = { value, fetched_at, fresh_until };
      entries.keep(url, { held, error: null, asked_at, bytes: response.body.length + SCAFFOLD });
      return value;
    } catch (error) {
      const last = entries.get(url) ?? { held: null, bytes: SCAFFOLD };
      // Requests in progress go on with the last document, whoever has asked for a newer one.
      // Addresses that are never asked would drive the documents out.
      if (wasSent(error)) entries.keep(url, { ...last, error, asked_at });
      const held = usable(last);
      if (!held) throw error;
      const seconds_old = seconds() - held.fetched_at;
      log.warn("document not renewed", { url, why: reasonOf(error), seconds_old });
      return held.value;
    }
  }

  function requestOnce(url: string, asking: Asking): Promise<T> {
    const running = under_way.get(url) ?? request(url, asking).finally(() => under_way.delete(url));
    under_way.set(url, running);
    return running;
  }

  /** The last document, while it may be used in place of a newer one. */
  const usable = ({ held }: Pick<Entry<T>, "held">): Entry<T>["held"] =>
    held && held.fetched_at + rules.outlives > seconds() ? held : null;
  const isTooSoon = ({ asked_at }: Entry<T>, pace = rules.pace): boolean =>
    asked_at + pace > seconds();
  return {
    async get(url, asking = {}) {
      const entry = entries.get(url);
      if (!entry) return requestOnce(url, asking);
      entries.keep(url, entry);
      if (entry.held && entry.held.fresh_until > seconds()) return entry.held.value;
      const last = usable(entry);
      if (entry.error === null) return requestOnce(url, asking);
      // The address fails. Nobody waits for it who can go on with the last document.
      if (last) {
        if (!isTooSoon(entry)) requestOnce(url, asking).catch(() => {});
        return last.value;
      }
      if (rules.remembers_errors && isTooSoon(entry)) throw entry.error;
      return requestOnce(url, asking);
    },

    async renewed(url, { pace, ...asking } = {}) {
      const entry = entries.get(url);
      if (!entry || !isTooSoon(entry, pace) || under_way.has(url)) return requestOnce(url, asking);
      const last = entry.error === null ? entry.held : usable(entry);
      if (last) return last.value;
      throw entry.error;
    },

    held: (url) => entries.get(url)?.held?.value ?? null,
  };
}

async function requestDocument(
  url: string,
  {
    accept,
    most_bytes,
    purpose,
  }: Pick<DocumentRules<unknown>, "accept" | "most_bytes" | "purpose">,
  outbound: Outbound,
): Promise<OutboundResponse> {
  const response = await outbound.request(url, { purpose, headers: { accept }, most_bytes });
  if (response.status !== 200) throw new BadDocument(`the answer is ${response.status}`);
  return response;
}

/** Whether anybody was asked: the caller has no more requests, or the URL is none to ask. */
const wasSent = (error: unknown): boolean =>
  !(error instanceof RateLimited) &&
  !(error instanceof OutboundError && (error.kind === "budget" || error.kind === "url"));

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
