/** The network that an address belongs to, for limits: the address itself, or the /64 of IPv6. */
import { isIPv6 } from "node:net";

export function networkOf(address: string): string {
  // The cheap check comes first: IPv4 addresses, which have no colon, are checked in every request.
  if (!address.includes(":") || !isIPv6(address)) return address;
  // The URL parser writes IPv6 in its normal form.
  const host = new URL(`http://[${address.split("%")[0]}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(host) ?? [];
  if (high !== undefined && low !== undefined) return mappedAddress(high, low);
  const [head = "", tail = ""] = host.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0");
  const groups = host.includes("::") ? [...left, ...zeros, ...right] : left;
  return `${groups.slice(0, 4).join(":")}::/64`;
}

/** The IPv4 address in a mapped IPv6 address: otherwise all of IPv4 would be one network. */
function mappedAddress(high: string, low: string): string {
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join(".");
}
