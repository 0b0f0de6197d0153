/**
 * Attacks that nobody listed: every input gets a 2xx, 3xx or 4xx; and no order of actions by people, apps
 * and thieves revives anything that was ended. `TEST_SEED=… npm test -- test/security` runs other cases.
 */
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { after, before, type TestContext, test } from "node:test";
import fc from "fast-check";
import { createLog } from "../../src/node/log.ts";
import { parseClientMetadata } from "../../src/oauth/client_metadata.ts";
import { OAuthError } from "../../src/oauth/errors.ts";
import { parseForm, parseJson } from "../../src/oauth/params.ts";
import { matchesRedirectUri } from "../../src/oauth/redirect_uri.ts";
import { ENDPOINTS, PAGES } from "../support/addresses.ts";
import {
  accountsOn,
  authorizationUrl,
  type TestBrowser,
  testBrowser,
  VERIFIER,
} from "../support/browser.ts";
import { RULES } from "../support/client_rules.ts";
import { authorize, basic, introspect, post, redeem, refresh, tokensFor } from "../support/flow.ts";
import { inbox } from "../support/inbox.ts";
import { ISSUER, NATIVE, SNAPS, type TestClient, testServer, WEB } from "../support/server.ts";
import { formBody } from "./assertions.ts";
import { clientOf, statusOf, type Wire } from "./sockets.ts";
import { type WatchedServer, watchedServer } from "./watched_server.ts";

const seed = Number(process.env.TEST_SEED ?? 20_261_124);
const told = (t: TestContext, numRuns: number) => {
  t.diagnostic(`seed ${seed}`);
  return { seed, numRuns };
};

let server: WatchedServer;
let web: TestClient;
let ada: TestBrowser;
let http: Server;
let wire: Wire;
/** Real values, mixed into random requests so that they pass the first checks. */
let real: string[];
/** The fields that the forms of each page of this browser have. */
let own_fields: [string, string][];
const written: string[] = [];

before(async () => {
  // A secret may be sent as an id; the log in production masks it there too.
  const log = createLog({ json: true, write: (line) => written.push(line) });
  server = await watchedServer(
    { sign_up: true, your_apps: "everyone", mail: inbox().mail },
    { log },
  );
  await server.addUser("ada");
  web = await server.addClient(WEB);
  const tokens = await tokensFor(server, web);
  ada = tokens.browser;
  const consent = await ada.get(authorizationUrl(web, { prompt: "consent" }));
  const form = formBody(consent.html, "/consent");
  const csrf = form.get("csrf") ?? "";
  const { ada: account = "" } = accountsOn(await ada.get("/select-account"));
  own_fields = [
    ["csrf", csrf],
    ["account", account],
  ];
  const { access_token, refresh_token, id_token, code } = tokens;
  real = [
    ...[access_token, refresh_token, id_token, code, web.client_id, web.client_secret, VERIFIER],
    ...[form.get("continue") ?? "", form.get("shown") ?? "", csrf, SNAPS, ISSUER],
    ...["code", "S256", "openid", "none", "login", "allow", "authorization_code", "refresh_token"],
    ...["client_credentials", "https://printly.test/callback", "query", "form_post", "register"],
    ...["change_password", "end_session", "remove", "update", "new_secret", "photos.read"],
  ];
  http = createServer(server.node);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const address = http.address();
  wire = clientOf(typeof address === "object" && address ? address.port : 0);
});
after(async () => {
  http.closeAllConnections();
  await new Promise((resolve) => http.close(resolve));
  await server.close();
  for (const line of written) {
    for (const secret of real.filter((text) => /^(vk[acrs]_|eyJ)/.test(text)))
      assert.ok(!line.includes(secret), line);
    assert.equal(line.indexOf("\n"), line.length - 1);
  }
});

const API = [...ENDPOINTS, "/userinfo"];
const NAMES = (
  "response_type client_id redirect_uri scope state nonce prompt max_age login_hint id_token_hint ui_locales " +
  "response_mode resource code_challenge code_challenge_method request request_uri continue shown csrf decision account " +
  "username password email name to link other which intent app view saved removed done session kind site " +
  "redirect_uris current_password new_password keep_old grant_type code code_verifier refresh_token token " +
  "token_type_hint client_secret client_assertion client_assertion_type access_token __proto__ constructor"
).split(" ");

