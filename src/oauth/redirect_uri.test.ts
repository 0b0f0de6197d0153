import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { assertLinearTime } from "../../test/support/linear_time.ts";
import { OAuthError } from "./errors.ts";
import {
  type ApplicationType,
  checkRedirectUri,
  isOnThisComputer,
  matchesRedirectUri,
  redirectUriProblem,
} from "./redirect_uri.ts";

const register = (
  uri: string,
  application_type: ApplicationType = "web",
  short_schemes: readonly string[] | "any" = [],
) => checkRedirectUri(uri, { application_type, short_schemes });

const refused = (why: RegExp) => (error: unknown) =>
  error instanceof OAuthError && error.error === "invalid_redirect_uri" && why.test(error.message);

test("https, and http on loopback, may be registered", () => {
  for (const uri of [
    "https://rp.test/cb",
    "https://rp.test",
    "https://rp.test/",
    "https://rp.test:8443/cb",
    "https://rp.test/cb?tenant=7",
    "https://rp.test/cb?next=https%3A%2F%2Fx.test",
    "https://rp.test/cb?codes=1&stated=2&errors=3&issue=4",
    "https://rp.test/cb;matrix=1",
    "https://xn--bcher-kva.test/cb",
    "https://192.0.2.1/cb",
    "https://[2001:db8::1]/cb",
    "https://localhost/cb",
    "http://127.0.0.1/cb",
    "http://127.0.0.1:1/cb",
    "http://127.0.0.1:65535/cb",
    "http://127.0.0.1",
    "http://127.0.0.1/",
    "http://127.0.0.1/cb?x=1",
    "http://[::1]/cb",
    "http://[::1]:4000/cb",
    "http://localhost/cb",
    "http://localhost:8080/cb",
  ])
    for (const type of ["web", "native"] as const)
      assert.doesNotThrow(() => register(uri, type), uri);
});

test("an invalid redirect URI is refused with the reason", () => {
  for (const [uri, why] of [
    // R7: no fragment, not even an empty one
    ["https://rp.test/cb#x", /fragment/],
    ["https://rp.test/cb#", /fragment/],
    ["http://127.0.0.1/cb#x", /fragment/],
    // http to another host than loopback
    ["http://rp.test/cb", /https/],
    ["http://127.0.0.2/cb", /https/],
    ["http://127.0.0.1.evil.test/cb", /https/],
    ["http://localhost.evil.test/cb", /https/],
    ["http://localhost./cb", /https/],
    ["http://0.0.0.0/cb", /https/],
    ["http://[::2]/cb", /https/],
    ["http://[::ffff:7f00:1]/cb", /https/],
    ["http://127.0.0.1:0/cb", /https/],
    // a user name or password before the host
    ["https://user@rp.test/cb", /user name/],
    ["https://user:pass@rp.test/cb", /user name/],
    ["https://rp.test@evil.test/cb", /user name/],
    ["http://127.0.0.1@evil.test/cb", /user name/],
    ["https://@rp.test/cb", /normal form|user name/],
    ["https://:@rp.test/cb", /normal form|user name/],
    // wildcards and characters that browsers read differently
    ["https://*.rp.test/cb", /character/],
    ["https://rp.test/*", /character/],
    ["https://rp.test\\@evil.test/cb", /character/],
    ["https:\\\\rp.test/cb", /character/],
    [" https://rp.test/cb", /character/],
    ["https://rp.test/cb ", /character/],
    ["https://rp.test/c b", /character/],
    ["https://rp.test/\ncb", /character/],
    ["https://rp.test/\tcb", /character/],
    ["\u0000https://rp.test/cb", /character/],
    ["https://rp.test/\u00fc", /character/],
    ["https://b\u00fccher.test/cb", /character/],
    ["https://rp\u3002test/cb", /character/],
    ['https://rp.test/"', /character/],
    ["https://rp.test/<script>", /character/],
    ["https://rp.test/{a}", /character/],
    // a spelling that browsers normalize: it would never match, or disguises its target
    ["https://rp.test:0443/cb", /normal form/],
    ["https://rp.test:/cb", /normal form/],
    ["https://rp%2etest/cb", /normal form/],
    ["https://[2001:0db8::1]/cb", /normal form/],
    ["HTTPS:/rp.test/cb", /normal form/],
    ["http://LOCALHOST/cb", /normal form/],
    ["HTTP://127.0.0.1/cb", /normal form/],
    ["http://127.1/cb", /normal form/],
    ["http://2130706433/cb", /normal form/],
    ["http://0x7f.1/cb", /normal form/],
    ["https://rp.test/a/../cb", /normal form/],
    ["https://rp.test/./cb", /normal form/],
    ["https://rp.test/%2e%2e/cb", /normal form/],
    ["https:/rp.test/cb", /normal form/],
    ["https:rp.test/cb", /normal form/],
    ["https:///rp.test/cb", /normal form/],
    // not a URI
    ["", /character/],
    ["/cb", /absolute/],
    ["//rp.test/cb", /absolute/],
    ["rp.test/cb", /absolute/],
    ["https://", /absolute/],
    ["https://rp.test:99999/cb", /absolute/],
    ["http://[::::1]/cb", /absolute/],
    ["http://[::1/cb", /absolute/],
    // a query that could be mistaken for our response
    ["https://rp.test/cb?code=1", /query/],
    ["https://rp.test/cb?a=1&state=2", /query/],
    ["https://rp.test/cb?error=x", /query/],
    ["https://rp.test/cb?iss=https://evil.test", /query/],
    ["https://rp.test/cb?response=x", /query/],
    ["https://rp.test/cb?code", /query/],
    ["https://rp.test/cb?%63ode=1", /query/],
    ["http://127.0.0.1/cb?%73tate=1", /query/],
    [`https://rp.test/${"x".repeat(2000)}`, /longer/],
  ] as const)
    for (const type of ["web", "native"] as const)
      assert.throws(() => register(uri, type, "any"), refused(why), uri);
});

