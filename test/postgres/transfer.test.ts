/** Backup, restore and copy: between SQLite and PostgreSQL, interrupted, and without reviving what has ended. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parseConfig } from "../../src/config.ts";
import { sampleGrant, sampleSession } from "../../src/store/conformance/samples.ts";
import { grantWith } from "../../src/store/conformance/scenario.ts";
import { copyRows } from "../../src/store/copy/copy_rows.ts";
import { openSnapshot } from "../../src/store/copy/snapshot.ts";
import { backupPostgres, copyDatabase, restoreDatabase } from "../../src/store/copy/transfer.ts";
import { openExistingDriver } from "../../src/store/open_store.ts";
import { postgresDriver } from "../../src/store/postgres/driver.ts";
import type { GrantRecord } from "../../src/store/records.ts";
import { DatabaseError } from "../../src/store/sql/driver.ts";
import { COPY_MARK, migrate } from "../../src/store/sql/schema.ts";
import { sqlStore } from "../../src/store/sql/store.ts";
import { TABLES } from "../../src/store/sql/tables.ts";
import { backupSqlite } from "../../src/store/sqlite/backup.ts";
import {
  authorizationUrl,
  type Reachable,
  type TestBrowser,
  testBrowser,
} from "../support/browser.ts";
import { authorize, introspect, post, redeem, refresh, tokensFor } from "../support/flow.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { NATIVE, SERVICE, START, testServer, WEB } from "../support/server.ts";
import { SECRET } from "../support/two_nodes.ts";

const LASTING = { scope: "openid offline_access photos.read" };
const LOCAL = { redirect_uri: "http://127.0.0.1:3456/callback", scope: "openid offline_access" };
const folder = mkdtempSync(join(tmpdir(), "valetkey-move-"));
let files = 0;
const newFile = (): string => {
  files += 1;
  return join(folder, `${files}.sqlite`);
};
let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

const open = (database: string) => testServer({ database }, { secret: SECRET });
const refused = (message: RegExp) => (error: unknown) =>
  error instanceof DatabaseError && message.test(error.message) && error.hint !== "";

/** Some rows of every kind, with more grants than fit into one batch. */
async function lived(database: string) {
  const server = await open(database);
  await server.addUser("ada");
  const web = await server.addClient(WEB);
  const native = await server.addClient(NATIVE);
  const { browser, ...lasting } = await tokensFor(server, web, { parameters: LASTING });
  const local = await tokensFor(server, native, { browser, parameters: LOCAL });
  const { store } = server.server;
  const sub = (await store.listAccounts({ limit: 1000 }))[0]?.sub ?? "";
  const nonce = "\u201c'\\\u{1f511}";
  const grant = (): GrantRecord => {
    const { code, ...rest } = sampleGrant({ sub, client_id: web.client_id });
    return { ...rest, code: code && { ...code, nonce } };
  };
  for (let batch = 0; batch < 4; batch += 1)
    await Promise.all(Array.from({ length: 300 }, () => grantWith(store, grant(), null)));
  await store.createSession(sampleSession());
  await store.claimOnce("jti", "used", { now: START, expires_at: START + 1_000_000 });
  return { server, browser, web, native, lasting, local };
}

const kinds: Record<string, () => Promise<string>> = {
  SQLite: async () => `sqlite:${newFile()}`,
  PostgreSQL: () => postgres.newDatabase(),
};

for (const [from_kind, newSource] of Object.entries(kinds))
  for (const [to_kind, newTarget] of Object.entries(kinds))
    test(`sessions, consent and tokens work on after a copy from ${from_kind} to ${to_kind}`, async () => {
      const [from, to] = [await newSource(), await newTarget()];
      const { server, browser, web, native, lasting, local } = await lived(from);
      await server.close();
      const copied = await copyDatabase({ from, to });
      assert.deepEqual(
        copied.map(({ table }) => table),
        TABLES.map(({ name }) => name),
      );
      assert.equal(copied.find(({ table }) => table === "authorization_grant")?.rows, 1202);
      for (const { rows, written, table } of copied)
        if (table !== "server_state") assert.equal(written, rows, table);

      await using moved = await open(to);
      assert.equal((await refresh(moved, web, lasting.refresh_token)).status, 200);
      assert.equal((await refresh(moved, native, local.refresh_token)).status, 200);
      assert.equal((await introspect(moved, web, lasting.access_token)).active, true);
      const page = await browserOf(moved, browser.cookies).get(authorizationUrl(web));
      assert.ok(page.url.searchParams.get("code"), "session and consent are there");
      assert.equal(await moved.server.store.isClaimed("jti", "used"), true);
    });