const nasty = fc.constantFrom(
  ...[
    "",
    " ",
    "\u0000",
    "\r\n",
    "\u202e",
    "\ud800",
    "%",
    "%00",
    "%zz",
    "'",
    '"><script>',
    "..",
    "//",
    "\\",
  ],
  ...[
    "null",
    "undefined",
    "NaN",
    "-1",
    "1e400",
    "9".repeat(400),
    "true",
    "[]",
    "{}",
    "__proto__",
    "😀",
    "ﷺ".repeat(20),
  ],
);
const anyText = fc.oneof(
  nasty,
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.webUrl(),
  fc.base64String({ maxLength: 100 }),
  fc.lorem({ maxCount: 3 }),
  fc.nat().map((i) => real[i % real.length] ?? ""),
  fc.tuple(fc.nat(), fc.nat({ max: 80 }), fc.string({ maxLength: 2 })).map(([i, at, cut]) => {
    const text = real[i % real.length] ?? "";
    return text.slice(0, at) + cut + text.slice(at + 1);
  }),
);
const pairs = fc.array(
  fc.tuple(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...NAMES) }, anyText), anyText),
  {
    maxLength: 14,
  },
);
const headerText = fc.string({ unit: "grapheme-ascii", maxLength: 60 });
const anyHeaders = fc.record(
  {
    authorization: fc.oneof(
      headerText,
      headerText.map((text) => `Basic ${Buffer.from(text).toString("base64")}`),
      fc.nat().map((i) => `Bearer ${(real[i % real.length] ?? "").replace(/[^\x21-\x7e]/g, "")}`),
      fc.constant("").map(() => basic(web)),
    ),
    "accept-language": headerText,
    "user-agent": headerText,
    "sec-fetch-site": fc.constantFrom("cross-site", "same-origin", "none", "x"),
    "x-forwarded-for": headerText,
    "x-forwarded-host": headerText,
    origin: headerText,
    dpop: headerText,
  },
  { requiredKeys: [] },
);

/** The answer is not a server error; none within 20 s counts as a hang. */
async function answered(path: string, init: RequestInit, browser?: TestBrowser): Promise<void> {
  const asked = browser
    ? browser.request(path, init)
    : server.fetch(new Request(new URL(path, ISSUER), init));
  const late = AbortSignal.timeout(20_000);
  const response = await Promise.race([
    asked,
    new Promise<never>((_, reject) =>
      late.addEventListener("abort", () => reject(new Error("no answer"))),
    ),
  ]);
  const text = await response.text();
  assert.ok(response.status >= 200 && response.status < 500, `${response.status} ${path} ${text}`);
  assert.doesNotMatch(text, /\bat .*\.ts:\d|SQLITE/);
  for (const [, value] of response.headers) assert.doesNotMatch(value, /[\r\n]/);
  const empty: Record<string, unknown> = {};
  assert.equal(empty.x, undefined);
}
const sane = (headers: Partial<Record<string, string>>): Headers => {
  const list = new Headers();
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) list.set(name, value.trim());
  return list;
};

test("any query and headers at any page are answered, with and without a session", async (t) => {
  const cases = fc.asyncProperty(
    ...([
      fc.constantFrom(...PAGES),
      pairs,
      anyHeaders,
      fc.boolean(),
      fc.string({ unit: "grapheme-ascii" }),
    ] as const),
    async (path, query, headers, signed, rest) => {
      const browser = signed ? ada : testBrowser(server);
      const text = new URLSearchParams(query).toString();
      await answered(`${path}?${text}`, { headers: sane(headers) }, browser);
      await answered(`${path}?${encodeURI(rest.replaceAll("#", ""))}`, {}, browser);
    },
  );
  await fc.assert(cases, told(t, 300));
});

test("an authorization request with any parameter changed is answered", async (t) => {
  const changed = fc.array(fc.tuple(fc.constantFrom(...NAMES), anyText), {
    minLength: 1,
    maxLength: 4,
  });
  const cases = fc.asyncProperty(changed, fc.boolean(), async (changes, signed) => {
    const browser = signed ? ada : testBrowser(server);
    const path = authorizationUrl(web, Object.fromEntries(changes));
    if (path.length < 16_000) await answered(path, {}, browser);
    const body = path.split("?")[1] ?? "";
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    await answered("/authorize", { method: "POST", headers, body }, browser);
  });
  await fc.assert(cases, told(t, 300));
});

