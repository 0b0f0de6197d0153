import assert from "node:assert/strict";
import { test } from "node:test";
import { knownNetwork, networkOf } from "./network.ts";

test("an IPv4 address is its own network; an IPv6 address belongs to its /64", () => {
  for (const [address, expected] of [
    ["203.0.113.7", "203.0.113.7"],
    ["127.0.0.1", "127.0.0.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::", "2001:db8:1:2::/64"],
    ["2001:DB8:0001:0002:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"],
    ["2001:db8:1:3::1", "2001:db8:1:3::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["2001:db8:0:0:1::", "2001:db8:0:0::/64"],
    ["1:0:0:2::", "1:0:0:2::/64"],
    ["1::2:3:4:5:6", "1:0:0:2::/64"],
    ["::1", "0:0:0:0::/64"],
    ["::", "0:0:0:0::/64"],
    ["::1:2:3:4:5:6:7", "0:1:2:3::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    // IPv4 written as IPv6 is IPv4
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["::ffff:cb00:7107", "203.0.113.7"],
    ["0:0:0:0:0:FFFF:203.0.113.7", "203.0.113.7"],
    ["::ffff:0:1", "0.0.0.1"],
    ["::fffe:cb00:7107", "0:0:0:0::/64"],
    ["", ""],
    ["unknown", "unknown"],
  ] as const)
    assert.equal(networkOf(address), expected, address);
});

test("a session keeps the /24 or /48 of an address, and nothing that is no address", () => {
  for (const [address, expected] of [
    ["203.0.113.7", "203.0.113.0/24"],
    ["::ffff:203.0.113.7", "203.0.113.0/24"],
    ["127.0.0.1", "127.0.0.1"],
    ["::1", "::1"],
    ["2001:db8:6:2:3:4:5:6", "2001:db8:6::/48"],
    ["2001:DB8:0006::1", "2001:db8:6::/48"],
    ["2001:db8::1", "2001:db8::/48"],
    ["2001:0:5::1", "2001:0:5::/48"],
    ["::2:3:4:5", "::/48"],
    ["fe80::1%eth0", "fe80::/48"],
    ["abcd:abcd:abcd:1::", "abcd:abcd:abcd::/48"],
    ["", ""],
    ["unknown", ""],
    [`203.0.113.7${" ".repeat(5000)}`, ""],
    ["<b>", ""],
  ] as const)
    assert.equal(knownNetwork(address), expected, address);
});
