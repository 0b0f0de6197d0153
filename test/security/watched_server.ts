/** A server whose database is also read through a second connection, so that tests see what was really written. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Runtime } from "../../src/authorization_server.ts";
import type { Config } from "../../src/config.ts";
import { VERIFIER } from "../support/browser.ts";
import { type LogLine, PASSWORD, type TestServer, testServer } from "../support/server.ts";

/** Tables in which a stranger could add or change rows. */
export const TABLES = [
  "client",
  "account",
  "login",
  "session",
  "consent",
  "authorization_grant",
] as const;
export type Table = (typeof TABLES)[number];
export type Snapshot = Readonly<Record<Table, readonly string[]>>;

export interface WatchedServer extends TestServer {
  /** File of the database. */
  path: string;
  snapshot(): Snapshot;
  count(table: Table | "claimed_id" | "sign_in_counter"): number;
  /** Whether the text is anywhere on disk: database, journal or key file. */
  isOnDisk(text: string): boolean;
}

/** A server on a database file of its own, which is deleted with it. Closing it searches the whole log for secrets. */
export async function watchedServer(
  config: Config = {},
  runtime: Runtime = {},
): Promise<WatchedServer> {
  const folder = mkdtempSync(join(tmpdir(), "valetkey-security-"));
  const path = join(folder, "database.sqlite");
  const server = await testServer({ database: `sqlite:${path}`, ...config }, runtime);
  const database = new DatabaseSync(path, { readOnly: true });
  const rowsOf = (table: string): string[] =>
    database
      .prepare(`SELECT * FROM ${table} ORDER BY 1, 2`)
      .all()
      .map((row) => JSON.stringify(row));
  return {
    ...server,
    path,
    snapshot: () => ({
      client: rowsOf("client"),
      account: rowsOf("account"),
      login: rowsOf("login"),
      session: rowsOf("session"),
      consent: rowsOf("consent"),
      authorization_grant: rowsOf("authorization_grant"),
    }),
    count: (table) => rowsOf(table).length,
    isOnDisk: (text) =>
      readdirSync(folder).some((name) => readFileSync(join(folder, name)).includes(text)),
    async close() {
      database.close();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
      assertNoSecrets(server.lines);
    },
  };
}

/** Codes, tokens, client secrets and JWTs by their form, and the password and verifier of the tests. */
const SECRETS = [
  /vk[crsaim]_[A-Za-z0-9_-]{8,}/,
  /eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+/,
  new RegExp(PASSWORD),
  new RegExp(VERIFIER),
];

/** @param markers other texts that must not be in the log */
export function assertNoSecrets(lines: readonly LogLine[], markers: readonly string[] = []): void {
  for (const line of lines) {
    const text = JSON.stringify(line);
    for (const secret of SECRETS) assert.doesNotMatch(text, secret, "a secret in the log");
    for (const marker of markers)
      assert.ok(!text.includes(marker), `${marker} in the log: ${text}`);
  }
}
