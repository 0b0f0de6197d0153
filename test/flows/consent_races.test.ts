/**
 * A person answers at two servers, in processes of their own on one database. The final state must be the outcome of
 * some order of the answers; no test depends on which answer came first.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { scopesOf } from "../../src/oauth/permission.ts";
import {
  type Call,
  race,
  type StoreProcess,
  startProcess,
} from "../../src/store/conformance/process.ts";
import { parseHandle } from "../../src/tokens/handle.ts";
import {
  allowOnly,
  authorizationUrl,
  type FormChoice,
  type Page,
  type TestBrowser,
  testBrowser,
} from "../support/browser.ts";
import { type Arrived, arrivedAt, type BrowserProcess } from "../support/browser_process.ts";
import { introspect, redeem, refresh, type TokenBody, tokensFor } from "../support/flow.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { type TestClient, type TestServer, testServer, WEB } from "../support/server.ts";
import { SECRET } from "../support/two_nodes.ts";

const ROUNDS = 15;
const NARROW = "openid offline_access photos.read";
const WIDE = `${NARROW} photos.write`;
const WIDEST = `${WIDE} prints.order`;

type Step = Call<BrowserProcess>;
type Pair = readonly [StoreProcess<BrowserProcess>, StoreProcess<BrowserProcess>];

/** One database, two servers on it, and a third for the test itself, with a browser in which Ada is signed in. */
interface Site {
  server: TestServer;
  browser: TestBrowser;
  sub: string;
  pair: Pair;
}

