/** The redirect URI matcher against a slow second implementation of the rule (RFC 8252 §7.3, §8.3; OAuth 2.1 §2.3.2). */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { matchesRedirectUri } from "../../src/oauth/redirect_uri.ts";

const seed = Number(process.env.TEST_SEED ?? 20_261_124);
const told = (t: TestContext, numRuns: number) => {
  t.diagnostic(`seed ${seed}`);
  return { seed, numRuns };
};

/** Equal, character for character; or http on a loopback host with the port as the only difference. */
function expected(asked: string, registered: readonly string[], native: boolean): boolean {
  if (registered.includes(asked)) return true;
  const hosts = ["127.0.0.1", "[::1]", ...(native ? ["localhost"] : [])];
  return hosts.some((host) => {
    const start = `http://${host}`;
    if (!asked.startsWith(start)) return false;
    const own = afterPort(asked.slice(start.length));
    return registered.some((known) => {
      const theirs = known.startsWith(start) ? afterPort(known.slice(start.length)) : null;
      return own !== null && own === theirs;
    });
  });
}

/** Path and query after a port, or without one; null if the port is invalid. */
function afterPort(text: string): string | null {
  let at = 0;
  if (text[0] === ":") {
    at = 1;
    while (at < text.length && "0123456789".includes(text[at] ?? "")) at += 1;
    const digits = text.slice(1, at);
    if (digits === "" || digits.startsWith("0") || Number(digits) > 65_535) return null;
  }
  const rest = text.slice(at);
  return rest === "" || rest.startsWith("/") || rest.startsWith("?") ? rest : null;
}

const host = fc.constantFrom(
  "127.0.0.1",
  "[::1]",
  "localhost",
  "127.0.0.2",
  "rp.test",
  "localhost.evil.test",
);
const path = fc.constantFrom("/cb", "/cb/", "/x", "/cb?a=1", "/", "/CB", "/c%62");
const port = fc.oneof(
  fc.constantFrom("", ":80", ":443", ":0", ":00080", ":65536", ":"),
  fc.nat({ max: 65_535 }).map((each) => `:${each}`),
);
const scheme = fc.constantFrom("http", "http", "http", "https", "HTTP");
const uri = fc.tuple(scheme, host, port, path).map(([a, b, c, d]) => `${a}://${b}${c}${d}`);
const altered = fc
  .tuple(uri, fc.nat({ max: 40 }), fc.string({ maxLength: 2 }), fc.nat({ max: 2 }))
  .map(([text, at, put, cut]) => text.slice(0, at) + put + text.slice(at + cut));

const withPort = (text: string, other: string): string =>
  text.replace(/^(\w+:\/\/(?:\[::1\]|[^/?:]+))(:\d*)?/, (_, start) => start + other);

for (const type of ["web", "native"] as const)
  test(`for a ${type} app, any registered and any requested URI match as the rule says`, (t) => {
    let matched = 0;
    const registrable = uri.filter((each) => matchesRedirectUri(each, [each], type));
    const cases = fc.property(
      fc.array(registrable, { minLength: 1, maxLength: 3 }),
      fc.oneof(uri, altered, fc.webUrl()),
      fc.option(port),
      (registered, another, swapped) => {
        const asked = swapped === null ? another : withPort(registered[0] ?? "", swapped);
        const matches = matchesRedirectUri(asked, registered, type);
        assert.equal(matches, expected(asked, registered, type === "native"), asked);
        if (matches && !registered.includes(asked)) matched += 1;
      },
    );
    fc.assert(cases, told(t, 5000));
    assert.ok(matched > 20, `${matched} matched by their port`);
  });
