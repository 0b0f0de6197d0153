/** Two worker processes on one SQLite file: requests, races, crashes and shutdown. */
import assert from "node:assert/strict";
import { Agent, get } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { workplace } from "../cli/cli.ts";
import { authorize, introspect, redeem, refresh, tokensFor, userinfo } from "../support/flow.ts";
import { inUrl, LOOPBACK } from "../support/loopback.ts";
import { eventually, isAlive, type Supervisor, startSupervisor, times } from "./supervisor.ts";

const LOCAL = { redirect_uri: "http://127.0.0.1:3456/callback", scope: "openid offline_access" };

const place = workplace();
let supervisor: Supervisor;
before(async () => {
  supervisor = await startSupervisor(place, ["--metrics", "127.0.0.1:0"]);
});
after(() => place.remove());

/** The number of requests that each worker has answered. */
function answered(path: (path: string) => boolean = () => true): number[] {
  const counts = [0, 0];
  for (const { event, worker, path: asked = "" } of supervisor.lines())
    if (event === "request" && path(asked))
      counts[(worker ?? 0) - 1] = (counts[(worker ?? 0) - 1] ?? 0) + 1;
  return counts;
}

test("the story from nothing to tokens goes through both workers", async () => {
  const { access_token, refresh_token, id_token } = await tokensFor(supervisor, supervisor.web, {
    parameters: { scope: "openid offline_access" },
  });
  assert.ok(id_token);
  assert.equal((await userinfo(supervisor, access_token)).status, 200);
  assert.equal((await introspect(supervisor, supervisor.web, access_token)).active, true);
  assert.equal((await refresh(supervisor, supervisor.web, refresh_token)).status, 200);
  await pause(50);
  for (const count of answered()) assert.ok(count >= 3, `${answered()}`);
});

test("L10 while another process holds the write lock, workers answer all that writes nothing", async () => {
  const { access_token, browser } = await tokensFor(supervisor, supervisor.web);
  const locked = new DatabaseSync(join(place.folder, "valetkey.sqlite"));
  locked.exec("BEGIN IMMEDIATE");
  let written = false;
  const writing = authorize(supervisor, supervisor.web, { browser }).finally(() => {
    written = true;
  });
  await pause(100);
  for (let i = 0; i < 8; i += 1) {
    const { status } = await supervisor.fetch(new Request(`${supervisor.issuer}/jwks`));
    assert.equal(status, 200);
    assert.equal((await userinfo(supervisor, access_token)).status, 200);
  }
  assert.equal(written, false, "these answers waited for the lock");
  locked.exec("ROLLBACK");
  locked.close();
  assert.ok((await writing).code);
});

test("both loopback addresses lead to the workers", async () => {
  const { port } = new URL(supervisor.issuer);
  for (const address of LOOPBACK) {
    const path = `/loopback-${address.length}`;
    const url = `http://${inUrl(address)}:${port}${path}`;
    await times(4, async () => (await supervisor.fetch(new Request(url))).text());
    await pause(50);
    const counts = answered((asked) => asked === path);
    assert.deepEqual(counts, [2, 2], address);
  }
});