test("any form at any page is answered, even with a valid CSRF token and a pending request", async (t) => {
  const paths = PAGES.filter((path) => !["/sign-up", "/setup", "/sign-out"].includes(path));
  const types = fc.constantFrom(
    ...Array(6).fill("application/x-www-form-urlencoded"),
    "application/json",
    "text/plain",
    "multipart/form-data; boundary=x",
  );
  const cases = fc.asyncProperty(
    ...([fc.constantFrom(...paths), pairs, anyHeaders, types, fc.boolean()] as const),
    async (path, fields, headers, type, genuine) => {
      const others = fields.filter(([name]) => own_fields.every(([own]) => own !== name));
      const sent = genuine ? [...others, ...own_fields] : fields;
      const body = new URLSearchParams(sent).toString();
      const list = sane({ ...headers, "content-type": String(type) });
      // The form may do what it asks for, except sign this browser out.
      const browser = testBrowser(server, {
        address: `10.${fields.length}.0.${body.length % 250}`,
      });
      for (const [name, value] of ada.cookies) browser.cookies.set(name, value);
      await answered(path, { method: "POST", headers: list, body }, browser);
    },
  );
  await fc.assert(cases, told(t, 300));
});

test("any form at any endpoint is answered, with and without client authentication", async (t) => {
  const cases = fc.asyncProperty(
    ...([fc.constantFrom(...API), pairs, anyHeaders, fc.boolean()] as const),
    async (path, fields, headers, known) => {
      const list = sane({
        ...headers,
        ...(known && { authorization: basic(web) }),
        "content-type": "application/x-www-form-urlencoded",
      });
      const unique = new Map(fields);
      await answered(path, {
        method: "POST",
        headers: list,
        body: new URLSearchParams(fields).toString(),
      });
      await answered(path, {
        method: "POST",
        headers: list,
        body: new URLSearchParams([...unique]).toString(),
      });
    },
  );
  await fc.assert(cases, told(t, 300));
});

test("any JSON or malformed JSON at any endpoint is answered", async (t) => {
  const values = fc.oneof(
    fc.json(),
    fc
      .dictionary(
        fc.oneof(fc.constantFrom(...NAMES), fc.string()),
        fc.oneof(anyText, fc.jsonValue()),
      )
      .map((value) => JSON.stringify(value)),
    fc
      .tuple(fc.json(), fc.nat({ max: 50 }), fc.string({ unit: "binary", maxLength: 3 }))
      .map(([text, at, cut]) => text.slice(0, at) + cut + text.slice(at)),
    fc.string({ unit: "binary", maxLength: 200 }),
  );
  const cases = fc.asyncProperty(
    fc.constantFrom(...API),
    values,
    fc.boolean(),
    async (path, body, known) => {
      const headers = {
        "content-type": "application/json",
        ...(known && { authorization: basic(web) }),
      };
      await answered(path, { method: "POST", headers, body });
    },
  );
  await fc.assert(cases, told(t, 300));
});

test("any bytes on the wire are answered, or the connection is closed", async (t) => {
  const line = fc.tuple(
    fc.constantFrom(
      "Host",
      "X",
      "Content-Length",
      "Transfer-Encoding",
      "Authorization",
      "Cookie",
      "Content-Type",
      "",
    ),
    fc.string({ unit: "binary-ascii", maxLength: 30 }),
  );
  const requests = fc.tuple(
    fc.constantFrom("GET", "POST", "HEAD", "OPTIONS", "PUT", "X", ""),
    fc.oneof(
      fc.constantFrom(...PAGES, ...API, "/jwks"),
      fc.string({ unit: "binary-ascii", maxLength: 30 }),
    ),
    fc.array(line, { maxLength: 5 }),
    fc.string({ unit: "binary-ascii", maxLength: 60 }),
  );
  const cases = fc.asyncProperty(requests, async ([method, path, lines, body]) => {
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    const answer = await wire.raw(
      `${method} ${path} HTTP/1.1\r\nHost: as.test\r\nConnection: close\r\n${head}\r\n${body}`,
      { quiet: 40, end: true },
    );
    assert.ok(answer === "" || statusOf(answer) < 500, answer.slice(0, 200));
  });
  await fc.assert(cases, told(t, 200));
  assert.equal((await wire.request("/healthz")).status, 200);
});

