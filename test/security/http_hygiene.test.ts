/** Attacks below the protocol: malformed shapes, sizes, paths, methods and headers. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { parseBasic } from "../../src/client_auth/client_secret_basic.ts";
import { nodeAdapter } from "../../src/http/node_adapter.ts";
import { proxyTrust } from "../../src/http/proxy.ts";
import { createLog } from "../../src/node/log.ts";
import { type Running, serve } from "../../src/node/serve.ts";
import { parseBearer } from "../../src/oauth/bearer.ts";
import { parseJsonStrictly } from "../../src/oauth/json.ts";
import { parseForm, parseJson } from "../../src/oauth/params.ts";
import { parseScope } from "../../src/oauth/scope.ts";
import { silentObserver } from "../../src/observe/observer.ts";
import { cleanText } from "../../src/pages/foreign.ts";
import { chooseLanguage, languages } from "../../src/pages/texts.ts";
import { foldLogin, isEmail, refuseUsername } from "../../src/people/login.ts";
import { DatabaseUnavailable } from "../../src/store/sql/driver.ts";
import { ENDPOINTS, PAGES } from "../support/addresses.ts";
import {
  authorizationUrl,
  sessionCookie,
  type TestBrowser,
  testBrowser,
  VERIFIER,
} from "../support/browser.ts";
import { authorize, basic, post, redeem, tokensFor } from "../support/flow.ts";
import { inbox } from "../support/inbox.ts";
import { assertLinearTime } from "../support/linear_time.ts";
import {
  CONFIG,
  ISSUER,
  PASSWORD,
  SERVICE,
  type TestClient,
  testServer,
  WEB,
} from "../support/server.ts";
import { assertNoSecrets, explanationOf, formBody, refused } from "./assertions.ts";
import { failingStore, SECRET } from "./failing_store.ts";
import { clientOf, listening, statusOf, type Wire } from "./sockets.ts";
import { type WatchedServer, watchedServer } from "./watched_server.ts";

const JOB = { ...SERVICE, scope: "photos.read" };
const FORM = "application/x-www-form-urlencoded";
const DOCUMENTS = [
  "/jwks",
  "/.well-known/openid-configuration",
  "/.well-known/oauth-authorization-server",
];

let server: WatchedServer;
let web: TestClient;
let job: TestClient;
let ada: TestBrowser;
/** The server as it runs in production, behind its own listener, on real sockets. */
let running: Running;
let wire: Wire;
const wire_log: string[] = [];

before(async () => {
  server = await watchedServer({ sign_up: true, mail: inbox().mail });
  await server.addUser("ada");
  web = await server.addClient(WEB);
  job = await server.addClient(JOB);
  ({ browser: ada } = await authorize(server, web));
  running = await serve(
    { database: "sqlite::memory:", port: 0 },
    { log: createLog({ json: true, write: (line) => wire_log.push(line) }) },
  );
  wire = clientOf(Number(new URL(running.address).port));
});
after(async () => {
  await running.stop();
  await server.close();
});

interface Sent {
  type?: string;
  body?: string;
  headers?: Record<string, string>;
  method?: string;
}
async function send(path: string, { type = FORM, body = "", headers = {}, method = "POST" }: Sent) {
  const init = { method, headers: { "content-type": type, ...headers } };
  const request = new Request(
    `${ISSUER}${path}`,
    method === "GET" || method === "HEAD" ? init : { ...init, body },
  );
  const response = await server.fetch(request);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text };
}
const authenticated = () => ({ authorization: basic(job) });

/** No input may change the prototype of all objects. */
function assertUnpolluted(): void {
  const empty: Record<string, unknown> = {};
  for (const name of ["x", "polluted", "isAdmin", "status", "client_id", "0"])
    assert.equal(empty[name], undefined);
  assert.equal(Object.keys(Object.prototype).length, 0);
}

test("H2 parameter names in array or object notation are unknown names like any other", async () => {
  const forms = [
    "grant_type[]=client_credentials",
    "grant_type[0]=client_credentials",
    "grant_type[a]=b",
    "grant_type=client_credentials&scope[]=photos.write",
    "grant_type=client_credentials&scope[a]=b",
    "grant_type.x=client_credentials",
  ];
  for (const body of forms) {
    const { status, text } = await send("/token", { body, headers: authenticated() });
    if (body.startsWith("grant_type=")) assert.equal(JSON.parse(text).scope, "photos.read");
    else assert.equal(status, 400, body);
  }
  for (const path of ["/authorize", "/sign-in", "/consent", "/account"])
    for (const query of [
      "client_id[]=client-1",
      "continue[a]=b",
      "client_id[client_id]=client-1",
      "to[]=x",
    ])
      assert.ok((await ada.request(`${path}?${query}`)).status < 500);
});

test("H2 JSON values other than strings are refused", async () => {
  const values = [
    "[]",
    "{}",
    "1",
    "null",
    "true",
    '["client_credentials"]',
    '{"a":1}',
    '[["x"]]',
    "1e400",
    "-0",
  ];
  for (const value of values)
    for (const name of ["grant_type", "scope", "client_id", "code", "token", "unknown"]) {
      const known = name === "grant_type" ? "" : '"grant_type":"client_credentials",';
      const body = `{${known}"${name}":${value}}`;
      for (const path of ENDPOINTS) {
        const sent = { type: "application/json", body, headers: authenticated() };
        const { status, text } = await refused(server, () => send(path, sent));
        assert.equal(status, 400, `${path} ${body}`);
        assert.equal(JSON.parse(text).error, "invalid_request");
      }
    }
});

