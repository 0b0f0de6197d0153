/**
 * A database with 100,000 grants and as many other rows; `npm run test:large` takes 1,000,000. Requests find their rows
 * by the index that the database itself chooses, the sweep takes small steps, and no page grows with the number of rows
 * stored.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { parseConfig } from "../../src/config.ts";
import {
  sampleClient,
  sampleClientSession,
  sampleConsent,
  sampleEvent,
  sampleGrant,
  sampleInitialAccessToken,
  sampleJob,
  sampleLogo,
  samplePasskey,
  sampleRecoveryCode,
  sampleSession,
  sampleTotp,
  sampleTransaction,
} from "../../src/store/conformance/samples.ts";
import { settle } from "../../src/store/conformance/scenario.ts";
import { placeOf } from "../../src/store/place.ts";
import { postgresDriver } from "../../src/store/postgres/driver.ts";
import { POOL_LIMITS } from "../../src/store/postgres/limits.ts";
import type { SqlDriver } from "../../src/store/sql/driver.ts";
import { sqlStore } from "../../src/store/sql/store.ts";
import { sqliteDriver } from "../../src/store/sqlite/driver.ts";
import type { Store } from "../../src/store/store.ts";
import { scannedByPostgres, scannedBySqlite } from "../postgres/plans.ts";
import { testBrowser } from "../support/browser.ts";
import { type CountingDriver, countingDriver } from "../support/counting_driver.ts";
import { multiply } from "../support/multiply.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { START, type TestServer, testServer } from "../support/server.ts";
import { stories } from "../support/stories.ts";
import { SECRET } from "../support/two_nodes.ts";

const MANY = Number(process.env.TEST_ROWS ?? 100_000);
/** Grants that have ended. */
const OVER = 3000;
/** Consents of the busy person. */
const CONNECTED = 3000;
const BATCH = 500;

const folder = mkdtempSync(join(tmpdir(), "valetkey-many-rows-"));
let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Database {
  driver: SqlDriver;
  /** Tables that this statement reads completely. */
  scanned(statement: { sql: string; args: readonly (string | number | null)[] }): Promise<string[]>;
}

const databases: Record<string, () => Promise<Database>> = {
  async SQLite() {
    const driver = sqliteDriver(join(folder, "database.sqlite"));
    return { driver, scanned: ({ sql }) => scannedBySqlite(driver, sql) };
  },
  async PostgreSQL() {
    const url = await postgres.newDatabase();
    const driver = postgresDriver(url, { ...POOL_LIMITS, statement_timeout: 60_000 });
    const scanned: Database["scanned"] = ({ sql, args }) =>
      scannedByPostgres(url, sql, { args, as_it_would: true });
    return { driver, scanned };
  },
};

const text = (prefix: string, number = "i") => `'${prefix}' || CAST(${number} AS TEXT)`;
/** The place of person `i`; no test asks for these people. */
const PLACE = "i % 32768";

/** One row of each kind, from which the others are multiplied. */
async function one(store: Store): Promise<void> {
  const client = sampleClient();
  await store.createClient(client);
  await store.storeLogo(client, sampleLogo({ client_id: client.client_id }));
  await store.addInitialAccessToken(sampleInitialAccessToken());
  const becomes = sampleConsent();
  const client_session = sampleClientSession();
  const grant = sampleGrant();
  await store.approve({ grant, consent: { before: null, becomes }, client_session });
  await store.createSession(sampleSession());
  await store.claimOnce("jti", "one", { now: START, expires_at: START + 86_400, ends: "j:one" });
  const rules = { now: START, window: 86_400, free: 5, wait: 2, longest_wait: 60 };
  await store.countTry(1, rules);
  await store.appendAudit([sampleEvent(), sampleEvent({ sub: null })]);
  await store.addJobs([sampleJob(), sampleJob({ place: null })]);
  await store.createClient(sampleClient({ client_id: "gone" }));
  await store.removeClient("gone", START);
  await store.addTransaction(sampleTransaction());
  const factors = { add_passkeys: [samplePasskey()], add_totps: [sampleTotp()] };
  const recovery_codes = [sampleRecoveryCode()];
  await store.changeFactors({ sub: "ada", version: 0 }, { ...factors, recovery_codes });
}

