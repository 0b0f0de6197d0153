import assert from "node:assert/strict";
import { test } from "node:test";
import { proxyTrust } from "./proxy.ts";

interface Sent {
  peer?: string;
  origin?: string;
  for_?: string;
  proto?: string;
  host?: string;
}

function through(trusted: readonly string[], sent: Sent) {
  const headers: Record<string, string | undefined> = {
    "x-forwarded-for": sent.for_,
    "x-forwarded-proto": sent.proto,
    "x-forwarded-host": sent.host,
    // Never believed, from any peer.
    forwarded: "for=192.0.2.66;proto=https;host=evil.test",
    "x-real-ip": "192.0.2.66",
  };
  const { peer: address = "10.0.0.1", origin = "http://inside:4000" } = sent;
  return proxyTrust(trusted)({ address, origin }, (name) => headers[name]);
}

const PROXIES = ["10.0.0.0/8", "2001:db8::/32", "192.0.2.1"];

test("forwarded headers from an unlisted address are ignored", () => {
  const spoof = { for_: "1.1.1.1", proto: "https", host: "evil.test" };
  for (const [trusted, peer] of [
    [[], "10.0.0.1"],
    [PROXIES, "203.0.113.7"],
    [PROXIES, "11.0.0.1"],
    [PROXIES, "192.0.2.2"],
    [PROXIES, "2001:db9::1"],
    [PROXIES, "::1"],
    [PROXIES, ""],
    [PROXIES, "unknown"],
    [["0.0.0.0/0"], "2001:db8::1"],
  ] as const)
    assert.deepEqual(
      through(trusted, { peer, ...spoof }),
      { address: peer, origin: "http://inside:4000" },
      `${peer} behind ${trusted}`,
    );
});

test("a listed proxy's header gives the client: the nearest address that is not a listed proxy", () => {
  for (const [peer, for_, expected] of [
    ["10.0.0.1", "203.0.113.7", "203.0.113.7"],
    ["192.0.2.1", "203.0.113.7", "203.0.113.7"],
    ["2001:db8::5", "2001:db9::1", "2001:db9::1"],
    ["::ffff:10.0.0.1", "203.0.113.7", "203.0.113.7"],
    // Anything left of the first stranger may be forged, since the stranger wrote it.
    ["10.0.0.1", "1.1.1.1, 203.0.113.7", "203.0.113.7"],
    ["10.0.0.1", "10.0.0.9, 203.0.113.7", "203.0.113.7"],
    ["10.0.0.1", "127.0.0.1,203.0.113.7", "203.0.113.7"],
    // Through several of our own
    ["10.0.0.1", "203.0.113.7, 10.0.0.2", "203.0.113.7"],
    ["10.0.0.1", "1.1.1.1, 203.0.113.7, 10.0.0.2, 192.0.2.1", "203.0.113.7"],
    ["10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"],
    // A malformed address ends the search
    ["10.0.0.1", undefined, "10.0.0.1"],
    ["10.0.0.1", "", "10.0.0.1"],
    ["10.0.0.1", "unknown", "10.0.0.1"],
    ["10.0.0.1", "203.0.113.7, unknown", "10.0.0.1"],
    ["10.0.0.1", "203.0.113.7, _hidden, 10.0.0.2", "10.0.0.2"],
    ["10.0.0.1", "203.0.113.7, ", "10.0.0.1"],
    ["10.0.0.1", "1.2.3", "10.0.0.1"],
    ["10.0.0.1", "0x7f000001", "10.0.0.1"],
    ["10.0.0.1", "203.0.113.7:123456", "10.0.0.1"],
    ["10.0.0.1", "203.0.113.7\r\nx: y", "10.0.0.1"],
    // The same address in other notations
    ["10.0.0.1", "[2001:db9::1]", "2001:db9::1"],
    ["10.0.0.1", "203.0.113.7:1234", "203.0.113.7"],
    ["10.0.0.1", "[2001:db9::1]:443", "2001:db9::1"],
    ["10.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"],
    ["10.0.0.1", "203.0.113.7, ::ffff:10.0.0.2", "203.0.113.7"],
  ] as const)
    assert.equal(
      through(PROXIES, { peer, ...(for_ !== undefined && { for_ }) }).address,
      expected,
      `${for_} from ${peer}`,
    );
});