test("H2 a JSON body that is not an object, or repeats a key, is refused", async () => {
  const deep = "[".repeat(30_000);
  const bodies = [
    "",
    " ",
    "null",
    "[]",
    '"x"',
    "1",
    "{",
    "}",
    "{]",
    '{"a":"b",}',
    "{'a':'b'}",
    '{"grant_type":"client_credentials","grant_type":"client_credentials"}',
    '{"grant_type":"client_credentials","grant\\u005ftype":"password"}',
    '{"grant_type":"client_credentials","__proto__":"x"}',
    '{"grant_type":"client_credentials","__proto__":{"x":"y"}}',
    '{"grant_type":"client_credentials","a":{"a":"b","a":"c"}}',
    `{"a":${deep}${"]".repeat(30_000)}}`,
    `{"a":${deep}}`,
    `${'{"a":'.repeat(8000)}1${"}".repeat(8000)}`,
    `{"a":"${"\\".repeat(30_001)}"}`,
    "\ufeff{}",
    "\u0000",
    "NaN",
  ];
  for (const body of bodies)
    for (const path of ENDPOINTS) {
      const sent = { type: "application/json; charset=utf-8", body, headers: authenticated() };
      const { status } = await refused(server, () => send(path, sent));
      assert.equal(status, 400, `${path} ${body.slice(0, 80)}`);
    }
  const good = {
    type: "Application/JSON",
    body: JSON.stringify({ grant_type: "client_credentials" }),
  };
  assert.equal((await send("/token", { ...good, headers: authenticated() })).status, 200);
});

test("H2 other content types are refused, and a form under a JSON type is not read as a form", async () => {
  const body = "grant_type=client_credentials";
  const types = [
    "text/plain",
    "multipart/form-data; boundary=x",
    "application/xml",
    "application/x-www-form-urlencoded2",
    "application/jsonp",
    "application/json-seq",
    "*/*",
    ",",
    "application/x-www-form-urlencoded, application/json",
  ];
  for (const type of types)
    for (const path of [...ENDPOINTS, "/userinfo", "/authorize", "/sign-in", "/consent"]) {
      const { status } = await refused(server, () =>
        send(path, { type, body, headers: authenticated() }),
      );
      assert.ok([400, 401, 415].includes(status), `${path} ${type} ${status}`);
    }
  const multipart =
    '--x\r\nContent-Disposition: form-data; name="grant_type"\r\n\r\nclient_credentials\r\n--x--';
  const sent = {
    type: "multipart/form-data; boundary=x",
    body: multipart,
    headers: authenticated(),
  };
  assert.equal((await refused(server, () => send("/token", sent))).status, 415);
  const zipped = await server.fetch(
    new Request(`${ISSUER}/token`, {
      method: "POST",
      headers: { ...authenticated(), "content-type": FORM, "content-encoding": "gzip" },
      body: gzipSync(body),
    }),
  );
  assert.equal(zipped.status, 400, "no body is decompressed");
});

test("H3 no parameter name in forms, JSON, queries, cookies or JWTs reaches a prototype", async () => {
  const names = [
    "__proto__",
    "__proto__[x]",
    "__proto__.x",
    "constructor",
    "constructor[prototype][x]",
    "constructor.prototype.x",
    "prototype",
    "hasOwnProperty",
    "toString",
    "valueOf",
  ];
  for (const name of names) {
    const pair = new URLSearchParams([[name, "polluted"]]).toString();
    for (const path of [...ENDPOINTS, "/userinfo", ...PAGES]) {
      const { status } = await send(path, { body: pair, headers: authenticated() });
      assert.ok(status < 500, `${path} ${name}`);
      assertUnpolluted();
      await ada.request(`${path}?${pair}`);
      assertUnpolluted();
    }
    for (const value of ['"polluted"', '{"x":"polluted"}', '{"prototype":{"x":1}}']) {
      const body = `{"grant_type":"client_credentials","${name}":${value}}`;
      const { status } = await send("/token", {
        type: "application/json",
        body,
        headers: authenticated(),
      });
      assert.ok(status < 500);
      assertUnpolluted();
    }
    const browser = testBrowser(server);
    browser.cookies.set(name, "polluted");
    assert.equal((await browser.request("/sign-in")).status, 200);
    for (const parameters of [
      { client_id: name },
      { scope: name },
      { resource: name },
      { prompt: name },
    ]) {
      const response = await ada.request(authorizationUrl(web, parameters));
      assert.ok(response.status < 500);
      assertUnpolluted();
    }
    const encode = (text: string) => Buffer.from(text).toString("base64url");
    const header = encode(`{"alg":"ES256","${name}":{"x":"polluted"}}`);
    const claims = encode(`{"iss":"client-1","sub":"client-1","${name}":{"x":"polluted"}}`);
    for (const jwt of [`${header}.${claims}.AA`, `${encode('{"alg":"ES256"}')}.${claims}.AA`]) {
      const type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
      const body = new URLSearchParams({
        client_assertion: jwt,
        client_assertion_type: type,
      }).toString();
      assert.equal((await send("/token", { body })).status, 401);
      await send("/introspect", { body: `token=${jwt}`, headers: authenticated() });
      await ada.request(authorizationUrl(web, { id_token_hint: jwt, prompt: "none" }));
      assertUnpolluted();
    }
  }
});