test("real-world 11: an address is registered as the client writes it, and matches that and nothing else", () => {
  for (const [uri, type, others] of [
    ["https://app.example:443/cb", "web", ["https://app.example/cb", "https://app.example:444/cb"]],
    ["https://app.example?x=1", "web", ["https://app.example/?x=1", "https://app.example"]],
    ["https://App.Example/cb", "web", ["https://app.example/cb", "https://App.example/cb"]],
    ["HTTPS://app.example/cb", "web", ["https://app.example/cb"]],
    ["https://[2001:DB8::1]/cb", "web", ["https://[2001:db8::1]/cb"]],
    ["https://app.example/%c3%bc", "web", ["https://app.example/%C3%BC"]],
    ["https://app.example/a%2fb", "web", ["https://app.example/a/b", "https://app.example/a%2Fb"]],
    ["http://127.0.0.1:80/cb", "web", ["http://127.0.0.1/CB"]],
    ["http://localhost?x=1", "native", ["http://localhost/?x=1", "http://localhost?x=2"]],
    ["msauth.com.Example.App://auth", "native", ["msauth.com.example.app://auth"]],
    ["com.Example.App:/cb?x=%c3", "native", ["com.example.app:/cb?x=%c3"]],
    ["com.example.app://Host", "native", ["com.example.app://host", "com.example.app://Host/"]],
    ["com.example.app:/user@x", "native", []],
    ["Cursor://x/cb", "native", ["cursor://x/cb"]],
  ] as const) {
    register(uri, type, "any");
    assert.ok(matchesRedirectUri(uri, [uri], type), uri);
    for (const other of others) assert.ok(!matchesRedirectUri(other, [uri], type), other);
    for (const other of others) assert.ok(!matchesRedirectUri(uri, [other], type), other);
  }
});

test("real-world 11: a refusal says which spelling would be accepted, and only where one would", () => {
  for (const [uri, expected] of [
    ["https://b\u00fccher.example/cb", "https://xn--bcher-kva.example/cb"],
    ["https://rp.test/\u00fc", "https://rp.test/%C3%BC"],
    ["https://rp.test/c b", "https://rp.test/c%20b"],
    ["https://rp\u3002test/cb", "https://rp.test/cb"],
    ["https://rp%2eevil.test/cb", "https://rp.evil.test/cb"],
    ["https://rp.test/a/../cb", "https://rp.test/cb"],
    ["https:rp.test/cb", "https://rp.test/cb"],
    ["http://127.1/cb", "http://127.0.0.1/cb"],
    ["http://LOCALHOST/cb", "http://localhost/cb"],
    ["com.example.app:/a/../cb", "com.example.app:/cb"],
  ] as const) {
    const found = redirectUriProblem(uri, { application_type: "native", short_schemes: [] });
    assert.equal(found?.kind, "spelling", uri);
    assert.equal(found?.write_as, expected);
    assert.ok(found?.problem.endsWith(`: write it as ${expected}`), found?.problem);
    register(expected, "native");
  }
  for (const uri of [
    "https://*.rp.test/cb",
    "https://rp.test\\@evil.test/cb",
    "https://rp.test/\ncb",
    "java\nscript:alert(1)",
    " javascript:alert(1)",
    "http://rp.test/\u00fc",
    "https://rp.test/\u00fc#x",
    "https://rp.test/\u00fc?code=1",
    `https://rp.test/${"\u00fc".repeat(400)}`,
  ]) {
    const found = redirectUriProblem(uri, { application_type: "native", short_schemes: "any" });
    assert.ok(found && found.write_as === undefined, uri);
    assert.doesNotMatch(found.problem, /write it as/);
  }
});