test("an address has the same form with and without proxies", () => {
  for (const trusted of [[], PROXIES])
    assert.equal(through(trusted, { peer: "::ffff:203.0.113.7" }).address, "203.0.113.7");
});

test("a listed proxy's headers give the origin of the request", () => {
  for (const [sent, expected] of [
    [{}, "http://inside:4000"],
    [{ proto: "https", host: "id.example.com" }, "https://id.example.com"],
    [{ proto: "https" }, "https://inside:4000"],
    [{ host: "id.example.com" }, "http://id.example.com"],
    [{ host: "id.example.com:8443", proto: "https" }, "https://id.example.com:8443"],
    [{ host: "ID.Example.com:443", proto: "HTTPS" }, "https://id.example.com"],
    [{ host: "[2001:db8::1]:8080" }, "http://[2001:db8::1]:8080"],
    // The last one was added by our own proxy
    [{ host: "evil.test, id.example.com", proto: "http, https" }, "https://id.example.com"],
    // A malformed host or scheme counts as absent
    [{ host: "evil.test/path" }, "http://inside:4000"],
    [{ host: "user@evil.test" }, "http://inside:4000"],
    [{ host: "evil.test?x" }, "http://inside:4000"],
    [{ host: "evil.test#x" }, "http://inside:4000"],
    [{ host: "evil.test\\x" }, "http://inside:4000"],
    [{ host: "b\u00fccher.test" }, "http://inside:4000"],
    [{ host: "a:b:c" }, "http://inside:4000"],
    [{ host: "id.example.com:99999" }, "http://inside:4000"],
    [{ host: "[::1" }, "http://inside:4000"],
    [{ proto: "javascript" }, "http://inside:4000"],
    [{ proto: "ws" }, "http://inside:4000"],
    [{ proto: "https://evil.test/" }, "http://inside:4000"],
  ] as [Sent, string][])
    assert.equal(through(PROXIES, sent).origin, expected, JSON.stringify(sent));
});

test("addresses and networks are listed in their usual notations", () => {
  for (const [entry, address, expected] of [
    ["127.0.0.1", "127.0.0.1", true],
    ["127.0.0.1", "127.0.0.2", false],
    ["127.0.0.0/8", "127.255.255.255", true],
    ["10.1.2.3/16", "10.1.99.99", true],
    ["10.1.2.3/16", "10.2.0.1", false],
    ["0.0.0.0/0", "8.8.8.8", true],
    ["192.0.2.0/31", "192.0.2.1", true],
    ["192.0.2.0/31", "192.0.2.2", false],
    ["192.0.2.7/32", "192.0.2.7", true],
    ["::1", "::1", true],
    ["::1", "0:0:0:0:0:0:0:1", true],
    ["fd00::/8", "fd12:3456::1", true],
    ["fd00::/8", "fe80::1", false],
    ["2001:db8::/128", "2001:db8::", true],
  ] as const) {
    const { address: found } = through([entry], { peer: address, for_: "203.0.113.7" });
    assert.equal(found === "203.0.113.7", expected, `${address} in ${entry}`);
  }
});

test("an entry that is neither an address nor a network is refused by name", () => {
  for (const entry of [
    "",
    "proxy.test",
    "10.0.0",
    "10.0.0.0/",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/8.5",
    "10.0.0.0/8/8",
    "10.0.0.0/x",
    "10.0.0.256",
    "::/129",
    "::g",
    "*",
    "10.*",
    "loopback",
    " 10.0.0.1",
  ])
    assert.throws(
      () => proxyTrust(["127.0.0.1", entry]),
      (error) => error instanceof Error && error.message.includes(`trust_proxy: ${entry} is`),
      entry,
    );
});