test("H5 the limit on URL length holds inside an HTTP server that allows longer headers", async (t) => {
  const http = createServer({ maxHeaderSize: 100_000 }, server.node);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  t.after(() => new Promise((resolve) => http.close(resolve)));
  const address = http.address();
  const own = clientOf(typeof address === "object" && address ? address.port : 0);
  assert.equal((await own.request(`/jwks?${"a".repeat(16_300)}`)).status, 200);
  assert.equal((await own.request(`/jwks?${"a".repeat(17_000)}`)).status, 414);
});

test("H5 each size limit has its own status: body 413, URL 414, headers 431, parameters 400", async () => {
  const headers = { "content-type": FORM };
  const large = Buffer.alloc(10_000_000, "a");
  for (const path of ["/token", "/sign-in", "/nowhere", "/authorize"]) {
    const counted = await wire.request(
      path,
      { method: "POST", headers: { ...headers, "content-length": large.length } },
      large,
    );
    assert.equal(counted.status, 413, path);
    const chunked = await wire.request(
      path,
      { method: "POST", headers: { ...headers, "transfer-encoding": "chunked" } },
      large,
    );
    assert.equal(chunked.status, 413, path);
  }
  const edge = (n: number) =>
    wire.request("/token", { method: "POST", headers }, `a=${"b".repeat(n - 2)}`);
  assert.equal((await edge(65_536)).status, 401);
  assert.equal((await edge(65_537)).status, 413);
  assert.equal(
    statusOf(await wire.raw(`GET /jwks?${"a".repeat(17_000)} HTTP/1.1\r\nHost: x\r\n\r\n`)),
    414,
  );
  assert.equal(
    statusOf(await wire.raw(`GET /jwks HTTP/1.1\r\nHost: x\r\nX: ${"a".repeat(65_536)}\r\n\r\n`)),
    431,
  );
  const many = "X: y\r\n".repeat(3000);
  assert.equal(statusOf(await wire.raw(`GET /jwks HTTP/1.1\r\nHost: x\r\n${many}\r\n`)), 431);
  const address = await server.fetch(new Request(`${ISSUER}/jwks?${"a".repeat(16_384)}`));
  assert.equal(address.status, 414);
  for (const path of ENDPOINTS) {
    for (const body of [
      "a=&".repeat(20_000),
      Array.from({ length: 101 }, (_, i) => `p${i}=`).join("&"),
      "&".repeat(60_000),
    ]) {
      const answer = await refused(server, () => send(path, { body, headers: authenticated() }));
      assert.equal(answer.status, 400);
    }
    const object = JSON.stringify(
      Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`p${i}`, ""])),
    );
    const json = { type: "application/json", body: object, headers: authenticated() };
    assert.equal((await refused(server, () => send(path, json))).status, 400);
  }
  assert.equal((await wire.request("/healthz")).status, 200);
});

test("H5 an oversized request is logged with an event id", async () => {
  const from = server.lines.length;
  const response = await server.fetch(
    new Request(`${ISSUER}/token`, { method: "POST", body: "x".repeat(70_000) }),
  );
  assert.equal(response.status, 413);
  assert.match(String(explanationOf(server.lines.slice(from)).fields.why), /body is too large/);
  await server.fetch(new Request(`${ISSUER}/${"a".repeat(17_000)}`));
  assert.match(
    String(explanationOf(server.lines.slice(from + 1)).fields.why),
    /address is too long/,
  );
});

test("H5 slow, incomplete or silent connections do not delay other requests", async () => {
  const head =
    "POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n";
  const unfinished = [
    "",
    "P",
    "POST /token HTTP/1.1\r\n",
    head,
    `${head}Content-Length: 1000\r\n\r\n`,
    `${head}Content-Length: 1000\r\n\r\ngrant_type=`,
    `${head}Transfer-Encoding: chunked\r\n\r\n`,
    `${head}Transfer-Encoding: chunked\r\n\r\n5\r\ngrant`,
    `${head}Expect: 100-continue\r\nContent-Length: 10\r\n\r\n`,
  ];
  const served = Promise.withResolvers<void>();
  let ended = 0;
  const hold = async (text: string): Promise<string> => {
    const answer = await wire.raw(text, { until: served.promise });
    ended += 1;
    return answer;
  };
  const held = Promise.all(
    unfinished.flatMap((text) => Array.from({ length: 10 }, () => hold(text))),
  );
  for (let i = 0; i < 20; i += 1) assert.equal((await wire.request("/jwks")).status, 200);
  assert.equal(ended, 0, "all of these connections were still open");
  served.resolve();
  for (const answer of await held)
    assert.ok([0, 100, 400].includes(statusOf(answer)), answer.slice(0, 80));
  for (const text of unfinished) {
    const answer = await wire.raw(text, { end: true });
    assert.ok(
      [0, 100, 400].includes(statusOf(answer)),
      "an incomplete request gets no answer beyond 400",
    );
  }
  assert.equal((await wire.request("/healthz")).status, 200);
});

test("H5 refused bodies are not kept in memory", async () => {
  const chunk = Buffer.alloc(1_000_000, "a");
  const body = Buffer.concat(Array.from({ length: 10 }, () => chunk));
  await wire.request("/token", { method: "POST", headers: { "content-type": FORM } }, body);
  const before = process.memoryUsage().rss;
  for (let i = 0; i < 5; i += 1)
    await Promise.all(
      Array.from({ length: 4 }, () =>
        wire.request("/token", { method: "POST", headers: { "content-type": FORM } }, body),
      ),
    );
  const grown = process.memoryUsage().rss - before;
  assert.ok(grown < 150_000_000, `${grown} bytes for 200 MB`);
});