test("R11: a dangerous scheme is refused in every spelling", () => {
  for (const uri of [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "\u0001javascript:alert(1)",
    "java\nscript:alert(1)",
    "java\tscript:alert(1)",
    "javascript://rp.test/%0aalert(1)",
    "data:text/html,x",
    "DATA:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://rp.test/1",
    "about:blank",
    "view-source:https://rp.test",
    "filesystem:https://rp.test/x",
    "ws://rp.test/cb",
    "wss://rp.test/cb",
    "ftp://rp.test/cb",
    "mailto:ada@rp.test",
    "tel:123",
    "sms:123",
    "intent://x#Intent;end",
    "chrome://settings",
    "chrome-extension://abc/cb",
  ])
    for (const type of ["web", "native"] as const)
      assert.throws(() => register(uri, type, "any"), refused(/./), uri);
});

test("R19: private-use schemes are for native apps; undotted ones must be listed", () => {
  for (const [uri, type, short_schemes, allowed] of [
    ["com.example.app:/cb", "native", [], true],
    ["com.example.app://cb", "native", [], true],
    ["com.example.app:/cb?x=1", "native", [], true],
    ["com.example.app:/cb", "web", "any", false],
    ["cursor://x/cb", "native", [], false],
    ["cursor://x/cb", "native", ["vscode"], false],
    ["cursor://x/cb", "native", ["cursor"], true],
    ["cursor://x/cb", "native", "any", true],
    ["cursor://x/cb", "web", ["cursor"], false],
    ["myapp:/cb", "native", [], false],
    ["myapp:/cb", "native", "any", true],
    ["javascript:x", "native", ["javascript"], false],
    ["com.example.app:/cb#x", "native", "any", false],
    ["com.example.app://user@cb", "native", "any", false],
    ["com.example.app:/cb?code=1", "native", "any", false],
  ] as const) {
    const check = () => register(uri, type, short_schemes);
    if (allowed) assert.doesNotThrow(check, uri);
    else assert.throws(check, refused(/./), uri);
  }
});

