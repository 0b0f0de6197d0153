/** Registration: cases G8, G9, G11, G12, G14 and R11. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { after, describe, test } from "node:test";
import { setClientDisabled } from "../../src/clients/change_client.ts";
import { authorizationUrl, testBrowser } from "../support/browser.ts";
import { OPERATOR } from "../support/operation.ts";
import {
  type Answer,
  APP,
  call,
  clientOf,
  OPEN,
  registerAt,
  storedIn,
} from "../support/registration.ts";
import { soon } from "../support/stories.ts";
import { explanationOf, refused } from "./assertions.ts";
import { watchedServer } from "./watched_server.ts";

const server = await watchedServer(OPEN);
after(() => server.close());
await server.addUser("ada");
const { store } = server.server;

const said = ({ status, body }: Answer) => `${status} ${body.error}`;
const own = ({ body }: Answer) => ({
  path: String(body.registration_client_uri),
  token: String(body.registration_access_token),
});

describe("G8: members and values of operators", () => {
  const HOSTILE = {
    trusted: true,
    is_trusted: true,
    require_pkce: false,
    resource: server.issuer,
    resources: ["https://prints.test/api"],
    required_acr: "x",
    id_token_claims: "scope",
    client_id: "chosen",
    client_secret: "chosen",
    created_by: "operator",
    owner_sub: "ada",
    registration_hash: "chosen",
    disabled_at: null,
    ends_before: 1,
    logo: "chosen",
  };
  const WANTED = {
    grant_types: ["authorization_code", "client_credentials"],
    scope: "openid prints.order",
  };

  /** Nothing of it is stored, and the answer shows nothing of it. */
  async function assertOrdinary(answer: Answer) {
    const { record } = await clientOf(storedIn(server), answer);
    const { trusted, require_pkce, resource, created_by, owner_sub, logo, metadata } = record;
    assert.deepEqual(
      { trusted, require_pkce, resource, created_by, owner_sub, logo },
      {
        ...{ trusted: false, require_pkce: true, resource: null, created_by: "registration" },
        ...{ owner_sub: null, logo: null },
      },
    );
    assert.notEqual(record.client_id, "chosen");
    assert.notEqual(record.registration_hash, "chosen");
    assert.equal(record.secrets.length, 1);
    assert.equal(metadata.scope, "openid");
    assert.deepEqual(metadata.grant_types, ["authorization_code"]);
    const shown = { ...answer.body, ...metadata };
    for (const name of Object.keys(HOSTILE))
      if (!["client_id", "client_secret"].includes(name)) assert.ok(!(name in shown), name);
  }

  test("G8 are not stored at registration", async () => {
    const answer = await registerAt(server, { ...APP, ...HOSTILE, ...WANTED });
    assert.equal(answer.status, 201);
    assert.notEqual(answer.body.client_secret, "chosen");
    await assertOrdinary(answer);
  });

  test("G8 are not stored by a change", async () => {
    const made = await registerAt(server);
    const { path, token } = own(made);
    const { client_id, client_secret } = made.body;
    const document = { ...APP, ...HOSTILE, ...WANTED, client_id, client_secret };
    const answer = await call(server, path, { method: "PUT", token, document });
    assert.equal(answer.status, 200);
    await assertOrdinary(made);
  });

  test("G8 a change with a chosen id or secret is refused", async () => {
    const made = await registerAt(server);
    const { path, token } = own(made);
    const { client_id } = made.body;
    for (const more of [{ client_id: "chosen" }, { client_id, client_secret: "chosen" }]) {
      const document = { ...APP, ...more };
      const answer = await refused(server, () =>
        call(server, path, { method: "PUT", token, document }),
      );
      assert.equal(said(answer), "400 invalid_client_metadata");
    }
  });
});

