/**
 * The only way for requests that the server makes itself. Strangers choose their URLs (the URL of a client, its keys,
 * its logo), so a request reaches only public addresses, and takes bounded time and memory (RFC 9700 §4.12,
 * draft-ietf-oauth-client-id-metadata-document §6).
 */
import { Resolver } from "node:dns/promises";
import { type IncomingMessage, request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import type { Outbound, OutboundRequest, OutboundResponse } from "../context.ts";
import { reservesFor } from "./outbound_bounds.ts";
import { isLoopbackAddress, isPublicAddress } from "./public_address.ts";
import type { Rate } from "./token_bucket.ts";

/** Milliseconds from the look-up of the name to the last byte of the answer. */
const TIMEOUT = 5000;
/** Milliseconds for one query to a name server. */
const NAME_TIMEOUT = 2000;
/** Bytes of a response, unless the caller sets another bound. */
const MOST_BYTES = 65_536;
const MOST_HEADER_BYTES = 16_384;
const LONGEST_URL = 2048;
/** Characters of a name (RFC 1035 §2.3.4). */
const LONGEST_NAME = 253;
export type OutboundProblem =
  /** The URL is not https, or has a user name and password. */
  | "url"
  /** Too many requests of this purpose, to this origin or in total. */
  | "budget"
  /** The name has no address, or an address that is not public. */
  | "name"
  | "address"
  /** No connection, no trusted TLS, or no complete response. */
  | "connection"
  | "timeout"
  /** The response is a redirect, is too large, or is encoded. */
  | "redirect"
  | "too_large"
  | "encoding";

/**
 * A request that was not made, or had no usable response. The message is for the log only: strangers could use it to
 * scan the networks around this server.
 */
export class OutboundError extends Error {
  override readonly name = "OutboundError";
  readonly kind: OutboundProblem;
  constructor(kind: OutboundProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** @returns every address of a name */
export type Lookup = (hostname: string) => Promise<readonly string[]>;

export interface OutboundOptions {
  /** Allows loopback addresses, also by http: for development (`allow_private_fetch`). */
  allow_private_fetch: boolean;
  /** Left out: the name servers of this computer. Its hosts file is not read. */
  lookup?: Lookup;
  /** PEM certificates to trust instead of the well-known ones. */
  ca?: string;
  /** Milliseconds of a steady clock. */
  now?: () => number;
  timeout?: number;
  /** The bounds of every purpose, for tests. */
  per_origin?: Rate;
  in_all?: Rate;
}

export function createOutbound(options: OutboundOptions): Outbound {
  const { allow_private_fetch, lookup = lookUp, ca, timeout = TIMEOUT } = options;
  const { now = () => performance.now() } = options;
  const reserves = reservesFor(options);

  return {
    async request(text, request) {
      const url = parseUrl(text, allow_private_fetch);
      const reserve = reserves(request.purpose);
      const refusal = reserve.spend(url.origin, now());
      if (refusal !== null) throw new OutboundError("budget", refusal);
      reserve.under_way += 1;
      const signal = AbortSignal.timeout(timeout);
      try {
        const found = await until(signal, addressesOf(url, lookup));
        const addresses = checkAddresses(found, url, allow_private_fetch);
        return await exchange(url, request, { addresses, ca, signal });
      } catch (cause) {
        throw explain(cause, { url, signal });
      } finally {
        reserve.under_way -= 1;
      }
    },
  };
}

const ALLOWING = "--allow-private-fetch allows addresses of this computer, for development";

function parseUrl(text: string, allow_private_fetch: boolean): URL {
  const url = text.length <= LONGEST_URL ? URL.parse(text) : null;
  if (!url || url.hostname.length > LONGEST_NAME)
    throw new OutboundError("url", "it is no URL, or too long");
  const isAllowed = url.protocol === "https:" || (url.protocol === "http:" && allow_private_fetch);
  if (!isAllowed) throw new OutboundError("url", `${url.protocol} is not https (${ALLOWING})`);
  // The same host without the dot has the same site behind it, and one budget.
  if (url.hostname.endsWith("."))
    throw new OutboundError("url", "a host that ends with a dot is not fetched");
  if (url.username !== "" || url.password !== "")
    throw new OutboundError("url", "a URL with user name or password is not fetched");
  return url;
}

/** An address in the URL is already normalised: the URL parser has read `0x7f.1` and `[::ffff:1]`. */
async function addressesOf({ hostname }: URL, lookup: Lookup): Promise<readonly string[]> {
  const literal = hostname.replace(/^\[(.*)\]$/, "$1");
  if (isIP(literal) !== 0) return [literal];
  try {
    return await lookup(hostname);
  } catch (cause) {
    throw new OutboundError("name", `${hostname} could not be looked up`, { cause });
  }
}

/**
 * All addresses have to be allowed, since any of them may be used.
 * @throws OutboundError
 */
function checkAddresses(
  addresses: readonly string[],
  { protocol, hostname }: URL,
  allow_private_fetch: boolean,
): readonly string[] {
  if (addresses.length === 0) throw new OutboundError("name", `${hostname} has no address`);
  const isLoopback = allow_private_fetch && addresses.every(isLoopbackAddress);
  if (protocol === "http:" && !isLoopback)
    throw new OutboundError("url", "http is for loopback addresses only");
  const wrong = addresses.find((each) => !isLoopback && !isPublicAddress(each));
  if (wrong !== undefined)
    throw new OutboundError(
      "address",
      `${hostname} has the address ${wrong}, which is not public (${ALLOWING})`,
    );
  return addresses;
}

interface Exchange {
  addresses: readonly string[];
  ca: string | undefined;
  signal: AbortSignal;
}

async function exchange(
  url: URL,
  { method = "GET", headers = {}, body, most_bytes = MOST_BYTES, status_only }: OutboundRequest,
  { addresses, ca, signal }: Exchange,
): Promise<OutboundResponse> {
  const options = {
    method,
    signal,
    // The name is not looked up again: the connection goes to a checked address. TLS still verifies the name.
    lookup: pinnedTo(addresses),
    // A new connection each time: a kept one could go to an earlier address of the name.
    agent: false,
    maxHeaderSize: MOST_HEADER_BYTES,
    headers: { ...headers, "user-agent": "valetkey", "accept-encoding": "identity" },
    ...(ca !== undefined && { ca }),
  };
  const start = url.protocol === "https:" ? requestTls : requestPlain;
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    start(url, options).on("response", resolve).on("error", reject).end(body);
  });
  try {
    const { statusCode: status = 0 } = incoming;
    const header = (name: string) => incoming.headersDistinct[name]?.join(", ");
    if (status >= 300 && status < 400 && status !== 304)
      throw new OutboundError("redirect", `${url.origin} answers with a redirect (${status})`);
    if (status_only) return { status, header, body: Buffer.alloc(0) };
    if ((header("content-encoding") ?? "identity") !== "identity")
      throw new OutboundError("encoding", `${url.origin} encodes its answer`);
    return { status, header, body: await readBody(incoming, most_bytes) };
  } finally {
    incoming.destroy();
  }
}

/** Node asks for one address, or for all to try several. */
function pinnedTo(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  const [first = { address: "", family: 4 }] = all;
  return (_, { all: wants_all }, done) =>
    wants_all ? done(null, all) : done(null, first.address, first.family);
}

/** Counts bytes as they arrive, since `Content-Length` can't be trusted. */
async function readBody(incoming: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > most) throw new OutboundError("too_large", `the answer has more than ${most} bytes`);
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}