test("client metadata is parsed or refused, never stored unchecked", (t) => {
  const members =
    "redirect_uris token_endpoint_auth_method grant_types response_types application_type client_name client_uri scope jwks contacts post_logout_redirect_uris __proto__ trusted client_id";
  const metadata = fc.oneof(
    fc.jsonValue(),
    fc.dictionary(
      fc.constantFrom(...members.split(" ")),
      fc.oneof(fc.jsonValue(), fc.array(anyText), anyText),
    ),
  );
  const cases = fc.property(metadata, (input) => {
    try {
      const parsed = parseClientMetadata(input, RULES);
      for (const uri of parsed.redirect_uris)
        assert.doesNotMatch(uri, /^(javascript|data|file|blob):|#|\s/i);
      for (const name of ["trusted", "client_id", "__proto__"])
        assert.ok(!Object.hasOwn(parsed, name));
    } catch (error) {
      assert.ok(error instanceof OAuthError, String(error));
    }
  });
  fc.assert(cases, told(t, 1000));
});

test("parameters are parsed or refused", (t) => {
  const cases = fc.property(
    fc.oneof(fc.string({ unit: "binary" }), fc.json()),
    fc.boolean(),
    (text, json) => {
      try {
        const params = json ? parseJson(text, 100) : parseForm(text, 100);
        for (const name of params.names())
          assert.ok(params.all(name).length <= 1 || name === "resource");
      } catch (error) {
        assert.ok(error instanceof OAuthError, String(error));
      }
    },
  );
  fc.assert(cases, told(t, 1000));
});

test("a redirect URI matches if it is equal or differs in the port of a loopback address only", (t) => {
  const registered = [
    "https://rp.test/cb",
    "http://127.0.0.1/cb",
    "http://127.0.0.1:81/x",
    "http://[::1]:9/cb?a=1",
    "http://localhost/cb",
    "com.example.app:/cb",
  ];
  const changed = fc
    .tuple(
      fc.constantFrom(...registered),
      fc.nat({ max: 30 }),
      fc.string({ maxLength: 3 }),
      fc.nat({ max: 3 }),
    )
    .map(([uri, at, added, removed]) => uri.slice(0, at) + added + uri.slice(at + removed));
  const ported = fc
    .tuple(
      fc.constantFrom("127.0.0.1", "[::1]", "localhost", "127.0.0.2", "rp.test"),
      fc.nat({ max: 70_000 }),
      fc.constantFrom("/cb", "/x", "/cb?a=1", ""),
    )
    .map(([host, port, rest]) => `http://${host}:${port}${rest}`);
  // A slow second implementation of the rule, from the specification (RFC 8252 §7.3).
  const expected = (asked: string): boolean =>
    registered.some((known) => {
      if (known === asked) return true;
      if (!URL.canParse(asked)) return false;
      const [a, b] = [new URL(known), new URL(asked)];
      if (a.protocol !== "http:" || a.hostname !== b.hostname) return false;
      const port = /^http:\/\/[^/?#]*?(?::(\d*))?(?=[/?#]|$)/.exec(asked)?.[1];
      const bare = `http://${a.hostname}${port === undefined ? "" : `:${port}`}`;
      const rest = known.replace(/^http:\/\/[^/?#]*/, "");
      const valid = port === undefined || (/^[1-9]\d*$/.test(port) && Number(port) <= 65_535);
      return valid && asked === `${bare}${rest}`;
    });
  const cases = fc.property(
    fc.oneof(fc.constantFrom(...registered), changed, ported, anyText),
    (asked) => {
      assert.equal(matchesRedirectUri(asked, registered, "native"), expected(asked), asked);
    },
  );
  fc.assert(cases, told(t, 3000));
});

/** State of one grant, kept by a model that has only the rules. */
interface Known {
  client: TestClient;
  code: string;
  refresh_tokens: string[];
  access_token: string;
  issued_at: number;
  advanced_at: number;
  alive: boolean;
  access_revoked: boolean;
}

test("after any order of events, ended grants stay ended and no other grant ends", async (t) => {
  const model = await testServer();
  const sub = await model.addUser("ada");
  const confidential = await model.addClient(WEB);
  const rotating = await model.addClient({ ...NATIVE, redirect_uris: WEB.redirect_uris });
  const account = await model.server.store.findAccount(sub);
  assert.ok(account);
  const browser = testBrowser(model);
  const scope = "openid offline_access photos.read";

  const action = fc.record({
    what: fc.constantFrom(
      ...[
        "start",
        "start",
        "refresh",
        "refresh",
        "refresh old",
        "replay code",
        "revoke",
        "revoke old",
      ],
      ...["revoke access", "remove consent", "disable", "enable", "wait", "wait long", "guess"],
    ),
    which: fc.nat(),
    seconds: fc.constantFrom(1, 30, 59, 61, 600),
  });
  const cases = fc.asyncProperty(
    fc.array(action, { minLength: 5, maxLength: 20 }),
    async (actions) => {
      const grants: Known[] = [];
      let disabled = false;
      const enable = async (on: boolean) => {
        disabled = !on;
        const disabled_at = on ? null : model.now();
        await model.server.store.updateAccount({ ...account, disabled_at }, ["ada"]);
      };
      for (const { what, which, seconds } of actions) {
        const grant = grants[which % Math.max(1, grants.length)];
        const client = which % 2 ? confidential : rotating;
        if (what === "start" && !disabled) {
          const { code } = await authorize(model, client, { browser, parameters: { scope } });
          const { status, body } = await redeem(model, client, code, { resource: ISSUER });
          assert.equal(status, 200, JSON.stringify(body));
          const at = { issued_at: model.now(), advanced_at: model.now() };
          const { access_token, refresh_token } = body;
          grants.push({
            client,
            code,
            refresh_tokens: [refresh_token],
            access_token,
            ...at,
            alive: true,
            access_revoked: false,
          });
        }
        if (what === "disable") await enable(false);
        if (what === "enable") await enable(true);
        if (what === "wait") model.advance(seconds);
        if (what === "wait long") model.advance(3600);
        if (grant) await act(what, grant, which);
        await check();
      }
      await enable(true);
      await check();

      async function act(what: string, grant: Known, which: number): Promise<void> {
        const { client, refresh_tokens } = grant;
        const tokens = refresh_tokens.length;
        const old = what === "refresh old" || what === "revoke old";
        const at = old ? which % tokens : tokens - 1;
        const token = refresh_tokens[at] ?? "";
        if (what === "refresh" || what === "refresh old") {
          const last = at === tokens - 1;
          const replay = at === tokens - 2 && model.now() - grant.advanced_at <= 60;
          const { status, body } = await refresh(model, client, token, { resource: ISSUER });
          const leaked = client === rotating && !last && !replay;
          const good = grant.alive && !disabled && !leaked;
          assert.equal(status, good ? 200 : 400, `${what} ${body.error_description}`);
          if (leaked) grant.alive = false;
          if (!good) return;
          grant.access_token = body.access_token;
          grant.issued_at = model.now();
          grant.access_revoked = false;
          if (client === rotating && last) {
            refresh_tokens.push(body.refresh_token);
            grant.advanced_at = model.now();
          } else assert.equal(body.refresh_token, refresh_tokens.at(-1));
        }
        if (what === "replay code") {
          const { body } = await redeem(model, client, grant.code);
          assert.equal(body.error, "invalid_grant");
          grant.alive = false;
        }
        if (what === "revoke" || what === "revoke old") {
          assert.equal((await post(model, "/revoke", { client, token })).status, 200);
          grant.alive = false;
        }
        if (what === "revoke access") {
          await post(model, "/revoke", { client, token: grant.access_token });
          const held = grant.alive && !disabled && model.now() < grant.issued_at + 600;
          if (held) grant.access_revoked = true;
        }
        if (what === "remove consent") {
          await model.server.store.removeConsent({ sub, client_id: client.client_id }, model.now());
          for (const each of grants) if (each.client === client) each.alive = false;
        }
        if (what === "guess") {
          const forged = `${token.slice(0, -2)}${token.endsWith("AA") ? "BB" : "AA"}`;
          assert.equal((await refresh(model, client, forged)).status, 400);
          assert.equal((await redeem(model, client, `vkc_${token.slice(4)}`)).status, 400);
        }
      }

      async function check(): Promise<void> {
        for (const {
          client,
          access_token,
          refresh_tokens,
          issued_at,
          alive,
          access_revoked,
        } of grants) {
          const holds = alive && !disabled;
          const headers = { authorization: `Bearer ${access_token}` };
          const { status } = await model.fetch(new Request(`${ISSUER}/userinfo`, { headers }));
          const fresh = holds && !access_revoked && model.now() < issued_at + 600;
          assert.equal(status, fresh ? 200 : 401);
          if (client !== confidential) continue;
          assert.equal(
            (await introspect(model, client, refresh_tokens.at(-1) ?? "")).active,
            holds,
          );
        }
      }
    },
  );
  await fc.assert(cases, told(t, 60));
  await model.close();
});
