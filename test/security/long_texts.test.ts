/** Long texts of strangers: what meets one takes linear time, and no log line keeps it whole. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { preflight } from "../../src/http/cors.ts";
import type { HttpRequest } from "../../src/http/message.ts";
import { createLog } from "../../src/node/log.ts";
import { redirectUriProblem } from "../../src/oauth/redirect_uri.ts";
import { describeBrowser } from "../../src/pages/account/browser.ts";
import { html } from "../../src/pages/html.ts";
import { auditEvent } from "../../src/store/audit.ts";
import { bounded } from "../../src/store/bounded.ts";
import { authorizationUrl } from "../support/browser.ts";
import { post } from "../support/flow.ts";
import { assertLinearTime } from "../support/linear_time.ts";
import { ISSUER, type TestClient, type TestServer, testServer, WEB } from "../support/server.ts";

let server: TestServer;
let web: TestClient;
before(async () => {
  server = await testServer({ sign_up: true });
  await server.addUser("ada");
  web = await server.addClient(WEB);
});
after(() => server.close());

const POISONS: Readonly<Record<string, string>> = {
  "beginnings of tokens": "eyJ-",
  "beginnings of codes": "vka_",
  "parts of a token": "a.b.",
  "escapes and spaces": "%20 ",
  "scope names": "ab ",
  "parts of an address": "/:@",
  separators: ",;=&",
  quotes: '\\"',
  brackets: "[{",
};
/** As many names as fit, each another one. */
const names = (length: number): string =>
  Array.from({ length: length / 6 }, (_, i) => String(i).padStart(5, "x")).join(" ");

/** Several requests are one piece of work: the time of a single one is mostly noise. */
const REPEATED = 5;

async function send(path: string, init: RequestInit = {}): Promise<void> {
  for (let i = 0; i < REPEATED; i += 1) {
    const response = await server.fetch(new Request(`${ISSUER}${path}`, init));
    await response.text();
    assert.ok(response.status < 500, `${path.slice(0, 60)} ${response.status}`);
  }
  server.lines.length = 0;
}

test("H1 the mask of the log takes linear time, whatever a line contains", async () => {
  for (const json of [true, false]) {
    const log = createLog({ json, write: () => {} });
    for (const [name, poison] of Object.entries(POISONS))
      await assertLinearTime((size) => log.info("refused", { why: poison.repeat(size / 4) }), {
        ...{ size: 400_000, name },
      });
  }
});

test("H1 a line keeps a bounded part of each text of a stranger", async () => {
  const long = "x".repeat(20_000);
  server.lines.length = 0;
  await server.fetch(new Request(`${ISSUER}/${"y".repeat(16_000)}`));
  await post(server, "/token", { client_id: long, client_secret: long, grant_type: long });
  await post(server, "/introspect", { client_id: long, token: long, [long.slice(0, 999)]: "1" });
  await server.fetch(
    new Request(`${ISSUER}/authorize?${new URLSearchParams({ client_id: long.slice(0, 9000) })}`),
  );
  const scope = names(12_000);
  await server.fetch(new Request(ISSUER + authorizationUrl(web, { scope: `openid ${scope}` })));
  const lines = server.lines.map((line) => JSON.stringify(line).length);
  assert.ok(lines.length >= 10, `${lines.length} lines`);
  assert.ok(Math.max(...lines) < 12_000, `${Math.max(...lines)} characters`);
  assert.ok(server.lines.some(({ event }) => event === "scopes left out"));
});

test("H1 what bounds a text takes no longer for a longer one", async () => {
  const members = (size: number) => ({ why: "x".repeat(size), list: Array(size).fill("y") });
  await assertLinearTime((size) => bounded(members(size)), { size: 800_000 });
  await assertLinearTime(
    (size) =>
      auditEvent(
        "client_changed",
        { actor: "person", details: members(size), address: "z".repeat(size) },
        { now_ms: 1, retention: 1 },
      ),
    { size: 800_000 },
  );
});