test("H5 requests with ambiguous framing are refused (request smuggling)", async () => {
  const smuggled = [
    "Content-Length: 5\r\nTransfer-Encoding: chunked",
    "Content-Length: 5\r\nContent-Length: 6",
    "Content-Length: +5",
    "Content-Length: 5, 5",
    "Content-Length: 0x5",
    "Content-Length: -1",
    "Content-Length : 5",
    "Transfer-Encoding: chunked, identity",
    "Transfer-Encoding: xchunked",
    "Transfer-Encoding: identity",
    "X: y\r\n folded: z",
    "X\u0000: y",
    "Host: y",
  ];
  for (const header of smuggled) {
    const text = `POST /token HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${header}\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\nHost: x\r\n\r\n`;
    const answer = await wire.raw(text);
    assert.ok(
      [400, 401, 408, 413, 501].includes(statusOf(answer)) || answer === "",
      `${header}: ${answer.slice(0, 60)}`,
    );
    assert.doesNotMatch(answer, /HTTP\/1\.1 (200|404)/, header);
  }
});

test("H5 a duplicate Authorization or Content-Type header never authenticates another client", async (t) => {
  const node = await listening(t, server.node);
  const body = "grant_type=client_credentials";
  const other = await server.addClient({ ...JOB, client_name: "Other" });
  const raw = (lines: string[]) =>
    node.raw(
      [
        "POST /token HTTP/1.1",
        "Host: as.test",
        `Content-Type: ${FORM}`,
        `Content-Length: ${body.length}`,
        "Connection: close",
        ...lines,
        "",
        body,
      ].join("\r\n"),
    );
  const good = basic(job);
  const wrong = basic({ ...job, client_secret: "wrong" });
  assert.equal(statusOf(await raw([`Authorization: ${good}`])), 200);
  for (const pair of [
    [good, wrong],
    [wrong, good],
    [good, basic(other)],
    [good, good],
    [good, "Bearer x"],
  ]) {
    const answer = await raw(pair.map((value) => `Authorization: ${value}`));
    assert.equal(statusOf(answer), 401, answer.slice(0, 200));
  }
  const typed = await raw(["Content-Type: application/json", `Authorization: ${good}`]);
  assert.ok(statusOf(typed) < 500);
});

test("H6 line breaks in input never end a response header or a log line", async () => {
  const lines: string[] = [];
  const readable: string[] = [];
  for (const [json, write] of [
    [true, (line: string) => lines.push(line)],
    [false, (line: string) => readable.push(line)],
  ] as const) {
    const logged = await testServer({}, { log: createLog({ json, write }) });
    await logged.addUser("ada");
    const client = await logged.addClient({ ...WEB, client_name: "Print\u2028ly" });
    const evil =
      'x\r\nSet-Cookie: a=b\r\n\r\n{"level":"error","event":"forged"}\u2028\u0085\u001b[31m';
    const browser = testBrowser(logged);
    for (const parameters of [
      { state: evil },
      { redirect_uri: evil },
      { scope: evil },
      { client_id: evil },
      { login_hint: evil },
      { resource: `https://x/${evil}` },
      { [evil]: "a", prompt: "none" },
      { [evil]: ["a", "b"] },
    ]) {
      const response = await browser.request(authorizationUrl(client, parameters));
      for (const [, value] of response.headers) assert.doesNotMatch(value, /[\r\n]/);
      assert.equal(response.headers.get("x"), null);
    }
    await browser.request(`/${encodeURIComponent(evil)}`);
    const page = await browser.get("/sign-in");
    await browser.signIn(page, evil, evil);
    const headers = { authorization: basic({ client_id: evil, client_secret: evil }) };
    await logged.fetch(
      new Request(`${ISSUER}/token`, {
        method: "POST",
        headers,
        body: new URLSearchParams({ a: evil }),
      }),
    );
    const agent = {
      headers: { "user-agent": "a\u0085b\u001b[31m\tc", "accept-language": "de\t,\u00a0" },
    };
    assert.equal((await browser.request("/sign-in", agent)).status, 200);
    await logged.close();
  }
  for (const line of [...lines, ...readable]) {
    const control = [...line.slice(0, -1)].find((c) => /[\p{Cc}\p{Zl}\p{Zp}]/u.test(c));
    const coloured = readable.includes(line) && control === "\u001b";
    assert.ok(control === undefined || coloured, JSON.stringify(line));
    assert.ok(line.endsWith("\n"));
    assert.ok(!line.includes("\u001b[31mc"), "only our own colour codes reach the log");
  }
  for (const line of lines) assert.notEqual(JSON.parse(line).event, "forged");
});

test("H8 paths are compared as sent: no encoding, suffix or dot segment leads to an endpoint", async () => {
  const tricks = [
    "//token",
    "/token/",
    "/token;x",
    "/token;x=1",
    "/%74oken",
    "/token%00",
    "/token%20",
    "/token%2f",
    "/token%0a",
    "/TOKEN",
    "/Token",
    "/./token",
    "/x/../token",
    "/../token",
    "/..%2ftoken",
    "/%2e%2e/token",
    "/token/..",
    "/token\\",
    "\\token",
    "/token.json",
    "/token#x",
    "/static/..%2f..%2fetc/passwd",
    "/../../../../etc/passwd",
    "/.env",
    "/.git/config",
    "/admin",
    "/__proto__",
    "/constructor",
    "/%",
    "/%zz",
    "/%ff%fe",
    `/${"a/".repeat(4000)}`,
    "http://evil.test//token",
    "ftp://evil.test/token",
    "token",
    "*",
    "",
  ];
  for (const path of tricks)
    for (const method of ["GET", "POST", "OPTIONS", "DELETE"]) {
      const answer = await wire.raw(
        `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      );
      assert.ok([400, 404].includes(statusOf(answer)), `${method} ${path}: ${answer.slice(0, 60)}`);
      assert.doesNotMatch(answer, /root:|\blocation:/i);
    }
  for (const path of [...PAGES, ...DOCUMENTS, "/userinfo"]) {
    const [, rest = ""] = path.split("/", 2);
    for (const trick of [
      `/${path}`,
      `${path}/`,
      `${path};a`,
      path.replace(rest, encodeHex(rest)),
      path.toUpperCase(),
    ])
      assert.equal(
        statusOf(await wire.raw(`GET ${trick} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)),
        404,
        trick,
      );
  }
});