/** @param busy the person with the most rows of every kind */
async function fillAll(driver: SqlDriver, store: Store, busy: string): Promise<void> {
  await one(store);
  const fill = (table: string, rows: number, columns: Record<string, string | number>) =>
    multiply(driver, table, { count: rows, columns });
  const later = `${START + 86_400} + i`;
  const person = { sub: text("person ", `i % ${MANY / 5}`), place: PLACE };
  const app = { client_id: text("client ", "i % 50") };
  const of_busy = { sub: `'${busy}'`, place: placeOf(busy) };
  const own_app = { client_id: text("client ") };

  const id = (prefix: string) =>
    `${text(`01900000000070008000000${prefix}`, "10000000 + i")} || '0000'`;
  const times = (at: number) => ({
    ...{ created_at: at, advanced_at: at, used_at: at, code_expires_at: at + 60 },
    ...{ expires_at: START + 31_536_000, generation: 1 },
  });
  const live = { ...times(START), check_at: later };
  const over = { ...times(START - 1_000_000), revoked_at: START - 10, check_at: START - 10 };
  const grants = "authorization_grant";
  await fill(grants, MANY, { ...live, ...person, ...app, grant_id: id("01") });
  await fill(grants, OVER, { ...over, ...person, ...app, grant_id: id("00") });
  await fill(grants, CONNECTED, { ...live, ...of_busy, ...own_app, grant_id: id("02") });
  await fill("client", CONNECTED, { ...own_app, created_at: START });
  await fill("client_logo", CONNECTED, own_app);
  const tokens = { token_id: text("t "), created_at: START, expires_at: later };
  await fill("initial_access_token", CONNECTED, tokens);

  const { sub } = person;
  await fill("factor_state", MANY / 5, { sub: text("person ") });
  await fill("passkey", MANY / 5, { sub, credential_id: text("passkey ") });
  await fill("totp", MANY / 5, { sub, totp_id: text("totp ") });
  await fill("recovery_code", MANY / 5, { sub: text("person "), slot: "i % 10" });

  const agreed = { since: START, used_at: `${START} + i` };
  const each = { sub: text("person "), place: PLACE };
  await fill("consent", MANY / 2, { ...agreed, ...each, ...app });
  await fill("consent", CONNECTED, { ...agreed, ...of_busy, ...own_app });

  const signed_in = { created_at: START, seen_at: START, expires_at: later };
  await fill("session", MANY / 5, { ...signed_in, ...person, session_id: text("s ") });
  await fill("session", 1000, { ...signed_in, ...of_busy, session_id: text("busy ") });
  const to_tell = { ...app, check_at: later };
  await fill("client_session", MANY / 5, { ...to_tell, ...person, session_id: text("s ") });
  await fill("client_session", 1000, { ...to_tell, ...of_busy, session_id: text("busy ") });
  await fill("directory_end", MANY / 5, { name: text("c:"), ended_at: later });
  await fill("person_end", MANY / 5, { name: text("j:"), place: PLACE, ended_at: later });
  await fill("claimed_id", MANY / 5, { id: text("id "), place: PLACE, expires_at: later });
  const slot = { slot: "2000000000 + i", place: PLACE, wait_until: 0, expires_at: later };
  await fill("sign_in_counter", MANY / 10, slot);
  const waiting = { id: text("device "), place: PLACE, expires_at: later };
  await fill("stored_transaction", MANY / 10, waiting);

  const audit_id = text("0190000000007000", "10000000 + i");
  const told = { audit_id, at: START, ...app, expires_at: later };
  await fill("person_event", MANY / 5, { ...told, ...person });
  await fill("directory_event", MANY / 5, { ...told, sub: person.sub });
  const work = { job_id: text("job "), due_at: `${START + 3600} + i`, expires_at: later };
  await fill("person_job", MANY / 10, { ...work, place: PLACE });
  await fill("directory_job", MANY / 10, work);
}

/** Of a person with one factor of each kind. */
async function useFactors(store: Store): Promise<void> {
  const sub = "person 9";
  const { version, passkeys, totps } = await store.loadFactors(sub);
  const [passkey, totp] = [passkeys[0], totps[0]];
  if (!passkey || !totp) throw new Error("there are no factors");
  const { credential_id, sign_count } = passkey;
  await store.findPasskey(credential_id);
  const becomes = { sign_count: sign_count + 1, backed_up: true, used_at: START };
  await store.usePasskey(credential_id, passkey, becomes);
  await store.renamePasskey({ sub, credential_id, name: "new" });
  await store.useTotp(totp.totp_id, totp.last_step + 1, START);
  await store.useRecoveryCode({ sub, slot: 9, hash: "unknown" });
  await store.listTotpsUnder(["0badcafe", "00c0ffee"], { after: "", limit: 10 });
  await store.resealTotp(totp, { sealed_secret: "anew", secret_id: "00c0ffee" });
  const removed = { remove_passkeys: [credential_id], remove_totps: [totp.totp_id] };
  await store.changeFactors({ sub, version }, { ...removed, recovery_codes: [] });
  await store.raiseFactorVersion(sub);
}

const count = async (driver: SqlDriver, table: string): Promise<number> =>
  Number((await driver.read(`SELECT count(*) AS rows FROM ${table}`, []))[0]?.rows);

/** Small and rarely written, or of a fixed size. */
const SMALL = new Set([
  "server_state",
  "client",
  "account",
  "login",
  "signing_key",
  "schema_version",
]);