test("a few open connections are spread evenly", async () => {
  const agents = Array.from({ length: 8 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  const ask = (i: number, path: string) =>
    new Promise((resolve, reject) => {
      const options = { agent: agents[i] };
      get(`${supervisor.issuer}/${path}-${i}`, options, (answer) => {
        answer.resume().on("end", resolve);
      }).on("error", reject);
    });
  await times(8, (i) => ask(i, "spread"));
  await times(8, (i) => ask(i, "spread"));
  for (const agent of agents) agent.destroy();
  await pause(50);
  const counts = answered((path) => path.startsWith("/spread"));
  assert.deepEqual(
    counts.reduce((sum, each) => sum + each),
    16,
  );
  for (const count of counts) assert.ok(count >= 6, `${counts}`);
});

test("of 50 concurrent redemptions of one code through both workers at most one gets tokens", async () => {
  const { code } = await authorize(supervisor, supervisor.web, {});
  const answers = await times(50, () => redeem(supervisor, supervisor.web, code));
  const winners = answers.filter(({ status }) => status === 200);
  assert.ok(winners.length <= 1, `${winners.length} winners`);
  for (const { status, body } of answers)
    if (status !== 200) assert.deepEqual([status, body.error], [400, "invalid_grant"]);
  for (const { body } of winners)
    assert.deepEqual(await introspect(supervisor, supervisor.web, body.access_token), {
      active: false,
    });
});

test("100 concurrent refreshes of one token through both workers give one successor, which works", async () => {
  const { refresh_token } = await tokensFor(supervisor, supervisor.native, { parameters: LOCAL });
  const answers = await times(100, () => refresh(supervisor, supervisor.native, refresh_token));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  const successors = new Set(answers.map(({ body }) => body.refresh_token));
  assert.equal(successors.size, 1);
  assert.equal(
    (await refresh(supervisor, supervisor.native, [...successors][0] ?? "")).status,
    200,
  );
});

async function counted(name: string): Promise<number> {
  const { metrics } = JSON.parse(
    supervisor.running.said.stdout.split("\n").find((line) => line.includes('"listening"')) ?? "{}",
  );
  const text = await (await fetch(metrics)).text();
  const lines = text.split("\n").filter((line) => line.startsWith(name));
  return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

test("a worker killed under load is replaced, and no acknowledged change is lost", async () => {
  const { browser } = await tokensFor(supervisor, supervisor.native, { parameters: LOCAL });
  const chains = await times(8, async () => {
    const { refresh_token } = await tokensFor(supervisor, supervisor.native, {
      browser,
      parameters: LOCAL,
    });
    return { refresh_token, tried: 0, done: 0, accesses: [] as string[] };
  });
  const before = await counted("valetkey_requests_total");
  assert.ok(before > 150, `${before}`);
  let over = false;
  const load = chains.map(async (chain) => {
    while (!over) {
      chain.tried += 1;
      const answer = await refresh(supervisor, supervisor.native, chain.refresh_token).catch(
        () => null,
      );
      // If an answer was lost, the request is sent again with the same token.
      if (answer?.status !== 200) continue;
      chain.done += 1;
      chain.refresh_token = answer.body.refresh_token;
      chain.accesses.push(answer.body.access_token);
    }
  });
  await pause(200);
  const [killed = 0] = supervisor.pids();
  process.kill(killed, "SIGKILL");
  await eventually(() => supervisor.pids().length === 3, "another worker");
  await pause(300);
  over = true;
  await Promise.all(load);
  assert.ok(!isAlive(killed));
  for (const chain of chains) {
    assert.ok(chain.done > 5, `${chain.done} of ${chain.tried}`);
    assert.equal((await refresh(supervisor, supervisor.native, chain.refresh_token)).status, 200);
    const opened = await times(5, (i) => userinfo(supervisor, chain.accesses.at(-1 - i) ?? ""));
    assert.deepEqual(new Set(opened.map(({ status }) => status)), new Set([200]));
  }
  const ended = supervisor.lines().find(({ event }) => event === "worker ended");
  const ready = supervisor.lines().findLast(({ event }) => event === "worker ready");
  assert.equal(ended?.pid, killed);
  assert.equal(ready?.worker, ended?.worker);
});

test("/metrics adds up the workers, and does not decrease when a worker is gone", async () => {
  const before = await counted("valetkey_tokens_issued_total");
  const requests = await counted("valetkey_requests_total");
  const [, killed = 0] = supervisor.pids();
  process.kill(killed, "SIGKILL");
  await eventually(() => supervisor.pids().length === 4, "another worker");
  assert.equal(await counted("valetkey_tokens_issued_total"), before);
  assert.ok((await counted("valetkey_requests_total")) >= requests);
  assert.equal(await counted("valetkey_workers"), 2);
  assert.equal(await counted("valetkey_worker_ends_total"), 2);
});

test("SIGTERM: requests in progress are answered, and no process is left", async () => {
  const { port } = new URL(supervisor.issuer);
  const body = "grant_type=client_credentials";
  const head = `POST /token HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: ${body.length}\r\n\r\n`;
  // One for each worker.
  const slow = await times(2, async () => {
    const socket = connect(Number(port), "127.0.0.1", () => socket.write(head + body.slice(0, 5)));
    const exchange = {
      socket,
      answer: "",
      closed: new Promise((resolve) => socket.on("close", resolve)),
    };
    socket.on("data", (chunk) => (exchange.answer += chunk));
    return exchange;
  });
  await pause(100);
  const pids = supervisor.pids().filter(isAlive);
  assert.equal(pids.length, 2);
  const ended = supervisor.running.stop();
  await pause(300);
  await assert.rejects(fetch(`${supervisor.issuer}/healthz`));
  for (const { socket } of slow) socket.write(body.slice(5));
  for (const { answer, closed } of slow) await closed.then(() => answer);
  for (const { answer } of slow) assert.match(answer, /^HTTP\/1\.1 401 /);
  const { code, stderr } = await ended;
  assert.equal(code, 0, stderr);
  for (const pid of pids) assert.ok(!isAlive(pid));
});