test("a requested URI must equal a registered one byte for byte, except for the port on loopback", () => {
  const web = ["https://rp.test/cb", "https://foo.example.com/cb", "https://rp.test/q?a=1&b=2"];
  const native = ["http://127.0.0.1/cb", "http://[::1]/cb", "http://localhost/cb", "app.x:/cb"];
  const withPort = ["http://127.0.0.1:3000/cb"];
  for (const [requested, registered, type, expected] of [
    ["https://rp.test/cb", web, "web", true],
    ["https://rp.test/q?a=1&b=2", web, "web", true],
    ["https://evil.test/cb", web, "web", false], // R1
    ["https://fooaexample.com/cb", web, "web", false], // R2
    ["https://rp.test/cb?x=1", web, "web", false], // R4
    ["https://rp.test/q?b=2&a=1", web, "web", false],
    ["https://rp.test/q?a=1&b=2&c=3", web, "web", false],
    ["https://rp.test/q?a=1", web, "web", false],
    ["https://rp.test/cb;evil=1", web, "web", false], // R5
    ["https://rp.test/cb#x", web, "web", false], // R7
    ["https://rp.test/cb#", web, "web", false],
    ["https://rp.test/CB", web, "web", false], // R8
    ["HTTPS://RP.TEST/cb", web, "web", false],
    ["https://rp.test:443/cb", web, "web", false],
    ["https://rp.test:8443/cb", web, "native", false],
    ["https://rp.test/cb/", web, "web", false],
    ["https://rp.test/cb/../cb", web, "web", false],
    ["https://rp.test//cb", web, "web", false],
    ["https://rp.test/%63b", web, "web", false],
    ["https://rp.test/c%62", web, "web", false],
    ["https://rp.test", web, "web", false],
    ["https://rp.test@evil.test/cb", web, "web", false],
    ["https://rp.test.evil.test/cb", web, "web", false],
    ["http://rp.test/cb", web, "web", false],
    [" https://rp.test/cb", web, "web", false],
    ["https://rp.test/cb\n", web, "web", false],
    ["https://rp.test/cb\u0000", web, "web", false],
    ["", web, "web", false],
    ["https://rp.test/cb", [], "web", false],
    // R10: on loopback any port, and nothing else
    ["http://127.0.0.1/cb", native, "native", true],
    ["http://127.0.0.1:53712/cb", native, "native", true],
    ["http://127.0.0.1:53712/cb", native, "web", true],
    ["http://127.0.0.1:80/cb", native, "native", true],
    ["http://[::1]:1/cb", native, "native", true],
    ["http://[::1]:1/cb", native, "web", true],
    ["http://localhost:53712/cb", native, "native", true],
    ["http://localhost:53712/cb", native, "web", false],
    ["http://localhost/cb", native, "web", true],
    ["http://127.0.0.1:5000/cb", withPort, "web", true],
    ["http://127.0.0.1/cb", withPort, "web", true],
    ["http://localhost:3000/cb", withPort, "native", false],
    ["http://[::1]:3000/cb", withPort, "native", false],
    ["http://127.0.0.1:5000/cb?bar=foo", native, "native", false], // R4
    ["http://127.0.0.1:5000/cb/", native, "native", false],
    ["http://127.0.0.1:5000/CB", native, "native", false],
    ["http://127.0.0.1:5000/cb#x", native, "native", false],
    ["http://127.0.0.1:5000", native, "native", false],
    ["http://127.0.0.1:5000#/cb", native, "native", false],
    ["http://127.0.0.1:5000@evil.test/cb", native, "native", false],
    ["http://127.0.0.1:5000\\@evil.test/cb", native, "native", false],
    ["http://user@127.0.0.1:5000/cb", native, "native", false],
    ["http://127.0.0.1.evil.test:5000/cb", native, "native", false],
    ["http://127.0.0.2:5000/cb", native, "native", false],
    ["http://127.1:5000/cb", native, "native", false],
    ["http://LOCALHOST:5000/cb", native, "native", false],
    ["https://127.0.0.1:5000/cb", native, "native", false],
    ["https://localhost:5000/cb", native, "native", false],
    ["http://127.0.0.1:0/cb", native, "native", false],
    ["http://127.0.0.1:00080/cb", native, "native", false],
    ["http://127.0.0.1:65536/cb", native, "native", false],
    ["http://127.0.0.1:99999/cb", native, "native", false],
    ["http://127.0.0.1:/cb", native, "native", false],
    ["http://127.0.0.1:+80/cb", native, "native", false],
    ["http://127.0.0.1: 80/cb", native, "native", false],
    ["http://127.0.0.1:1e3/cb", native, "native", false],
    ["http://127.0.0.1:\u0661/cb", native, "native", false],
    ["http://[::1]:5000/cb\n", native, "native", false],
    ["app.x:/cb", native, "native", true],
    ["app.x://cb", native, "native", false],
    ["App.x:/cb", native, "native", false],
    ["app.x:5000/cb", native, "native", false],
  ] as const)
    assert.equal(matchesRedirectUri(requested, registered, type), expected, requested);
});

test("R11: a stored URI that could not be registered matches nothing", () => {
  for (const stored of [
    "javascript:alert(1)",
    "data:text/html,x",
    "https://rp.test/cb#",
    "https://*.rp.test/cb",
    "http://rp.test/cb",
    "https://rp.test/cb?code=1",
  ])
    for (const type of ["web", "native"] as const)
      assert.equal(matchesRedirectUri(stored, [stored], type), false, stored);
  assert.equal(matchesRedirectUri("app.x:/cb", ["app.x:/cb"], "web"), false);
});

/** The same rule, character by character and without a pattern. */
function slowMatch(requested: string, registered: string, type: ApplicationType): boolean {
  if (requested === registered) return true;
  const [asked, known] = [takeApart(requested), takeApart(registered)];
  if (!asked || !known) return false;
  if (asked.host === "localhost" && type !== "native") return false;
  return asked.host === known.host && asked.rest === known.rest;
}