const encodeHex = (text: string): string =>
  text.replace(/^./, (first) => `%${first.charCodeAt(0).toString(16)}`);

test("H9 secret or personal answers are never cached; public documents are cached for a few minutes", async () => {
  const { access_token, browser } = await tokensFor(server, web, { browser: ada });
  const bearer = { authorization: `Bearer ${access_token}` };
  const secret: [string, Sent][] = [
    ["/token", { body: "grant_type=client_credentials", headers: authenticated() }],
    ["/token", { body: "grant_type=client_credentials" }],
    ["/token", { body: "x", type: "text/plain" }],
    ["/revoke", { body: "token=x", headers: authenticated() }],
    ["/introspect", { body: `token=${access_token}`, headers: { authorization: basic(web) } }],
    ["/introspect", { body: "token=x", headers: authenticated() }],
    ["/userinfo", { method: "GET", headers: bearer }],
    ["/userinfo", { method: "GET" }],
    ["/token", { method: "GET" }],
    ["/nowhere", { method: "GET" }],
  ];
  for (const [path, sent] of secret) {
    const { headers, status } = await send(path, sent);
    assert.equal(headers.get("cache-control"), "no-store", `${path} ${status}`);
    assert.equal(headers.get("pragma"), "no-cache", `${path} ${status}`);
  }
  for (const path of [...PAGES, authorizationUrl(web), authorizationUrl(web, { scope: "nope" })]) {
    const response = await browser.request(path);
    assert.equal(response.headers.get("cache-control"), "no-store", path);
  }
  for (const path of DOCUMENTS) {
    const { headers } = await send(path, { method: "GET" });
    const [, age] = /^public, max-age=(\d+)$/.exec(headers.get("cache-control") ?? "") ?? [];
    assert.ok(Number(age) > 0 && Number(age) <= 300, path);
  }
});

test("H11 cookies are __Host-, Secure and HttpOnly, and contain no token", async () => {
  const browser = testBrowser(server);
  const set: string[] = [];
  const step = async (path: string, init: RequestInit = {}) => {
    const response = await browser.request(path, init);
    set.push(...response.headers.getSetCookie());
    return response;
  };
  const page = await (await step("/sign-in")).text();
  const body = formBody(page, "/sign-in", { username: "ada", password: PASSWORD });
  await step("/sign-in", { method: "POST", body });
  const session = sessionCookie(browser);
  await step(authorizationUrl(web));
  const out = formBody((await browser.get("/sign-out")).html, "/sign-out");
  await step("/sign-out", { method: "POST", body: out });
  assert.deepEqual(
    set.map((line) => line.split("=")[0]),
    [
      "__Host-valetkey_browser",
      session.name,
      "__Host-valetkey_accounts",
      "__Host-valetkey_known",
      "__Host-valetkey_way",
      "__Host-valetkey_accounts",
      session.name,
    ],
  );
  for (const line of set) {
    const [pair = "", ...attributes] = line.split("; ");
    assert.deepEqual(
      attributes.slice(0, 4),
      ["Path=/", "HttpOnly", "SameSite=Lax", "Secure"],
      line,
    );
    assert.ok(attributes.every((each) => !/^domain/i.test(each)));
    assert.doesNotMatch(pair, /vk[crsa]_|eyJ/);
    assert.match(pair.slice(pair.indexOf("=") + 1), /^[A-Za-z0-9._-]*$/);
  }
  assert.match(set.at(-1) ?? "", /session_[\w-]{8}=;.*Max-Age=0/);
  const other = testBrowser(server);
  other.cookies.set(session.name, session.value);
  assert.equal(
    (await other.get("/account")).url.pathname,
    "/sign-in",
    "the session has really ended",
  );
});

test("H11 with an http issuer (loopback only), cookie names have no prefix and contain the port", async () => {
  const issuer = "http://127.0.0.1:4999";
  const local = await testServer({ issuer });
  await local.addUser("ada");
  const browser = testBrowser(local);
  await browser.signIn(await browser.get("/sign-in"), "ada");
  const { name } = sessionCookie(browser);
  assert.match(name, /^valetkey_session_[\w-]{8}_4999$/);
  const others = ["browser", "accounts", "known", "way"].map((each) => `valetkey_${each}_4999`);
  assert.deepEqual([...browser.cookies.keys()].sort(), [...others, name].sort());
  const response = await testBrowser(local).request("/sign-in");
  const [line = ""] = response.headers.getSetCookie();
  assert.match(line, /; Path=\/; HttpOnly; SameSite=Lax; Max-Age=31536000$/);
  assert.equal(response.headers.get("strict-transport-security"), null);
  await local.close();
});

