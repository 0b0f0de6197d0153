/** How a node of two workers starts or refuses to start, and that it leaves no process behind. */
import assert from "node:assert/strict";
import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { after, test } from "node:test";
import { assertRefused, workplace } from "../cli/cli.ts";
import { anew, eventually, isAlive, linesOf, pidsOf, times } from "./supervisor.ts";

const place = workplace();
after(() => place.remove());

const TWO = ["--port", "0", "--workers", "2"];

test("after the primary is killed, no worker remains", async () => {
  const running = await place.start([...TWO, "--database", "sqlite:killed.sqlite"]);
  const pids = pidsOf(running);
  assert.equal(pids.length, 2);
  assert.ok(pids.every(isAlive));
  await running.stop("SIGKILL");
  await eventually(() => !pids.some(isAlive), "all workers have ended");
  const again = await place.start([...TWO, "--database", "sqlite:killed.sqlite"]);
  assert.equal((await fetch(`${again.issuer}/readyz`)).status, 200);
  assert.equal((await again.stop()).code, 0);
});

test("an obstacle at start is reported once, as by a single process, and nothing is created", async () => {
  const first = await place.start([...TWO, "--database", "sqlite:first.sqlite"]);
  const { port } = new URL(first.issuer);
  const start = (...args: string[]) => place.run(["start", "--workers", "2", ...args]);
  const taken = await start("--port", port, "--database", "sqlite:second.sqlite");
  assertRefused(taken, 1, new RegExp(`port ${port} on 127\\.0\\.0\\.1 is in use`));
  assert.ok(!existsSync(join(place.folder, "second.sqlite")));
  assert.equal((await first.stop()).code, 0);

  const memory = await start("--port", "0", "--database", "sqlite::memory:");
  assertRefused(memory, 1, /workers: a database in memory belongs to one process/);
  place.write("notes.sqlite", "these are my notes, and no database");
  assertRefused(await start("--port", "0", "--database", "sqlite:notes.sqlite"), 1, /not a SQLite/);
  rmSync(join(place.folder, "first.sqlite.key"));
  assertRefused(await start("--port", "0", "--database", "sqlite:first.sqlite"), 1, /key file/);
  assertRefused(await start("--workers", "0"), 1, /workers: too small/);
  assertRefused(await start("--workers", "many"), 2, /a number from 1 on, or auto/);
});

test("with --workers 1 there is a single process, as without the flag", async () => {
  const running = await place.start(["--port", "0", "--workers", "1"]);
  assert.deepEqual(pidsOf(running), []);
  await fetch(`${running.issuer}/jwks`);
  const { stdout } = await running.stop();
  assert.doesNotMatch(stdout, /"worker/);
});

test("a store of people in the configuration is loaded in every worker", async () => {
  place.write(
    "people.config.ts",
    `const nobody = { find: async () => null, findByLogin: async () => null, verifyPassword: async () => null };
     process.stderr.write("read by " + process.pid + "\\n");
     export default { port: 0, users: nobody };`,
  );
  const running = await place.start(["--config", "people.config.ts", "--workers", "2"]);
  const pids = pidsOf(running);
  for (const answer of await times(4, () => anew(new Request(`${running.issuer}/jwks`))))
    assert.equal(answer.status, 200);
  const { stderr } = await running.stop();
  for (const pid of pids) assert.match(stderr, new RegExp(`read by ${pid}\n`));
});

test("every worker serves https and picks up a renewed certificate", async () => {
  const use = (name: string) => {
    for (const part of ["key", "crt"])
      copyFileSync(`test/vectors/tls/${name}.${part}`, join(place.folder, `tls.${part}`));
  };
  use("one");
  const tls = ["--tls-cert", "tls.crt", "--tls-key", "tls.key", "--database", "sqlite:tls.sqlite"];
  const running = await place.start([...TWO, ...tls]);
  const { port } = new URL(running.issuer);
  const seen = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const options = { port, host: "127.0.0.1", path: "/jwks", rejectUnauthorized: false };
      const sent = request({ ...options, agent: false }, (answer) => {
        const { socket } = answer;
        answer.resume();
        if (
          "getPeerX509Certificate" in socket &&
          typeof socket.getPeerX509Certificate === "function"
        )
          resolve(String(socket.getPeerX509Certificate()));
      });
      sent.on("error", reject).end();
    });
  const [one, two] = ["one", "two"].map((name) =>
    readFileSync(`test/vectors/tls/${name}.crt`, "utf8"),
  );
  assert.deepEqual(new Set(await times(4, seen)), new Set([one]));
  use("two");
  const reloaded = () =>
    new Set(
      linesOf(running).flatMap(({ event, worker }) =>
        event === "certificate reloaded" ? [worker] : [],
      ),
    );
  await eventually(() => reloaded().size === 2, "both have reloaded", 15_000);
  assert.deepEqual(new Set(await times(4, seen)), new Set([two]));
  assert.equal((await running.stop()).code, 0);
});