const folder = mkdtempSync(join(tmpdir(), "valetkey-consent-races-"));
const sites = new Map<string, Site>();
let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
  sites.set("SQLite", await openSite(`sqlite:${join(folder, "races.sqlite")}`));
  sites.set("PostgreSQL", await openSite(await postgres.newDatabase()));
});
after(async () => {
  for (const { server, pair } of sites.values()) {
    await Promise.all(pair.map((each) => each.close()));
    await Promise.all(pair.map((each) => each.stop()));
    await server.close();
  }
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function openSite(database: string): Promise<Site> {
  // Many rounds of one person, on a clock that stands still.
  const config = { database, rate_limits: { changes: 0 } };
  const server = await testServer(config, { secret: SECRET });
  const sub = await server.addUser("ada");
  const browser = testBrowser(server);
  await browser.signIn(await browser.get("/sign-in"), "ada");
  const module = new URL("../support/browser_process.ts", import.meta.url);
  const start = () => startProcess<BrowserProcess>(module);
  const pair = await Promise.all([start(), start()]);
  await Promise.all(pair.map((each) => each.open(database)));
  return { server, browser, sub, pair };
}

interface Round extends Site {
  round: number;
  /** New in each round, so without consent. */
  client: TestClient;
}

/** The consent page for this scope, whatever was agreed before. */
const ask = ({ browser, client }: Round, scope: string): Promise<Page> =>
  browser.get(authorizationUrl(client, { scope, prompt: "consent" }));

const submit = (
  { browser }: Round,
  { url, html }: Page,
  fields: Readonly<Record<string, string | string[]>>,
  form: FormChoice = "/consent",
): Step => ["submit", browser.cookies, { url: url.href, html, fields, form }];

const silently = ({ browser, client }: Round, scope: string): Step => [
  "fetchTokens",
  browser.cookies,
  authorizationUrl(client, { scope, prompt: "none" }),
  client,
];

/** Runs both lists at once, each at its own server; the servers swap every other round. */
async function meet(
  { pair, round }: Round,
  one: Step[],
  two: Step[],
): Promise<[unknown[], unknown[]]> {
  const [first, second] = await race(round % 2 === 0 ? pair : [pair[1], pair[0]], [[one], [two]]);
  return [first.flat(), second.flat()];
}

/** The scopes usable with these tokens: those of the access token, and those of the next one. */
async function usable({ server, client }: Round, tokens: TokenBody | null): Promise<string[]> {
  if (!tokens?.access_token) return [];
  const { active, scope } = await introspect(server, client, tokens.access_token);
  const next = await refresh(server, client, tokens.refresh_token);
  return [active ? String(scope) : "", next.body.scope ?? ""].flatMap((each) => each.split(" "));
}

const inOrder = (scope: string | undefined): string[] => (scope ?? "").split(" ").sort();

const consentOf = ({ server, sub, client }: Round) =>
  server.server.store.findConsent(sub, client.client_id);

const rules: Readonly<Record<string, (round: Round) => Promise<void>>> = {
  async "a narrower answer beside silent requests: no wide grant is usable afterwards"(round) {
    const { server, client, browser } = round;
    const earlier = await tokensFor(server, client, { browser, parameters: { scope: WIDE } });
    const page = await ask(round, WIDE);
    const narrow = submit(round, page, allowOnly(page, "offline_access", "photos.read"));
    const silent = silently(round, WIDE);
    const turn = round.round % 3;
    const [mine, others] = await meet(
      round,
      [...Array<Step>(turn).fill(silent), narrow],
      [silent, silent, silent],
    );
    const { code } = mine.pop() as Arrived;
    const { body } = await redeem(server, client, code ?? "");
    assert.deepEqual(inOrder(body.scope), inOrder(NARROW));
    for (const tokens of [earlier, ...mine, ...others] as (TokenBody | null)[])
      assert.ok(!(await usable(round, tokens)).includes("photos.write"), "a wide grant survived");
    assert.ok(
      (await usable(round, body)).includes("photos.read"),
      "the last agreed scope is usable",
    );
  },

  async "two tabs agreeing to different scopes: both count, and connected apps shows both"(round) {
    const { server, client, browser } = round;
    if (round.round % 2 === 1)
      await tokensFor(server, client, { browser, parameters: { scope: "openid" } });
    const scopes = ["openid photos.read", "openid prints.order"];
    const tabs = await Promise.all(scopes.map((scope) => ask(round, scope)));
    const [one, two] = tabs.map((page) => [submit(round, page, { decision: "allow" })]);
    const answers = (await meet(round, one ?? [], two ?? [])).flat() as Arrived[];
    for (const [i, { code }] of answers.entries()) {
      const { body } = await redeem(server, client, code ?? "");
      assert.deepEqual(await usable(round, body), [scopes[i], scopes[i]].join(" ").split(" "));
    }
    const { agreed = [] } = (await consentOf(round)) ?? {};
    assert.deepEqual(scopesOf(agreed).sort(), ["openid", "photos.read", "prints.order"]);
    const { html } = await browser.get("/account");
    for (const words of ["See your photos", "Order prints"]) assert.ok(html.includes(words), words);
  },

  async "removing a consent beside an answer: consent and grant both stand, or neither"(round) {
    const { server, client, browser, sub } = round;
    const { client_id } = client;
    const earlier = await tokensFor(server, client, { browser, parameters: { scope: WIDE } });
    const [apps, page] = [
      await browser.get(`/account?remove=${client_id}`),
      await ask(round, WIDE),
    ];
    // In every third round the answer is the first consent.
    if (round.round % 3 === 2)
      await server.server.store.removeConsent({ sub, client_id }, server.now());
    const remove = submit(round, apps, {}, { action: "/account", having: { client_id } });
    const [[answered], [removed]] = (await meet(
      round,
      [submit(round, page, { decision: "allow" })],
      [remove],
    )) as [Arrived[], Arrived[]];
    assert.equal(removed?.path, "/account");
    const { status, body } = await redeem(server, client, answered?.code ?? "");
    assert.equal(status === 200, (await consentOf(round)) !== null);
    assert.equal((await usable(round, body)).includes("photos.write"), status === 200);
    assert.deepEqual(
      await usable(round, earlier),
      ["", ""],
      "the removal ended the earlier tokens",
    );
  },

  async "removing a consent beside silent requests: it stays removed, and no token is usable"(
    round,
  ) {
    const { server, client, browser } = round;
    const { client_id } = client;
    const earlier = await tokensFor(server, client, { browser, parameters: { scope: WIDE } });
    const apps = await browser.get(`/account?remove=${client_id}`);
    const remove = submit(round, apps, {}, { action: "/account", having: { client_id } });
    const silent = silently(round, WIDE);
    const before = Array<Step>(round.round % 3).fill(silent);
    const [mine, others] = await meet(round, [...before, remove], [silent, silent, silent]);
    assert.equal(await consentOf(round), null);
    for (const tokens of [earlier, ...mine.slice(0, -1), ...others] as (TokenBody | null)[])
      assert.ok((await usable(round, tokens)).every((scope) => scope === ""));
  },

  async "one request answered twice: one code, with the scope of the last answer"(round) {
    const { server, client } = round;
    const page = await ask(round, WIDE);
    const narrow = allowOnly(page, "offline_access", "photos.read");
    const answers = await meet(
      round,
      [submit(round, page, { decision: "allow" })],
      [submit(round, page, narrow)],
    );
    const [code, ...more] = new Set((answers.flat() as Arrived[]).map((each) => each.code));
    assert.ok(code && more.length === 0, "both answers have the same code");
    const grant = await server.server.store.findGrant(parseHandle(code)?.grant_id ?? "");
    const consent = await consentOf(round);
    assert.deepEqual(grant?.permissions.toSorted(), consent?.agreed.toSorted());
    // Answer once more, so that the last answer is known.
    const [scope, last] =
      round.round % 2 === 0
        ? ([NARROW, narrow] as const)
        : ([WIDE, { decision: "allow" }] as const);
    const again = arrivedAt(await round.browser.submit(page, last, "/consent"));
    assert.equal(again.code, code);
    assert.deepEqual(inOrder((await redeem(server, client, code)).body.scope), inOrder(scope));
  },

  async "redeeming a code while its answer is narrowed gives only the narrowed scope"(round) {
    const { server, client, browser } = round;
    const page = await ask(round, WIDE);
    const first = arrivedAt(await browser.submit(page, { decision: "allow" }, "/consent"));
    const code = first.code ?? "";
    const refuses = round.round % 3 === 0;
    const less = refuses ? { decision: "deny" } : allowOnly(page, "offline_access", "photos.read");
    const [[tokens], [answered]] = (await meet(
      round,
      [["redeem", client, code]],
      [submit(round, page, less)],
    )) as [TokenBody[], Arrived[]];
    const left = await usable(round, tokens ?? null);
    assert.ok(!left.includes("photos.write"), "a wide grant survived the narrower answer");
    if (refuses) {
      assert.equal(answered?.error, "access_denied");
      assert.ok(left.every((scope) => scope === ""));
    } else {
      assert.ok(left.includes("photos.read"), "the remaining scope is usable");
      assert.ok(answered?.code === code || answered?.code === null);
    }
    assert.equal((await redeem(server, client, code)).status, 400);
  },

  async "a used code answered again: no new code, and the grant is narrowed at once"(round) {
    const { server, client, browser } = round;
    const page = await ask(round, WIDEST);
    const boxes = ["offline_access", "photos.read", "photos.write"];
    const { url } = await browser.submit(page, allowOnly(page, ...boxes), "/consent");
    const code = url.searchParams.get("code") ?? "";
    const tokens = (await redeem(server, client, code)).body;
    assert.equal((await introspect(server, client, tokens.access_token)).active, true);
    const narrow = allowOnly(page, "offline_access", "photos.read");
    const [[wider], [narrower]] = (await meet(
      round,
      [submit(round, page, { decision: "allow" })],
      [submit(round, page, narrow)],
    )) as [Arrived[], Arrived[]];
    assert.deepEqual([wider?.code, narrower?.code], [null, null]);
    assert.deepEqual([wider?.status, narrower?.status], [409, 200]);
    assert.equal((await introspect(server, client, tokens.access_token)).active, false);
    const { body } = await refresh(server, client, tokens.refresh_token);
    assert.deepEqual(inOrder(body.scope), inOrder(NARROW));
    const { agreed = [] } = (await consentOf(round)) ?? {};
    assert.deepEqual(scopesOf(agreed).sort(), inOrder(NARROW));
  },
};

for (const kind of ["SQLite", "PostgreSQL"])
  for (const [name, rule] of Object.entries(rules))
    test(`${kind}: ${name}`, async () => {
      const site = sites.get(kind) ?? assert.fail(`no ${kind}`);
      const { store } = site.server.server;
      for (let round = 0; round < ROUNDS; round += 1) {
        const client = await site.server.addClient(WEB);
        await rule({ ...site, round, client });
        const which = { sub: site.sub, client_id: client.client_id };
        await store.removeConsent(which, site.server.now());
      }
    });
