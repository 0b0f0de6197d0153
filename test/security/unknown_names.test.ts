/**
 * L1: nobody learns who has an account. For every typed name the server sends the same statements in the same order, and
 * computes as many hashes; it also gives the same answer. Pages that take a name or an address join `SURFACES`.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { parseConfig } from "../../src/config.ts";
import { loginsOf, newAccount } from "../../src/people/account.ts";
import { postgresDriver } from "../../src/store/postgres/driver.ts";
import type { SqlDriver } from "../../src/store/sql/driver.ts";
import { sqlStore } from "../../src/store/sql/store.ts";
import { sqliteDriver } from "../../src/store/sqlite/driver.ts";
import { type Page, type TestBrowser, testBrowser } from "../support/browser.ts";
import { type CountingDriver, countingDriver } from "../support/counting_driver.ts";
import { addVerified, inbox } from "../support/inbox.ts";
import { byPassword, PASSWORD_APP } from "../support/password_stories.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { type Work, workOf } from "../support/same_work.ts";
import {
  PASSWORD,
  START,
  type TestClient,
  type TestServer,
  testServer,
} from "../support/server.ts";
import { SECRET } from "./failing_store.ts";

interface Surface {
  /** Passwords that are hashed for each name. */
  hashes: number;
  /** A statement that each answer needs. */
  needs: RegExp;
  /** Names of people in all states, and of nobody, with the password that is typed. */
  names: readonly { login: string; password: string }[];
  /** Everything before the counted request. */
  prepare(scene: Scene, login: string): Promise<(password: string) => Promise<{ status: number }>>;
}

interface Scene {
  server: TestServer;
  client: TestClient;
  browser: TestBrowser;
}

const WRONG = "wrong password";
const NAMES = [
  { login: "nobody", password: WRONG },
  { login: "ada", password: WRONG },
  { login: "ADA@example.org", password: WRONG },
  { login: "nobody@example.org", password: WRONG },
  { login: "disabled", password: PASSWORD },
  { login: "disabled", password: WRONG },
  { login: "passwordless", password: WRONG },
  { login: "no name at all", password: WRONG },
] as const;
const ADDRESSES = ["nobody", "ada", "disabled", "unverified", "passwordless"].map((name) => ({
  login: `${name}@example.org`,
  password: "000000",
}));

const CODE = "/sign-in/code";
const SEND = { action: CODE, having: { intent: "send" } };
const mailed = async (browser: TestBrowser, email: string): Promise<Page> =>
  browser.submit(await browser.get(CODE), { email }, SEND);

const SURFACES: Readonly<Record<string, Surface>> = {
  "the sign-in page": {
    hashes: 1,
    needs: /FROM login /,
    names: NAMES,
    async prepare({ browser }, login) {
      const page = await browser.get("/sign-in");
      return (password) => browser.signIn(page, login, password);
    },
  },
  "the password grant": {
    hashes: 1,
    needs: /FROM login /,
    names: NAMES,
    async prepare({ server, client }, username) {
      await server.server.store.findClient(client.client_id);
      return (password) => byPassword(server, client, { username, password, scope: "openid" });
    },
  },
  "asking for a mailed code": {
    hashes: 0,
    needs: /FROM login /,
    names: ADDRESSES,
    async prepare({ browser }, email) {
      const page = await browser.get(CODE);
      return () => browser.submit(page, { email }, SEND);
    },
  },
  "a wrong mailed code": {
    hashes: 0,
    needs: /FROM login /,
    names: ADDRESSES,
    async prepare({ server, browser }, email) {
      const page = await mailed(browser, email);
      await server.server.mail?.settle();
      return (code) => browser.submit(page, { code }, { action: CODE, having: { intent: "code" } });
    },
  },
};

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

const databases: Readonly<Record<string, () => Promise<SqlDriver>>> = {
  SQLite: async () => sqliteDriver(":memory:"),
  PostgreSQL: async () => postgresDriver(await postgres.newDatabase()),
};

for (const [database, open] of Object.entries(databases))
  describe(database, () => {
    let driver: CountingDriver;
    let server: TestServer;
    let client: TestClient;
    const subs: string[] = [];
    let networks = 0;

    before(async () => {
      driver = countingDriver(await open());
      const store = sqlStore(driver, parseConfig({}).lifetimes);
      const config = { legacy_grants: true, mail: inbox().mail };
      server = await testServer(config, { secret: SECRET, store });
      client = await server.addClient(PASSWORD_APP);
      subs.push(await addVerified(server, "ada"));
      subs.push(await addVerified(server, "disabled"));
      subs.push(
        await server.addUser("unverified", { claims: { email: "unverified@example.org" } }),
      );
      const { store: records } = server.server;
      const disabled = await records.findAccount(subs[1] ?? "");
      assert.ok(disabled);
      const change = { ...disabled, disabled_at: START };
      assert.ok(await records.updateAccount(change, loginsOf(disabled), { before: disabled }));
      const email = "passwordless@example.org";
      const bare = newAccount(
        { username: "passwordless", email, is_admin: false },
        { password_hash: null, login_email: email, now_ms: START * 1000 },
      );
      bare.claims = { email, email_verified: true };
      assert.ok(await records.createAccount(bare, loginsOf(bare)));
      subs.push(bare.sub);
    });
    after(() => server.close());

    /** Cold: the cache knows nobody. Warm: it knows everybody. */
    const caches = {
      async cold() {
        networks += 1;
        await server.addUser(`passer-by-${networks}`);
      },
      async warm() {
        for (const sub of subs) assert.ok(await server.server.users.find(sub));
      },
    };

    for (const [title, surface] of Object.entries(SURFACES))
      test(`L1 ${title}: the same statements and hashes for each name, whatever the cache holds`, async () => {
        const all: { of: string; work: Work; status: number }[] = [];
        for (const { login, password } of surface.names)
          for (const [cache, prepareCache] of Object.entries(caches)) {
            networks += 1;
            const browser = testBrowser(server, { address: `198.51.100.${networks}` });
            const request = await surface.prepare({ server, client, browser }, login);
            await server.server.mail?.settle();
            await prepareCache();
            let status = 0;
            const work = await workOf(driver, async () => {
              ({ status } = await request(password));
            });
            all.push({ of: `${login}, ${cache}`, work, status });
          }
        const [first] = all;
        assert.ok(first);
        assert.equal(first.work.hashes, surface.hashes);
        assert.ok(first.work.statements.some((sql) => surface.needs.test(sql)));
        for (const { of, work, status } of all) {
          assert.deepEqual(work, first.work, of);
          assert.equal(status, first.status, of);
        }
      });
  });