/** The same person in the same browser, at another server. */
function browserOf(server: Reachable, cookies: ReadonlyMap<string, string>): TestBrowser {
  const browser = testBrowser(server);
  for (const [name, value] of cookies) browser.cookies.set(name, value);
  return browser;
}

test("an interrupted copy cannot be started on, and a second run completes it", async () => {
  const [from, to] = [`sqlite:${newFile()}`, await postgres.newDatabase()];
  await (await lived(from)).server.close();
  const source = await openSnapshot(from);
  let reads = 0;
  // As `copyDatabase` begins; then the source fails in the middle of the grants.
  const driver = postgresDriver(to);
  await migrate(driver);
  await driver.write(`CREATE TABLE ${COPY_MARK} (id BIGINT PRIMARY KEY, source TEXT NOT NULL)`, []);
  await driver.write(`INSERT INTO ${COPY_MARK} (id, source) VALUES (1, ?)`, [from]);
  const breaking = {
    ...source,
    read(sql: string, args: readonly (string | number | null)[]) {
      reads += sql.includes("authorization_grant") ? 1 : 0;
      if (reads > 2) throw new Error("cut off");
      return source.read(sql, args);
    },
  };
  await assert.rejects(copyRows(breaking, driver), /cut off/);
  await source.close();
  await driver.close();

  await assert.rejects(open(to), refused(/copy into this database is not finished/));
  const another = `sqlite:${newFile()}`;
  await (await open(another)).close();
  await assert.rejects(copyDatabase({ from: another, to }), refused(/is not finished/));
  const copied = await copyDatabase({ from, to });
  const grants = copied.find(({ table }) => table === "authorization_grant");
  assert.equal(grants?.rows, 1202);
  assert.ok((grants?.written ?? 0) < 1202, "existing rows were not written again");
  await (await open(to)).close();
});

test("a copy detects a target that stores something else", async () => {
  const from = `sqlite:${newFile()}`;
  const { server } = await lived(from);
  await server.close();
  const source = await openSnapshot(from);
  const driver = postgresDriver(await postgres.newDatabase());
  await migrate(driver);
  await driver.write(
    `CREATE FUNCTION spoil() RETURNS TRIGGER LANGUAGE plpgsql AS
       $$ BEGIN NEW.is_admin := 1 - NEW.is_admin; RETURN NEW; END $$`,
    [],
  );
  await driver.write(
    "CREATE TRIGGER spoiled BEFORE INSERT ON account FOR EACH ROW EXECUTE FUNCTION spoil()",
    [],
  );
  await assert.rejects(copyRows(source, driver), refused(/account differs after it was copied/));
  await source.close();
  await driver.close();
});

test("a database in use is refused as the target, and the source is only read", async () => {
  const [from, to] = [`sqlite:${newFile()}`, await postgres.newDatabase()];
  await (await open(from)).close();
  await (await open(to)).close();
  await assert.rejects(copyDatabase({ from, to }), refused(/is in use already/));
  await assert.rejects(copyDatabase({ from: to, to: from }), refused(/is in use already/));
  await assert.rejects(
    copyDatabase({ from: `sqlite:${newFile()}`, to: await postgres.newDatabase() }),
    refused(/no database at/),
  );
  const empty = await postgres.newDatabase();
  await assert.rejects(
    copyDatabase({ from: empty, to: `sqlite:${newFile()}` }),
    refused(/no tables of valetkey/),
  );
});

const backups: Record<string, (database: string, file: string) => Promise<unknown>> = {
  SQLite: (database, file) => backupSqlite(database.replace("sqlite:", ""), file),
  PostgreSQL: backupPostgres,
};