describe("registration access tokens", () => {
  const READS = ["GET", "PUT", "DELETE"];

  test("G9 a disabled client's token is refused, for reading, changing and removing", async () => {
    const made = await registerAt(server);
    const { record: client } = await clientOf(storedIn(server), made);
    await setClientDisabled({ client, disabled: true }, OPERATOR, server.server);
    const { path, token } = own(made);
    const { client_id } = made.body;
    for (const method of READS) {
      const document = method === "PUT" ? { ...APP, client_id } : undefined;
      const answer = await refused(server, () => call(server, path, { method, token, document }), {
        markers: [token],
      });
      assert.equal(said(answer), "401 invalid_token");
      assert.match(answer.headers.get("www-authenticate") ?? "", /error="invalid_token"/);
    }
    assert.ok(await store.findClient(client_id));
  });

  test("G9 after a restore, an earlier token is refused, and a new client's works", async () => {
    await using restored = await watchedServer(OPEN);
    const made = await registerAt(restored);
    const { path, token } = own(made);
    assert.equal((await call(restored, path, { method: "GET", token })).status, 200);
    const database = new DatabaseSync(restored.path);
    restored.advance(10);
    database.exec(`UPDATE server_state SET value = ${restored.now()} WHERE name = 'epoch'`);
    database.close();
    await soon(async () => {
      const answer = await call(restored, path, { method: "GET", token });
      assert.equal(said(answer), "401 invalid_token");
    });
    const after = own(await registerAt(restored));
    const { status } = await call(restored, after.path, { method: "GET", token: after.token });
    assert.equal(status, 200);
  });

  test("G9 no token, another client's, a client without one and an unknown client look alike", async () => {
    const [made, other] = [await registerAt(server), await registerAt(server)];
    const operators = await server.addClient(APP);
    const removed = await registerAt(server);
    await call(server, own(removed).path, { method: "DELETE", token: own(removed).token });
    const answers: unknown[] = [];
    for (const [path, token] of [
      [own(made).path, own(other).token],
      [own(made).path, `${own(made).token}x`],
      [own(made).path, own(made).token.slice(0, -1)],
      [own(made).path, String(made.body.client_secret)],
      [`/register/${operators.client_id}`, own(made).token],
      [`/register/${operators.client_id}`, operators.client_secret],
      [own(removed).path, own(removed).token],
      ["/register/unknown", own(made).token],
    ] as const)
      for (const method of READS) {
        const answer = await refused(server, () => call(server, path, { method, token }));
        answers.push([answer.status, answer.body, answer.headers.get("www-authenticate")]);
      }
    assert.equal(new Set(answers.map((each) => JSON.stringify(each))).size, 1);
    const bare = await call(server, own(made).path, { method: "GET" });
    assert.equal(bare.status, 401);
    assert.equal((await call(server, own(made).path, { method: "GET", ...own(made) })).status, 200);
  });

  test("G9 the database has no token, only its hash", async () => {
    const made = await registerAt(server);
    const { registration_access_token, client_secret, client_id } = made.body;
    const rows = JSON.stringify([
      server.snapshot(),
      await store.listAudit({ client_id, limit: 10 }),
    ]);
    assert.ok(!rows.includes(registration_access_token));
    assert.ok(!rows.includes(client_secret));
  });
});

describe("G11: markup and addresses of strangers", () => {
  const BAD = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:image/svg+xml,<svg onload='alert(1)'/>",
    "vbscript:x",
    "http://app.test/x",
    "//app.test/x",
    '"><script>alert(1)</script>',
  ];
  for (const name of ["policy_uri", "tos_uri", "logo_uri", "client_uri"])
    test(`G11 ${name} is an https address`, async () => {
      for (const uri of BAD) {
        const answer = await refused(server, () => registerAt(server, { ...APP, [name]: uri }));
        assert.equal(said(answer), "400 invalid_client_metadata", uri);
      }
    });

  test("G11 markup in a name is text on every page, and a logo comes from this server only", async () => {
    const made = await registerAt(server, {
      ...APP,
      client_name: `<img src=x onerror=alert(1)>"'`,
      logo_uri: "https://app.test/logo.png?a=<b>",
    });
    const browser = testBrowser(server);
    const redirect_uri = APP.redirect_uris[0];
    const sign_in = await browser.get(authorizationUrl(made.body, { redirect_uri }));
    const consent = await browser.signIn(sign_in, "ada");
    assert.equal(consent.url.pathname, "/consent");
    for (const { html } of [sign_in, consent]) {
      assert.doesNotMatch(html, /<img src=x/);
      assert.doesNotMatch(html, /app\.test\/logo/);
      assert.match(html, /&lt;img src=x/);
    }
  });
});