function explain(
  cause: unknown,
  { url, signal }: { url: URL; signal: AbortSignal },
): OutboundError {
  if (cause instanceof OutboundError) return cause;
  const { origin } = url;
  // In the middle of a response, a time-out shows as a connection that was cut.
  if (signal.aborted) return new OutboundError("timeout", `${origin} takes too long`, { cause });
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
  return new OutboundError("connection", `${origin} can't be reached (${code})`, { cause });
}

/** A look-up can't be aborted: after the time-out its outcome is ignored. */
function until<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  return Promise.race([promise, late]).finally(() => signal.removeEventListener("abort", stop));
}

/**
 * Queries the name servers directly. With a look-up by the operating system, a stranger's slow name server would hold
 * one of the few threads that hash passwords and read files.
 */
async function lookUp(hostname: string): Promise<readonly string[]> {
  // These names always mean this computer (RFC 6761 §6.3).
  if (/(?:^|\.)localhost$/.test(hostname)) return ["127.0.0.1", "::1"];
  const resolver = new Resolver({ timeout: NAME_TIMEOUT, tries: 2 });
  const [ipv4, ipv6] = await Promise.allSettled([
    resolver.resolve4(hostname),
    resolver.resolve6(hostname),
  ]);
  return [ipv4, ipv6].flatMap((each) => (each.status === "fulfilled" ? each.value : []));
}