for (const [kind, newDatabase] of Object.entries(kinds))
  test(`restoring a backup of ${kind} revives nothing: earlier sessions and grants are refused`, async () => {
    const [database, file, again] = [await newDatabase(), newFile(), await newDatabase()];
    const { server, browser, web, native, lasting, local } = await lived(database);
    const { code } = await authorize(server, web, { browser, parameters: LASTING });
    assert.ok(await backups[kind]?.(database, file));
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const revoked = await post(server, "/revoke", { client: native, token: local.refresh_token });
    assert.equal(revoked.status, 200);
    const service = await server.addClient(SERVICE);
    const own = await post(server, "/token", { client: service, grant_type: "client_credentials" });
    const own_token = own.body.access_token;
    await post(server, "/revoke", { client: service, token: own_token });
    assert.deepEqual(await introspect(server, service, own_token), { active: false });
    await server.close();

    await restoreDatabase(
      { from: `sqlite:${file}`, to: again },
      { keep_grants: false, now: START + 10 },
    );
    await using restored = await open(again);
    restored.advance(20);
    // L1: the restored database does not know that a signed token was revoked; the token is refused all the same.
    await restored.server.store.createClient(service.record);
    assert.deepEqual(await introspect(restored, service, own_token), { active: false });
    assertRefused(await refresh(restored, native, local.refresh_token));
    assertRefused(await refresh(restored, web, lasting.refresh_token));
    assertRefused(await redeem(restored, web, code));
    assert.deepEqual(await introspect(restored, web, lasting.access_token), { active: false });
    const known = browserOf(restored, browser.cookies);
    assert.equal((await known.get(authorizationUrl(web))).url.pathname, "/sign-in");
    // Later tokens are valid: people, clients, consents and keys are as they were.
    const tokens = await tokensFor(restored, web, { parameters: LASTING });
    assert.equal((await refresh(restored, web, tokens.refresh_token)).status, 200);

    // Restoring the same backup once more begins another epoch.
    const third = await newDatabase();
    await restoreDatabase(
      { from: `sqlite:${file}`, to: third },
      { keep_grants: false, now: START + 1 },
    );
    await using restored_again = await open(third);
    assertRefused(await refresh(restored_again, web, tokens.refresh_token));
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.includes("unfinished")),
      [],
    );
  });

function assertRefused({ status, body }: Awaited<ReturnType<typeof refresh>>): void {
  assert.deepEqual([status, body.error], [400, "invalid_grant"]);
}

test("with --keep-grants refresh tokens stay valid, and sessions end", async () => {
  const [database, file] = [`sqlite:${newFile()}`, newFile()];
  const { server, browser, web, lasting } = await lived(database);
  const tied = await tokensFor(server, web, { browser });
  await server.close();
  await backupSqlite(database.replace("sqlite:", ""), file);
  const to = await postgres.newDatabase();
  await restoreDatabase({ from: `sqlite:${file}`, to }, { keep_grants: true, now: START });
  await using restored = await open(to);
  assert.equal((await refresh(restored, web, lasting.refresh_token)).status, 200);
  assertRefused(await refresh(restored, web, tied.refresh_token));
  const known = browserOf(restored, browser.cookies);
  assert.equal((await known.get(authorizationUrl(web))).url.pathname, "/sign-in");
});

test("a backup of PostgreSQL is a consistent snapshot while the server goes on writing", async () => {
  const [database, file] = [await postgres.newDatabase(), newFile()];
  const { server, web } = await lived(database);
  let going = true;
  const writing = (async () => {
    for (let i = 0; going; i += 1) {
      const person = await server.addUser(`more-${i}`);
      assert.ok(person);
    }
  })();
  await backupPostgres(database, file);
  going = false;
  await writing;
  const driver = await openExistingDriver(`sqlite:${file}`);
  const store = sqlStore(driver, parseConfig({}).lifetimes);
  const accounts = await store.listAccounts({ limit: 1000 });
  const logins = await driver.read("SELECT login FROM login", []);
  assert.equal(
    logins.length,
    accounts.length,
    "each account has its login, and each login its account",
  );
  assert.ok(await store.findClient(web.client_id));
  await store.close();
  await server.close();
  await assert.rejects(backupPostgres(database, file), refused(/is there already/));
  await assert.rejects(backupPostgres(database, join(folder, "no", "x")), refused(/cannot write/));
});

test("the list of tables contains every table of the schema with its key", async () => {
  const to = await postgres.newDatabase();
  const driver = postgresDriver(to);
  await migrate(driver);
  const rows = await driver.read(
    `SELECT c.relname AS name, string_agg(a.attname, ',' ORDER BY array_position(i.indkey::int[], a.attnum::int)) AS key
     FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
     WHERE i.indisprimary AND c.relnamespace = current_schema()::regnamespace GROUP BY c.relname`,
    [],
  );
  await driver.close();
  const found = rows
    .map(({ name, key }) => `${name}: ${key}`)
    .filter((each) => !/^schema_/.test(each));
  assert.deepEqual(found.sort(), TABLES.map(({ name, key }) => `${name}: ${key.join(",")}`).sort());
});
