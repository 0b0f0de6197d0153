import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer, Reply } from "./ask.ts";
import { checkClientAddress, checkForgedAddress, checkProxy } from "./check_proxy.ts";
import { LIE } from "./collect.ts";

const issuer = "https://id.example";

const answer = (status: number, body = ""): Answer => ({ status, headers: {}, body, at: 0, ms: 0 });
const wrongAddress = (received: string) =>
  answer(421, `<code>${issuer}</code> … <code>${received}</code>`);

interface Seen {
  address: string;
  origin: string;
  forwarded_for: string | null;
  forwarded_host: string | null;
  forwarded_proto: string | null;
}
const RIGHT: Seen = {
  address: "192.0.2.1",
  origin: issuer,
  forwarded_for: "192.0.2.1",
  forwarded_host: "id.example",
  forwarded_proto: "https",
};
const seen = (honest: Partial<Seen>, lying: Partial<Seen> = {}) => ({
  honest: answer(200, JSON.stringify({ ...RIGHT, ...honest })),
  lying: answer(200, JSON.stringify({ ...RIGHT, forwarded_for: `${LIE}, 192.0.2.1`, ...lying })),
});

test("pages at another address: the missing or untrusted header is named", () => {
  const proto = /nginx: proxy_set_header X-Forwarded-Proto \$scheme;/;
  const cases: [Reply, ReturnType<typeof seen> | null, string, RegExp][] = [
    [answer(403), null, "ok", /visited as https:\/\/id\.example$/],
    [wrongAddress(issuer), null, "ok", /which is not its issuer/],
    [answer(404), null, "problem", /pass on pages and forms/],
    [{ silence: "the connection was cut" }, null, "problem", /pass on pages and forms/],
    [wrongAddress("http://id.example"), null, "problem", proto],
    [wrongAddress("http://id.example"), null, "problem", /trust_proxy: \["address of the proxy"\]/],
    [
      wrongAddress("https://app:4000"),
      null,
      "problem",
      /nginx: proxy_set_header X-Forwarded-Host \$host; And/,
    ],
    [
      wrongAddress("http://app:4000"),
      null,
      "problem",
      /Proto \$scheme; proxy_set_header X-Forwarded-Host/,
    ],
    [answer(421, "replaced"), null, "problem", /X-Forwarded-Proto .* X-Forwarded-Host/],
    [
      wrongAddress("http://id.example"),
      seen({ forwarded_proto: null }),
      "problem",
      /X-Forwarded-Proto \$scheme;$/,
    ],
    [
      wrongAddress("http://id.example"),
      seen({ address: "10.0.0.7" }),
      "problem",
      /^set trust_proxy: \["10\.0\.0\.7"\]/,
    ],
  ];
  for (const [foreign_form, known, status, text] of cases) {
    const found = checkProxy({ foreign_form, issuer, seen: known });
    assert.equal(found.status, status);
    assert.match(found.advice ?? found.saw, text);
  }
});

test("the client address must arrive through every proxy, else the missing setting is named", () => {
  const direct = { forwarded_for: null, forwarded_host: null, forwarded_proto: null };
  const cases: [Partial<Seen>, string, RegExp][] = [
    [{}, "ok", /visitors are told apart; you come from 192\.0\.2\.1/],
    [{ forwarded_for: "[2001:db8::1]:443", address: "2001:db8::1" }, "ok", /2001:db8::1/],
    [{ forwarded_for: "192.0.2.1:5123" }, "ok", /192\.0\.2\.1/],
    [direct, "ok", /no proxy is seen/],
    [{ ...direct, origin: "http://app:4000" }, "problem", /every visitor is 192/],
    [{ forwarded_for: null, address: "10.0.0.7" }, "problem", /every visitor is 10\.0\.0\.7/],
    [{ address: "10.0.0.7" }, "problem", /is sent \(192\.0\.2\.1\) and not believed/],
    [
      { forwarded_for: "192.0.2.1, 10.0.0.9", address: "10.0.0.9" },
      "problem",
      /10\.0\.0\.9, which is a proxy/,
    ],
  ];
  for (const [honest, status, saw] of cases) {
    const found = checkClientAddress({ seen: seen(honest), issuer });
    assert.equal(found.status, status, saw.source);
    assert.match(found.saw, saw);
  }
  assert.equal(checkClientAddress({ seen: null, issuer }).status, "left_out");
});

test("a forged client address must not be believed", () => {
  const look = (lying: Partial<Seen>) => checkForgedAddress({ seen: seen({}, lying) });
  assert.equal(look({}).status, "ok");
  assert.equal(look({ address: LIE, forwarded_for: LIE }).status, "problem");
  // An address was added behind the forged one, and it is a listed proxy: this computer.
  assert.equal(look({ address: LIE }).status, "left_out");
  const older = { honest: answer(404), lying: answer(404) };
  assert.match(checkForgedAddress({ seen: older }).saw, /does not know the secret/);
});