test("H1 functions that read a text of a stranger take linear time", async () => {
  const readers: [string, (n: number) => unknown][] = [
    [
      "redirect URI",
      (n) => redirectUriProblem(`http://127.0.0.1/${"a/?".repeat(n / 3)}`, WEB_RULES),
    ],
    ["redirect URI of users", (n) => redirectUriProblem(`http://${"a@".repeat(n / 2)}`, WEB_RULES)],
    ["User-Agent", (n) => describeBrowser("Version/1.".repeat(n / 10))],
    ["markup", (n) => html`<p>${"<&>\"'".repeat(n / 5)}</p>`],
    ["header names", (n) => preflight(asking("a ,\t".repeat(n / 4)), "POST")],
  ];
  for (const [name, read] of readers) await assertLinearTime(read, { size: 200_000, name });
});

const WEB_RULES = { application_type: "web", short_schemes: [] } as const;
const asking = (header: string): HttpRequest => ({
  ...{ method: "OPTIONS", path: "/token", query: "", body: "", origin: ISSUER, address: "::1" },
  header: () => header,
});

/** The poison, as often as `size` characters of an address have room for it. */
const fitting = (poison: string, size: number): string =>
  poison.repeat(size / new URLSearchParams({ "": poison }).toString().length);

const QUERIES =
  "client_id redirect_uri scope state nonce prompt claims resource login_hint ui_locales code_challenge max_age".split(
    " ",
  );

test("H1 an address of any length is answered in linear time", async () => {
  const most = 15_000;
  for (const [name, poison] of Object.entries(POISONS)) {
    await assertLinearTime((size) => send(`/${encodeURIComponent(fitting(poison, size))}`), {
      ...{ size: most, name: `path of ${name}` },
    });
    for (const query of QUERIES) {
      const asking = (size: number) =>
        send(authorizationUrl(web, { [query]: fitting(poison, size) }));
      await assertLinearTime(asking, { size: most, name: `${query} of ${name}` });
    }
    for (const path of ["/sign-in", "/sign-up", "/device", "/account"]) {
      const query = (size: number) =>
        new URLSearchParams({ continue: fitting(poison, size / 2), to: fitting(poison, size / 2) });
      await assertLinearTime((size) => send(`${path}?${query(size)}`), {
        ...{ size: most, name: `${path} of ${name}` },
      });
    }
  }
});

const HEADERS =
  "cookie authorization accept-language user-agent content-type x-forwarded-for traceparent origin access-control-request-headers accept host".split(
    " ",
  );

test("H1 headers of any length are read in linear time", async () => {
  for (const [name, poison] of Object.entries(POISONS))
    for (const header of HEADERS)
      for (const path of ["/sign-in", "/userinfo", "/token"])
        await assertLinearTime(
          (size) =>
            send(path, {
              ...(path === "/token" && { method: "POST", body: "a=1" }),
              headers: { [header]: poison.repeat(size / 4) },
            }),
          { size: 15_000, name: `${header} of ${name} at ${path}` },
        );
});

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  "/token":
    "client_id client_secret client_assertion grant_type code code_verifier refresh_token device_code scope resource".split(
      " ",
    ),
  "/introspect": ["token", "client_assertion"],
  "/revoke": ["token", "client_id"],
  "/device_authorization": ["scope", "client_id"],
  "/sign-in": ["csrf", "username", "password", "continue"],
  "/sign-up": ["csrf", "username", "email", "name"],
};

test("H1 a body of any length is answered in linear time", async () => {
  for (const [path, fields] of Object.entries(FIELDS))
    for (const [name, poison] of Object.entries(POISONS)) {
      const body = (values: Record<string, string>) => new URLSearchParams(values).toString();
      for (const field of fields) {
        const known = { client_id: web.client_id, client_secret: web.client_secret };
        const given = (size: number) => ({
          ...known,
          ...(field !== "grant_type" && { grant_type: "refresh_token" }),
          [field]: fitting(poison, size),
        });
        await assertLinearTime(
          (size) =>
            send(path, {
              method: "POST",
              headers: { "content-type": "application/x-www-form-urlencoded" },
              body: body(given(size)),
            }),
          { size: 60_000, name: `${field} of ${name} at ${path}` },
        );
      }
      await assertLinearTime(
        (size) =>
          send(path, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ client_id: fitting(poison, size) }),
          }),
        { size: 60_000, name: `JSON of ${name} at ${path}` },
      );
    }
});