test("H8 an absolute-form request target is routed by its path; Host names the host (RFC 9112 §3.2.2)", async () => {
  for (const target of ["http://as.test/jwks", "HTTPS://elsewhere.test/jwks"]) {
    const request = `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
    assert.equal(statusOf(await wire.raw(request)), 200, target);
  }
});

test("H12 every answer of an https issuer sends HSTS; pages requested over http are refused", async () => {
  for (const path of [
    ...PAGES,
    ...DOCUMENTS,
    ...ENDPOINTS,
    "/userinfo",
    "/healthz",
    "/nowhere",
    "/",
  ]) {
    const { headers } = await send(path, { method: "GET" });
    assert.equal(headers.get("strict-transport-security"), "max-age=31536000", path);
  }
  for (const path of PAGES)
    for (const method of ["GET", "POST"]) {
      const response = await server.fetch(new Request(`http://as.test${path}`, { method }));
      assert.equal(response.status, 421, path);
      assert.deepEqual(response.headers.getSetCookie(), []);
    }
});

test("H12 forwarded headers are ignored unless a listed proxy sent them", async () => {
  const forged = {
    "x-forwarded-proto": "https",
    "x-forwarded-host": "as.test",
    "x-forwarded-for": "10.0.0.1",
  };
  const plain = await server.fetch(new Request("http://10.1.1.1/sign-in", { headers: forged }), {
    address: "10.1.1.1",
  });
  assert.equal(plain.status, 421);
  const behind = await testServer({ trust_proxy: ["10.1.0.0/16"] });
  const at = (address: string, headers: Record<string, string>) =>
    behind.fetch(new Request("http://10.1.1.1/sign-in", { headers }), { address });
  assert.equal((await at("10.1.1.1", forged)).status, 200);
  assert.equal((await at("10.2.1.1", forged)).status, 421);
  for (const host of ["evil.test", "as.test, evil.test", "as.test@evil.test", "as.test:1", ""])
    assert.equal((await at("10.1.1.1", { ...forged, "x-forwarded-host": host })).status, 421, host);
  const trust = proxyTrust(["10.1.0.0/16"]);
  const addressOf = (text: string, peer = "10.1.1.1") =>
    trust({ address: peer, origin: "http://x" }, (name) =>
      name === "x-forwarded-for" ? text : undefined,
    ).address;
  assert.equal(addressOf("1.2.3.4"), "1.2.3.4");
  assert.equal(addressOf("6.6.6.6, 1.2.3.4"), "1.2.3.4", "an address to the left of it is forged");
  assert.equal(addressOf("6.6.6.6, 1.2.3.4, 10.1.9.9"), "1.2.3.4");
  assert.equal(addressOf("1.2.3.4", "10.2.0.1"), "10.2.0.1");
  assert.equal(addressOf("not an address"), "10.1.1.1");
  assert.equal(addressOf(""), "10.1.1.1");
  await behind.close();
});

test("H14 each parser of untrusted text takes linear time", async () => {
  const available = languages();
  const silence = (read: () => unknown): void => {
    try {
      read();
    } catch (error) {
      if (!(error instanceof Error) || error instanceof RangeError) throw error;
    }
  };
  const readers: [string, (n: number) => void][] = [
    ["scope", (n) => parseScope(`${"a ".repeat(n / 2)}"`)],
    ["scope of spaces", (n) => parseScope(" ".repeat(n))],
    ["form", (n) => parseForm("a&".repeat(n / 2), 100)],
    ["form of percents", (n) => parseForm(`a=${"%".repeat(n)}`, 100)],
    ["JSON string", (n) => parseJsonStrictly(`{"a":"${"\\\\".repeat(n / 2)}"}`)],
    ["JSON spaces", (n) => parseJsonStrictly(`{"a"${" ".repeat(n)}:1}`)],
    ["JSON strings and spaces", (n) => parseJsonStrictly(`[${`"a"     ,`.repeat(n / 9)}1]`)],
    ["JSON depth", (n) => parseJson(`{"a":${"[".repeat(n)}`, 100)],
    [
      "JSON keys",
      (n) => parseJson(`{${Array.from({ length: n / 10 }, (_, i) => `"k${i}":""`).join()}}`, 100),
    ],
    ["bearer", (n) => parseBearer(`bearer${" ".repeat(n)}a b`)],
    ["bearer token", (n) => parseBearer(`bearer ${"a".repeat(n)} !`)],
    ["basic", (n) => parseBasic(`basic${" ".repeat(n)}a b`)],
    ["basic text", (n) => parseBasic(`basic ${"a".repeat(n)} !`)],
    [
      "basic percents",
      (n) => parseBasic(`basic ${Buffer.from(`${"%41".repeat(n / 3)}%:x`).toString("base64")}`),
    ],
    ["login", (n) => foldLogin("a@".repeat(n / 2))],
    ["login of marks", (n) => refuseUsername(`a${"\u0301".repeat(n)}`)],
    ["login of ligatures", (n) => refuseUsername("\ufdfa".repeat(n))],
    ["e-mail", (n) => isEmail(`a@${"a.".repeat(n / 2)}`)],
    ["e-mail dots", (n) => isEmail(`a@${".".repeat(n)}`)],
    ["name", (n) => cleanText(`${"\u0301".repeat(n)}a${" \n".repeat(n / 2)}`)],
    ["name of invisibles", (n) => cleanText("a\u200b ".repeat(n / 3))],
    [
      "language",
      (n) =>
        chooseLanguage({
          ui_locales: [`${"a-".repeat(n / 2)}`],
          accept_language: "a-,;q=".repeat(n / 6),
          available,
        }),
    ],
    [
      "forwarded",
      (n) =>
        proxyTrust(["10.0.0.0/8"])({ address: "10.0.0.1", origin: "http://x" }, () =>
          "10.0.0.1,".repeat(n / 9),
        ),
    ],
  ];
  for (const [name, read] of readers)
    await assertLinearTime((size) => silence(() => read(size)), { size: 60_000, name });
});