function takeApart(uri: string): { host: string; rest: string } | null {
  if (!uri.startsWith("http://")) return null;
  const after = uri.slice("http://".length);
  for (const host of ["127.0.0.1", "[::1]", "localhost"]) {
    if (!after.startsWith(host)) continue;
    let rest = after.slice(host.length);
    if (rest.startsWith(":")) {
      let digits = "";
      for (const each of rest.slice(1)) {
        if (!"0123456789".includes(each)) break;
        digits += each;
      }
      const port = Number(digits);
      if (digits === "" || digits.startsWith("0") || port > 65_535) return null;
      rest = rest.slice(1 + digits.length);
    }
    return rest === "" || rest.startsWith("/") || rest.startsWith("?") ? { host, rest } : null;
  }
  return null;
}

test("the matcher agrees with a slow implementation for any pair", () => {
  const part = fc.record({
    scheme: fc.constantFrom("http://", "https://", "http:/", "HTTP://", "app.x:/"),
    host: fc.constantFrom(
      "127.0.0.1",
      "[::1]",
      "localhost",
      "rp.test",
      "127.0.0.2",
      "user@localhost",
    ),
    port: fc.constantFrom("", ":", ":0", ":1", ":80", ":3000", ":65535", ":65536", ":03", ":x"),
    rest: fc.constantFrom(
      "",
      "/",
      "/cb",
      "/cb/",
      "/CB",
      "?x=1",
      "/cb?x=1",
      "/cb#",
      "#/cb",
      ";a",
      "/cb\n",
    ),
  });
  const uri = part.map(({ scheme, host, port, rest }) => scheme + host + port + rest);
  const isRegistrable = (text: string, type: ApplicationType) => {
    try {
      register(text, type, "any");
      return true;
    } catch {
      return false;
    }
  };
  const types = fc.constantFrom<ApplicationType>("web", "native");
  fc.assert(
    fc.property(uri, uri, types, (requested, registered, type) => {
      fc.pre(isRegistrable(registered, type));
      const expected = slowMatch(requested, registered, type);
      assert.equal(matchesRedirectUri(requested, [registered], type), expected);
      assert.equal(
        matchesRedirectUri(requested, ["https://other.test/", registered], type),
        expected,
      );
    }),
    { numRuns: 3000 },
  );
});

test("any valid URI matches itself, and not with one character more", () => {
  const text = fc.string({ unit: fc.constantFrom(..."abc./:@?#&=%2e*;[]-_~ "), maxLength: 12 });
  fc.assert(
    fc.property(
      text,
      fc.constantFrom("https://rp.test", "http://127.0.0.1", "app.x:"),
      (tail, head) => {
        const uri = head + tail;
        try {
          register(uri, "native", "any");
        } catch {
          return;
        }
        assert.equal(matchesRedirectUri(uri, [uri], "native"), true);
        for (const other of [`${uri}x`, `${uri}#`, `x${uri}`, uri.slice(0, -1)])
          assert.equal(matchesRedirectUri(other, [uri], "native"), slowMatch(other, uri, "native"));
      },
    ),
    { numRuns: 2000 },
  );
});

test("R17: any input is judged in linear time", async () => {
  const registered = ["https://rp.test/cb", "http://127.0.0.1/cb"];
  for (const uriOf of [
    (size: number) => `https://rp.test/${"a".repeat(size)}`,
    (size: number) => `http://127.0.0.1${":".repeat(size)}`,
    (size: number) => `http://127.0.0.1:${"1".repeat(size)}/cb`,
    (size: number) => `http://${"[::".repeat(size)}`,
    (size: number) => `http://127.0.0.1/${"?/".repeat(size)}`,
  ])
    await assertLinearTime(
      (size) => {
        const uri = uriOf(size);
        assert.equal(matchesRedirectUri(uri, registered, "native"), false);
        assert.throws(() => register(`${uri}#`, "native", "any"), OAuthError);
      },
      { size: 50_000, name: uriOf(1) },
    );
});

test("a response that does not go to an https site stays on this computer", () => {
  for (const [uri, expected] of [
    ["HTTPS://rp.test/cb", false],
    ["https://rp.test/cb", false],
    ["https://localhost/cb", false],
    ["http://127.0.0.1/cb", true],
    ["http://localhost/cb", true],
    ["app.x:/cb", true],
    ["cursor://cb", true],
  ] as const)
    assert.equal(isOnThisComputer(uri), expected, uri);
});
