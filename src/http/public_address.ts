/**
 * The IP addresses that strangers may make the server connect to (RFC 6890, IANA special-purpose address registries).
 */
import { BlockList, isIP } from "node:net";

/** IPv4 networks that are not the public internet. */
const SPECIAL_IPV4 = (
  "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 " +
  "192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4"
).split(" ");

/**
 * All of IPv6 except 2000::/3 is special: loopback, unique-local, link-local, multicast, and embedded IPv4 (mapped,
 * NAT64). Special parts of 2000::/3 are: protocol assignments with Teredo, documentation, 6to4.
 */
const GLOBAL_IPV6 = "2000::/3";
const SPECIAL_IPV6 = "2001::/23 2001:db8::/32 2002::/16 3fff::/20".split(" ");

const specialIpv4 = listOf(SPECIAL_IPV4, "ipv4");
const globalIpv6 = listOf([GLOBAL_IPV6], "ipv6");
const specialIpv6 = listOf(SPECIAL_IPV6, "ipv6");
const loopbackIpv4 = listOf(["127.0.0.0/8"], "ipv4");
const loopbackIpv6 = listOf(["::1/128"], "ipv6");

/** Text that is no address is not public either. */
export function isPublicAddress(address: string): boolean {
  const kind = kindOf(address);
  if (kind === "ipv4") return !specialIpv4.check(address, kind);
  if (kind === "ipv6") return globalIpv6.check(address, kind) && !specialIpv6.check(address, kind);
  return false;
}

export function isLoopbackAddress(address: string): boolean {
  const kind = kindOf(address);
  if (kind === "ipv4") return loopbackIpv4.check(address, kind);
  return kind === "ipv6" && loopbackIpv6.check(address, kind);
}

function kindOf(address: string): "ipv4" | "ipv6" | null {
  // A zone (`fe80::1%eth0`) names an interface of this computer.
  if (address.includes("%")) return null;
  const version = isIP(address);
  return version === 4 ? "ipv4" : version === 6 ? "ipv6" : null;
}

function listOf(networks: readonly string[], kind: "ipv4" | "ipv6"): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits] = network.split("/");
    list.addSubnet(address, Number(bits), kind);
  }
  return list;
}