const LEAKS = /SELECT|sqlite|at .*\.ts|\/var\/lib|db\.internal|Error:|node:|stack/i;

test("H15 a database error shows no internals, on pages or in API answers", async () => {
  const { store, fail } = failingStore();
  const broken = await testServer(CONFIG, { store, secret: SECRET });
  await broken.addUser("ada");
  const client = await broken.addClient(WEB);
  const service = await broken.addClient(JOB);
  const { browser, access_token, refresh_token } = await tokensFor(broken, client);
  const sign_in = await testBrowser(broken).get("/sign-in");
  const body = formBody(sign_in.html, "/sign-in", { username: "ada", password: PASSWORD });
  const consent = await browser.get(authorizationUrl(client, { prompt: "consent" }));
  const message =
    "SQLITE_ERROR: SELECT * FROM account WHERE sub = 'ada' at /var/lib/valetkey.sqlite host=db.internal";
  const requests: (() => Promise<Response>)[] = [
    () => browser.request("/account"),
    () => browser.request("/account/security"),
    () => browser.request(authorizationUrl(client)),
    () => browser.request("/sign-in"),
    () => browser.request("/sign-in", { method: "POST", body }),
    () =>
      browser.request("/consent", {
        method: "POST",
        body: formBody(consent.html, "/consent", { decision: "allow" }),
      }),
    () => browser.request("/setup?link=x"),
    ...[
      {
        path: "/token",
        client: { ...client },
        fields: { grant_type: "refresh_token", refresh_token },
      },
      { path: "/introspect", client, fields: { token: access_token } },
      { path: "/introspect", client, fields: { token: refresh_token } },
      { path: "/revoke", client, fields: { token: refresh_token } },
      { path: "/revoke", client, fields: { token: access_token } },
    ].map(({ path, client: who, fields }) => () => {
      const headers = { authorization: basic(who) };
      return broken.fetch(
        new Request(`${ISSUER}${path}`, {
          method: "POST",
          headers,
          body: new URLSearchParams(fields),
        }),
      );
    }),
    () =>
      broken.fetch(
        new Request(`${ISSUER}/userinfo`, { headers: { authorization: `Bearer ${access_token}` } }),
      ),
  ];
  for (const [error, status] of [
    [new DatabaseUnavailable(message), 503],
    [new Error(message), 500],
    [new TypeError(message, { cause: new Error(message) }), 500],
  ] as const)
    for (const request of requests) {
      await browser.request("/sign-in");
      fail(error);
      const from = broken.lines.length;
      const response = await request();
      fail(null);
      const text = await response.text();
      if (response.status === 410 || response.status === 200) continue;
      assert.ok(
        [status, 400, 403].includes(response.status),
        `${response.status} ${text.slice(0, 200)}`,
      );
      for (const [, value] of response.headers) assert.doesNotMatch(value, LEAKS);
      assert.doesNotMatch(text.replace(/<style>.*<\/style>|<script>.*<\/script>/gs, ""), LEAKS);
      if (response.status === 503) assert.match(response.headers.get("retry-after") ?? "", /^\d+$/);
      if (response.status < 500) continue;
      const line = broken.lines.slice(from).find(({ level }) => level === "error");
      assert.equal(line?.fields.why, message, "the log has the reason that the answer leaves out");
      if (text.startsWith("<!doctype")) assert.ok(text.includes(String(line?.fields.event_id)));
      assertNoSecrets(broken.lines.slice(from));
    }
  assert.equal(
    (await post(broken, "/token", { client: service, grant_type: "client_credentials" })).status,
    200,
  );
  await broken.close();
});

test("H15 keys, metadata and tokens that need no row are served while the database is down", async () => {
  const { store, fail } = failingStore();
  const broken = await testServer(CONFIG, { store, secret: SECRET });
  const client = await broken.addClient(JOB);
  const own = () => post(broken, "/token", { client, grant_type: "client_credentials" });
  assert.equal((await own()).status, 200);
  fail(new DatabaseUnavailable("database is locked"));
  for (const path of [...DOCUMENTS, "/healthz"])
    assert.equal((await broken.fetch(new Request(`${ISSUER}${path}`))).status, 200, path);
  assert.equal((await own()).status, 200);
  const sign_in = await broken.fetch(
    new Request(`${ISSUER}/account`, {
      headers: { cookie: "__Host-valetkey_session_abcdefgh=a.b" },
    }),
  );
  assert.equal(sign_in.status, 503);
  fail(null);
  // A write makes the server read its cached data again; the database goes away at that moment.
  await broken.addClient(JOB);
  fail(new DatabaseUnavailable("database is locked"));
  const keys = await broken.fetch(new Request(`${ISSUER}/jwks`));
  assert.equal(keys.status, 200);
  assert.equal(JSON.parse(await keys.text()).keys.length, 2);
  fail(null);
  assert.equal((await own()).status, 200, "the server recovers by itself");
  await broken.close();
});

test("H15 a server that failed to start answers 503; the reason is only in the log", async (t) => {
  const { store, fail } = failingStore();
  fail(new Error("SELECT * FROM schema_version at /var/lib/x"));
  const lines: string[] = [];
  const log = createLog({ json: true, write: (line) => lines.push(line) });
  const { createAuthorizationServer } = await import("../../src/authorization_server.ts");
  const broken = createAuthorizationServer(CONFIG, { store, secret: SECRET, log });
  const client = await listening(t, broken.node);
  const answer = await client.request("/jwks");
  assert.equal(answer.status, 503);
  assert.match(String(answer.headers["retry-after"]), /^\d+$/);
  assert.doesNotMatch(answer.body, LEAKS);
  assert.match(lines.join(""), /schema_version/);
  await broken.close();
});