describe("G12: floods", () => {
  test("G12 the twenty-first registration of an address in an hour is refused and writes no row", async () => {
    const registration = { ...OPEN.registration, per_address_hour: 20 };
    await using small = await watchedServer({ ...OPEN, registration });
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, () => registerAt(small).then(({ status }) => status)),
    );
    assert.equal(outcomes.filter((status) => status === 201).length, 20);
    assert.equal(outcomes.filter((status) => status === 429).length, 40);
    const late = await refused(small, () => registerAt(small));
    assert.equal(late.status, 429);
    assert.ok(Number(late.headers.get("retry-after")) > 0);
    assert.equal(late.headers.get("access-control-allow-origin"), "*");

    small.advance(86_400);
    await small.server.store.sweep(small.now(), 500);
    const left = small.snapshot();
    assert.equal(left.client.length, 0);
    const events = await small.server.store.listAudit({ limit: 10 });
    assert.deepEqual(
      events.filter(({ event }) => event === "client_created"),
      [],
    );
  });

  test("G12 one network of IPv6 is one address", async () => {
    const registration = { ...OPEN.registration, per_address_hour: 2 };
    await using small = await watchedServer({ ...OPEN, registration });
    const from = async (address: string) => (await registerAt(small, APP, { address })).status;
    assert.equal(await from("2001:db8::1"), 201);
    assert.equal(await from("2001:db8::2"), 201);
    assert.equal(await from("2001:db8::ffff"), 429);
    assert.equal(await from("2001:db8:1::1"), 201);
  });

  test("G12 a body over 16 KB, too many members, and lists that are too long are refused", async () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`m${i}`, 1]));
    const uris = Array.from({ length: 101 }, (_, i) => `https://app.test/${i}`);
    for (const [document, status] of [
      [{ ...APP, padding: "x".repeat(16_384) }, 413],
      [{ ...APP, ...many }, 400],
      [{ ...APP, redirect_uris: uris }, 400],
      [{ ...APP, contacts: uris }, 400],
    ] as const) {
      const answer = await refused(server, () => registerAt(server, document));
      assert.equal(answer.status, status);
    }
  });

  test("G12 the caches of other nodes keep their clients when one registers", async () => {
    const before = await store.readState();
    assert.equal((await registerAt(server)).status, 201);
    assert.deepEqual((await store.readState()).versions, before.versions);
  });
});

describe("G14: software statements", () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const jwt = (header: object, claims: object, signature = "c2ln") =>
    `${part(header)}.${part(claims)}.${signature}`;
  const CLAIMS = { iss: "https://directory.test", client_name: "Other name" };
  const INVALID = "400 invalid_software_statement";

  for (const [what, software_statement, error] of [
    ["no JWT", "x", INVALID],
    ["no text", 7, INVALID],
    ["an empty text", "", INVALID],
    ["alg none", jwt({ alg: "none" }, CLAIMS, ""), INVALID],
    ["alg None with a signature", jwt({ alg: "None" }, CLAIMS), INVALID],
    ["no issuer", jwt({ alg: "RS256" }, { client_name: "x" }), INVALID],
    ["four parts", `${jwt({ alg: "RS256" }, CLAIMS)}.x`, INVALID],
    ["an unknown issuer", jwt({ alg: "RS256" }, CLAIMS), "400 unapproved_software_statement"],
    [
      "this server as the issuer",
      jwt({ alg: "RS256" }, { ...CLAIMS, iss: server.issuer }),
      "400 unapproved_software_statement",
    ],
  ] as const)
    test(`G14 with ${what}: ${error}`, async () => {
      const made = await registerAt(server);
      const { path, token } = own(made);
      const { client_id } = made.body;
      const document = { ...APP, client_id, software_statement };
      const post = await refused(server, () => registerAt(server, document));
      assert.equal(said(post), error);
      const put = { method: "PUT", token, document };
      assert.equal(said(await refused(server, () => call(server, path, put))), error);
    });
});

test("R11 schemes that run or read something are refused, in any spelling, also natively", async () => {
  for (const uri of [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://app.test/x",
    "about:blank",
    "ws://app.test/",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "\u0000javascript:alert(1)",
    "JAVASCRIPT://app.test/%0aalert(1)",
  ])
    for (const more of [{}, { application_type: "native", token_endpoint_auth_method: "none" }])
      for (const member of ["redirect_uris", "post_logout_redirect_uris"]) {
        const answer = await refused(server, () =>
          registerAt(server, { ...APP, ...more, [member]: [uri] }),
        );
        assert.equal(said(answer), "400 invalid_redirect_uri", uri);
      }
});

test("the log explains a refused registration, and holds neither token nor secret", async () => {
  const made = await registerAt(server);
  const { path, token } = own(made);
  const from = server.lines.length;
  await call(server, path, { method: "GET", token: `${token}x` });
  explanationOf(server.lines.slice(from));
  const log = JSON.stringify(server.lines);
  assert.ok(!log.includes(token));
  assert.ok(!log.includes(String(made.body.client_secret)));
});
