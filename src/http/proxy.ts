/**
 * Reads forwarded headers, only from listed proxies, for the client's address and the origin of the request
 * (`trust_proxy`).
 */
import { BlockList, isIP } from "node:net";

export interface Peer {
  address: string;
  origin: string;
}

export type ProxyTrust = (peer: Peer, header: (name: string) => string | undefined) => Peer;

/** @throws Error that names the entry which is neither an address nor a network */
export function proxyTrust(trusted: readonly string[]): ProxyTrust {
  const list = new BlockList();
  for (const entry of trusted) addEntry(list, entry);
  const isTrusted = (address: string): boolean => {
    const kind = isIP(address);
    return kind !== 0 && list.check(address, kind === 4 ? "ipv4" : "ipv6");
  };
  return (peer, header) => {
    const address = plainAddress(peer.address);
    if (trusted.length === 0 || !isTrusted(address)) return { ...peer, address };
    return {
      address: clientAddress(header("x-forwarded-for"), address, isTrusted),
      origin: forwardedOrigin(peer.origin, header),
    };
  };
}

function addEntry(list: BlockList, entry: string): void {
  const [address = "", bits, ...more] = entry.split("/");
  const kind = isIP(address);
  const most = kind === 4 ? 32 : 128;
  const prefix = bits === undefined ? most : Number(bits);
  const valid = kind !== 0 && more.length === 0 && Number.isInteger(prefix) && bits !== "";
  if (!valid || prefix < 0 || prefix > most)
    throw new Error(`trust_proxy: ${entry} is neither an IP address nor a network like 10.0.0.0/8`);
  list.addSubnet(address, prefix, kind === 4 ? "ipv4" : "ipv6");
}

/** The nearest address that is not a listed proxy: its sender may have invented everything to the left of it. */
function clientAddress(
  forwarded: string | undefined,
  peer: string,
  isTrusted: (address: string) => boolean,
): string {
  let nearest = peer;
  for (const hop of (forwarded ?? "").split(",").reverse()) {
    const address = plainAddress(withoutPort(hop.trim()));
    if (isIP(address) === 0) return nearest;
    nearest = address;
    if (!isTrusted(address)) return nearest;
  }
  return nearest;
}

function forwardedOrigin(origin: string, header: (name: string) => string | undefined): string {
  const url = new URL(origin);
  const last = (name: string) => header(name)?.split(",").at(-1)?.trim().toLowerCase();
  const proto = last("x-forwarded-proto");
  const host = last("x-forwarded-host");
  const scheme = proto === "https" || proto === "http" ? proto : url.protocol.slice(0, -1);
  const made = `${scheme}://${host && /^[a-z0-9.:[\]-]+$/.test(host) ? host : url.host}`;
  return URL.canParse(made) ? new URL(made).origin : origin;
}

/** Some proxies write `203.0.113.9:51234` or `[2001:db8::1]:443`. */
const withoutPort = (hop: string): string =>
  hop.replace(/^(\d+\.\d+\.\d+\.\d+|\[[^\]]+\]):\d{1,5}$/, "$1");

/** Unwraps `::ffff:1.2.3.4` and `[::1]`. */
const plainAddress = (address: string): string =>
  address.includes(":")
    ? address.replace(/^\[(.*)\]$/, "$1").replace(/^::ffff:(?=\d+\.)/i, "")
    : address;