test("H15 a response that cannot be written fails its own request only", async (t) => {
  const silent = { info() {}, warn() {}, error() {} };
  const limits = { body: 100, header: 100 };
  const rim = { base: "", limits, trust: proxyTrust([]), log: silent, observer: silentObserver };
  const broken = nodeAdapter(
    async () => ({ status: 303, headers: [["location", "x\r\ny"]], body: "" }),
    rim,
  );
  const client = await listening(t, broken);
  for (let i = 0; i < 2; i += 1) {
    const answer = await client.request("/");
    assert.equal(answer.status, 500);
    assert.equal(answer.body, '{"error":"server_error"}');
  }
});

test("H18 unsupported methods get 405 with Allow, and consume nothing", async () => {
  const { url } = await ada.get(authorizationUrl(web, { prompt: "consent" }));
  const { code } = await authorize(server, web, { browser: ada });
  const allowed: [string, string[]][] = [
    ...PAGES.map((path): [string, string[]] => [path, ["GET", "POST"]]),
    ...ENDPOINTS.map((path): [string, string[]] => [path, ["POST"]]),
    ["/userinfo", ["GET", "POST"]],
    ...[...DOCUMENTS, "/healthz"].map((path): [string, string[]] => [path, ["GET", "HEAD"]]),
    ["/", ["GET"]],
  ];
  const redeemable = new URLSearchParams({
    grant_type: "authorization_code",
    code,
    code_verifier: VERIFIER,
  });
  const before = server.snapshot();
  for (const [path, methods] of allowed)
    for (const method of [
      "GET",
      "HEAD",
      "POST",
      "PUT",
      "PATCH",
      "DELETE",
      "OPTIONS",
      "PROPFIND",
      "QUERY",
      "X",
    ]) {
      if (methods.includes(method)) continue;
      const search = path === "/consent" || path === "/authorize" ? url.search : "";
      const headers = {
        authorization: basic(web),
        cookie: [...ada.cookies].map((pair) => pair.join("=")).join("; "),
      };
      const body = ["GET", "HEAD"].includes(method) ? {} : { body: redeemable };
      const response = await server.fetch(
        new Request(`${ISSUER}${path}${search}`, { method, headers, ...body }),
      );
      assert.equal(response.status, 405, `${method} ${path}`);
      const allow = (response.headers.get("allow") ?? "").split(", ");
      for (const each of methods.filter((one) => one !== "HEAD"))
        assert.ok(allow.includes(each), `${method} ${path}`);
      assert.equal(response.headers.get("location"), null);
      assert.deepEqual(response.headers.getSetCookie(), []);
      if (method === "HEAD") assert.equal(await response.text(), "");
    }
  assert.deepEqual(server.snapshot(), before);
  assert.equal((await redeem(server, web, code)).status, 200, "the code was not consumed");
});

test("H18 method names of object properties (constructor, __proto__, …) get 405", async () => {
  for (const method of [
    "constructor",
    "__proto__",
    "toString",
    "hasOwnProperty",
    "valueOf",
    "get",
    "Post",
  ])
    for (const path of ["/token", "/jwks", "/authorize", "/healthz"]) {
      const response = await server.fetch(new Request(`${ISSUER}${path}`, { method }));
      const [normal] = [new Request(ISSUER, { method }).method];
      const known = normal === "GET" || normal === "POST";
      if (!known) assert.equal(response.status, 405, `${method} ${path}`);
      assert.ok(response.status < 500);
    }
  for (const method of ["CONNECT", "TRACE", "constructor", "GETT", "get"]) {
    const answer = await wire.raw(
      `${method} /token HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    );
    assert.ok([0, 400, 405].includes(statusOf(answer)), `${method}: ${answer.slice(0, 60)}`);
  }
});

test("CORS: other origins may read public documents and call the token endpoints, but no page", async () => {
  const origin = "https://spa.test";
  const open = [...DOCUMENTS, "/token", "/revoke", "/userinfo"];
  for (const path of [...open, ...PAGES, "/introspect", "/healthz", "/", "/nowhere"]) {
    const preflight = await server.fetch(
      new Request(`${ISSUER}${path}`, {
        method: "OPTIONS",
        headers: {
          origin,
          "access-control-request-method": "POST",
          "access-control-request-headers": "authorization",
        },
      }),
    );
    const plain = await server.fetch(new Request(`${ISSUER}${path}`, { headers: { origin } }));
    const expected = open.includes(path) ? "*" : null;
    for (const response of [preflight, plain]) {
      assert.equal(response.headers.get("access-control-allow-origin"), expected, path);
      assert.equal(response.headers.get("access-control-allow-credentials"), null, path);
    }
    if (expected === null) {
      assert.ok([404, 405].includes(preflight.status), path);
      continue;
    }
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get("access-control-allow-headers"), "authorization");
  }
  const refused = await server.fetch(
    new Request(`${ISSUER}/token`, { method: "POST", headers: { origin }, body: "" }),
  );
  assert.equal(refused.headers.get("access-control-allow-origin"), "*", "errors are readable too");
});

test("the log of the real sockets contains neither secrets nor query strings", () => {
  for (const line of wire_log) {
    assert.doesNotMatch(line, /grant_type=|\?a{5}/);
    assert.equal(line.indexOf("\n"), line.length - 1);
  }
});
