import assert from "node:assert/strict";
import { test } from "node:test";
import { isLoopbackAddress, isPublicAddress } from "./public_address.ts";

test("addresses of the internet are public", () => {
  for (const address of [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:200::1",
    "2606:4700::1111",
    "2a00:1450:4001:81b::200e",
    "3ffe::1",
  ])
    assert.equal(isPublicAddress(address), true, address);
});

test("all other addresses are not public", () => {
  for (const address of [
    // this host, private, shared by a carrier, loopback, link-local (cloud metadata)
    ...["0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1"],
    ...["127.255.255.255", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.168.1.1"],
    // protocol assignments, documentation, 6to4 relays, benchmarks, multicast, reserved, broadcast
    ...["192.0.0.1", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.7"],
    ...["203.0.113.7", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"],
    // unspecified, loopback, unique-local, link-local, site-local, multicast, discard
    ...["::", "::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "febf::1", "fec0::1"],
    ...["ff02::1", "100::1", "5f00::1", "4000::1"],
    // IPv4 inside IPv6: mapped, compatible, translated, NAT64, 6to4, Teredo, ISATAP of a local network
    ...["::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0a00:1", "::127.0.0.1", "::ffff:0:127.0.0.1"],
    ...["64:ff9b::127.0.0.1", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "2002:7f00:1::1", "2001::1"],
    ...["2001:10::1", "2001:20::1", "fe80::5efe:127.0.0.1"],
    // documentation, and uncompressed spellings
    ...["2001:db8::1", "3fff::1", "0:0:0:0:0:0:0:1", "0000:0000:0000:0000:0000:ffff:7f00:0001"],
    // not an address
    ...["", "localhost", "127.1", "0x7f.0.0.1", "2130706433", "1.2.3.4/8", "[2606:4700::1111]"],
  ])
    assert.equal(isPublicAddress(address), false, address);
});

test("loopback is recognized in its plain spelling", () => {
  for (const address of ["127.0.0.1", "127.9.8.7", "::1", "0:0:0:0:0:0:0:1"])
    assert.equal(isLoopbackAddress(address), true, address);
  for (const address of [
    "128.0.0.1",
    "10.0.0.1",
    "0.0.0.0",
    "::",
    "::2",
    "::ffff:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "fe80::1",
    "localhost",
    "",
  ])
    assert.equal(isLoopbackAddress(address), false, address);
});