for (const [name, open] of Object.entries(databases))
  describe(`${name}, with ${MANY.toLocaleString("en")} grants`, () => {
    let database: Database;
    let driver: CountingDriver;
    let server: TestServer;
    let busy: string;
    const lifetimes = parseConfig({}).lifetimes;
    before(async () => {
      database = await open();
      driver = countingDriver(database.driver);
      const store = sqlStore(driver, lifetimes);
      await store.migrate();
      // The tests call the sweep themselves, so none runs beside them.
      const given = { ...store, sweep: async () => false };
      server = await testServer({ your_apps: "everyone" }, { secret: SECRET, store: given });
      busy = await server.addUser("busy");
      await fillAll(driver, store, busy);
      if (name === "PostgreSQL") await driver.write("ANALYZE", []);
    });
    after(() => server.close());

    test("requests find their rows by the index that the database chooses", async () => {
      driver.take();
      for (const story of Object.values(stories)) await story(server);
      const { store } = server.server;
      await store.listAudit({ limit: 100, since: START });
      await store.listAudit({ limit: 100, sub: "person 1", since: START });
      await store.listAudit({ limit: 100, client_id: "client 1", since: START });
      const consent = {
        before: null,
        becomes: sampleConsent({ sub: "person 1", client_id: "new" }),
      };
      const grant = sampleGrant({ sub: "person 1", client_id: "new" });
      await store.approve({ grant, consent, narrowed_at: START });
      await store.removeConsent({ sub: "person 7", client_id: "client 7" }, START);
      await store.endSessions({ sub: "person 1", except: null });
      await store.removeAccount("person 8", START);
      await useFactors(store);
      await store.leaseJobs({ kinds: ["mail"], now: START, until: START + 60, limit: 10 });
      const statements = new Map(driver.take().map((each) => [each.sql, each]));
      assert.ok(statements.size > 35, `${statements.size} statements`);
      const wrong: string[] = [];
      for (const statement of statements.values())
        for (const table of await database.scanned(statement))
          if (!SMALL.has(table)) wrong.push(`${table}: ${statement.sql}`);
      assert.deepEqual(wrong, []);
    });

    test("the sweep takes small steps, each found by an index, and ends", async () => {
      const store = sqlStore(driver, lifetimes);
      const before = await count(driver, "authorization_grant");
      driver.take();
      assert.equal(await store.sweep(START, BATCH), true);
      const statements = driver.take();
      assert.equal(before - (await count(driver, "authorization_grant")), BATCH);
      for (const statement of statements) {
        const scanned = await database.scanned(statement);
        // The server on the same database looks at its versions meanwhile.
        const grown = scanned.filter((table) => table !== "server_state");
        assert.deepEqual(grown, [], statement.sql);
      }
      let rounds = 1;
      while (await store.sweep(START, BATCH)) rounds += 1;
      assert.ok(rounds <= OVER / BATCH + 1, `${rounds} rounds`);
      assert.equal(before - (await count(driver, "authorization_grant")), OVER);
    });

    test("a client is removed without its grants, which end in small steps", async () => {
      const store = sqlStore(driver, lifetimes);
      // The ids of the grants above begin with a time long ago.
      const client_id = "many people's";
      await store.createClient(sampleClient({ client_id, created_at: 0 }));
      await driver.write("UPDATE authorization_grant SET client_id = ? WHERE client_id = ?", [
        ...[client_id, "client 7"],
      ]);
      const live = async () => {
        const sql = `SELECT count(*) AS rows FROM authorization_grant
          WHERE client_id = ? AND revoked_at IS NULL`;
        return Number((await driver.read(sql, [client_id]))[0]?.rows);
      };
      const many = await live();
      assert.ok(many >= MANY / 50, `${many} grants`);
      driver.take();
      assert.equal(await store.removeClient(client_id, START + 5), true);
      for (const { sql } of driver.take()) assert.doesNotMatch(sql, /authorization_grant|consent/);
      assert.equal(await live(), many);
      driver.take();
      await settle(store);
      const walk = driver.take().filter(({ sql }) => /authorization_grant|consent/.test(sql));
      assert.equal(await live(), 0);
      assert.ok(walk.length > MANY / BATCH, `${walk.length} statements`);
      const statements = new Map(walk.map((each) => [each.sql, each]));
      for (const statement of statements.values())
        assert.deepEqual(await database.scanned(statement), [], statement.sql);
      for (const { sql, args } of walk)
        if (/LIMIT/.test(sql)) assert.equal(args.at(-1), BATCH, "rows that a step reads");
    });

    test("page sizes are bounded, however many rows are stored", async () => {
      const { store } = server.server;
      const consents = await store.listConsents(busy, { limit: 1000 });
      assert.equal(consents.length, 1000);
      assert.equal(consents[0]?.used_at, START + CONNECTED, "the most recently used ones");
      assert.equal((await store.listSessions(busy, { limit: 200 })).length, 200);
      assert.equal((await store.listAudit({ limit: 100 })).length, 100);
      const browser = testBrowser(server);
      await browser.signIn(await browser.get("/sign-in"), "busy");
      for (const path of ["/account", "/account/apps", "/account/security"]) {
        const page = await browser.get(path);
        assert.equal(page.status, 200, path);
        assert.ok(page.html.length < 3_000_000, `${path}: ${page.html.length}`);
      }
    });
  });
