/** The networks that addresses belong to: those that limits count, and those that are kept and shown. */
import { isIP, isIPv6 } from "node:net";

/** The network for limits: the IPv4 address itself, or the /64 of IPv6. */
export function networkOf(address: string): string {
  // The cheap check comes first: IPv4 addresses, which have no colon, are checked in every request.
  if (!address.includes(":") || !isIPv6(address)) return address;
  const plain = parseIPv6(address);
  return typeof plain === "string" ? plain : `${plain.slice(0, 4).join(":")}::/64`;
}

/**
 * The network that a session keeps: the /24 of IPv4 or the /48 of IPv6, at most 20 characters. A person recognises it,
 * and it names no single line. Loopback is kept whole.
 * @returns "" for anything that is no address
 */
export function knownNetwork(address: string): string {
  if (isIP(address) === 0) return "";
  const plain = isIPv6(address) ? parseIPv6(address) : address;
  if (typeof plain === "string")
    return plain.startsWith("127.") ? plain : `${plain.split(".").slice(0, 3).join(".")}.0/24`;
  if (plain.join(":") === "0:0:0:0:0:0:0:1") return "::1";
  const network = plain.slice(0, 3).join(":");
  return `${network.replace(/(^|:)0(:0)*$/, "")}::/48`;
}

/** The eight groups, without leading zeros; or the IPv4 address in a mapped one. */
function parseIPv6(address: string): string | string[] {
  // The URL parser writes IPv6 in its normal form.
  const host = new URL(`http://[${address.split("%")[0]}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(host) ?? [];
  if (high !== undefined && low !== undefined) return mappedAddress(high, low);
  const [head = "", tail = ""] = host.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0");
  return host.includes("::") ? [...left, ...zeros, ...right] : left;
}

/** The IPv4 address in a mapped IPv6 address: otherwise all of IPv4 would be one network. */
function mappedAddress(high: string, low: string): string {
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join(".");
}
