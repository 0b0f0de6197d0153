/** The certified configuration, started as an operator would: a process, a database, a person. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "../../test/support/postgres.ts";
import { PERSON } from "./person.ts";
import { CERTIFICATE, KEY } from "./relying_party.ts";
import type { Server } from "./world.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** The configuration that docs/certification.md describes. */
export const CONFIGURATION = fileURLToPath(new URL("configuration.json", import.meta.url));
const PATIENCE = 30_000;

export interface OwnServer extends Server {
  stop(): Promise<void>;
}

/** @param database left out: a new SQLite file */
export async function startServer(database?: string): Promise<OwnServer> {
  const folder = mkdtempSync(join(tmpdir(), "valetkey-certify-"));
  const port = await freePort();
  const issuer = `https://localhost:${port}`;
  const file = join(folder, "config.json");
  const given: object = JSON.parse(readFileSync(CONFIGURATION, "utf8"));
  const tls = { cert: CERTIFICATE, key: KEY };
  const address = database ?? `sqlite:${join(folder, "valetkey.sqlite")}`;
  writeFileSync(file, JSON.stringify({ ...given, issuer, port, tls, database: address }));

  const env = {
    ...Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !name.startsWith("VALETKEY_")),
    ),
    // The relying party's certificate is not known to the world.
    NODE_EXTRA_CA_CERTS: CERTIFICATE,
    ...(database !== undefined && { VALETKEY_SECRET: Buffer.alloc(32, 7).toString("base64url") }),
  };
  const program = [join(ROOT, "src/cli/main.ts")];
  const command = (args: readonly string[], input = ""): string => {
    const all = [...program, ...args, "--config", file];
    const options = { env, input, cwd: folder, encoding: "utf8", stdio: "pipe" } as const;
    return execFileSync(process.execPath, all, options);
  };
  const { username, password, email, name, claims } = PERSON;
  const person = ["--username", username, "--email", email, "--name", name];
  const more = ["--claims", JSON.stringify(claims), "--password-stdin"];
  command(["user", "add", ...person, ...more], `${password}\n`);

  const child = spawn(
    process.execPath,
    [...program, "start", "--allow-private-fetch", "--config", file],
    { env, cwd: folder, stdio: ["ignore", "pipe", "pipe"] },
  );
  const log: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => log.push(chunk.toString()));
  const ended = once(child, "exit");
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  await untilReady(issuer, { isUp: () => child.exitCode === null, log });
  return { issuer, username, password, command, stop };
}

async function untilReady(
  issuer: string,
  { isUp, log }: { isUp: () => boolean; log: readonly string[] },
): Promise<void> {
  const until = Date.now() + PATIENCE;
  while (Date.now() < until && isUp()) {
    const answer = await fetch(`${issuer}/readyz`).catch(() => null);
    if (answer?.status === 200) return;
    await sleep(50);
  }
  throw new Error(`the server did not start:\n${log.join("")}`);
}
