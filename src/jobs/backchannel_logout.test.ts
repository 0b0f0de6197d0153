import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { CONFIG, START, testServer, WEB } from "../../test/support/server.ts";
import type { OutboundRequest, OutboundResponse } from "../context.ts";
import { OutboundError, type OutboundProblem } from "../http/outbound.ts";
import { BACKCHANNEL_LOGOUT } from "../sessions/client_sessions.ts";
import { sampleJob } from "../store/conformance/samples.ts";
import { backchannelLogout } from "./backchannel_logout.ts";
import { TryLater } from "./run_job.ts";

type Answer = { status: number; retry_after?: string } | OutboundProblem;

/** One job, and the answers that the client gives to its tries. */
async function scene(t: TestContext, answers: readonly Answer[]) {
  const sent: OutboundRequest[] = [];
  const left = [...answers];
  const outbound = {
    async request(_: string, request: OutboundRequest): Promise<OutboundResponse> {
      sent.push(request);
      const answer = left.shift() ?? { status: 200 };
      if (typeof answer === "string") throw new OutboundError(answer, `it is ${answer}`);
      const { status, retry_after } = answer;
      const header = (name: string) => (name === "retry-after" ? retry_after : undefined);
      return { status, header, body: Buffer.alloc(0) };
    },
  };
  const server = await testServer(CONFIG, { outbound });
  t.after(() => server.close());
  const backchannel_logout_uri = "https://printly.test/logout";
  const client = await server.addClient({ ...WEB, backchannel_logout_uri });
  const { client_id } = client;
  const payload = JSON.stringify({ client_id, sub: "ada", sent_sub: "a", sent_sid: "b" });
  const job = sampleJob({ kind: BACKCHANNEL_LOGOUT, payload, attempts: 1 });
  const kind = backchannelLogout();
  const env = { server: server.server, signal: new AbortController().signal };
  const events = async () => {
    const found = await server.server.store.listAudit({ client_id, limit: 10 });
    return found.map(({ event, details }) => [event, details.reason]);
  };
  return { server, sent, client, run: () => kind.run(job, env), kind, job, env, events };
}

const later =
  (seconds: number, quiet = false) =>
  (error: unknown) =>
    error instanceof TryLater && error.seconds === seconds && error.quiet === quiet;

test("every answer of 2xx is done, and all others below 500 but 429 are final", async (t) => {
  for (const status of [200, 202, 204]) {
    const { run, events } = await scene(t, [{ status }]);
    await run();
    assert.deepEqual(await events(), []);
  }
  for (const status of [304, 400, 401, 403, 404, 410]) {
    const { run, events } = await scene(t, [{ status }]);
    await run();
    assert.deepEqual(await events(), [["logout_not_told", `the client answers ${status}`]]);
  }
});

test("429 and 5xx are tried again, and Retry-After counts within bounds", async (t) => {
  const date = (seconds: number) => new Date((START + seconds) * 1000).toUTCString();
  for (const [retry_after, seconds] of [
    ["120", 120],
    ["999999", 3600],
    ["-5", 0],
    ["soon", 0],
    [date(90), 90],
    [date(-90), 0],
    [date(86_400), 3600],
    [undefined, 0],
  ] as const)
    for (const status of [429, 500, 503]) {
      const answer = { status, ...(retry_after !== undefined && { retry_after }) };
      const { run, events } = await scene(t, [answer]);
      await assert.rejects(run(), later(seconds), `${status} ${retry_after}`);
      assert.deepEqual(await events(), []);
    }
});

test("problems of the network pass; an address that may not be called is final", async (t) => {
  for (const problem of ["name", "connection", "timeout"] as const) {
    const { run, events } = await scene(t, [problem]);
    await assert.rejects(run(), OutboundError);
    assert.deepEqual(await events(), []);
  }
  for (const problem of ["url", "address", "redirect"] as const) {
    const { run, events } = await scene(t, [problem]);
    await run();
    assert.deepEqual(await events(), [["logout_not_told", `it is ${problem}`]]);
  }
});

test("a client that failed is left alone for a while; a full budget is no failure", async (t) => {
  const { run, sent, server } = await scene(t, ["budget", { status: 500 }, { status: 200 }]);
  await assert.rejects(run(), later(10, true));
  await assert.rejects(run(), later(0));
  await assert.rejects(run(), later(5, true));
  assert.equal(sent.length, 2);
  server.advance(5);
  await run();
  assert.equal(sent.length, 3);
});

test("a stranger's client at a site holds up no operator's client there", async (t) => {
  const { run, sent, server, job, kind, env } = await scene(t, [{ status: 500 }]);
  const backchannel_logout_uri = "https://printly.test/hangs";
  const theirs = await server.addClient(
    { ...WEB, backchannel_logout_uri },
    { created_by: "registration" },
  );
  const told = { client_id: theirs.client_id, sub: "eve", sent_sub: "e", sent_sid: "f" };
  await assert.rejects(kind.run({ ...job, payload: JSON.stringify(told) }, env), later(0));
  await run();
  assert.deepEqual(
    sent.map(({ purpose }) => purpose),
    ["client_logout", "operator_logout"],
  );
});

test("only the status of the answer is read", async (t) => {
  const { run, sent } = await scene(t, []);
  await run();
  assert.equal(sent[0]?.status_only, true);
  assert.equal(sent[0]?.method, "POST");
});

test("a client that was never reached is written down when the job is given up", async (t) => {
  const { kind, job, env, events } = await scene(t, []);
  await kind.givenUp?.({ ...job, error: "it takes too long" }, env);
  assert.deepEqual(await events(), [["logout_not_told", "it takes too long"]]);
});

test("a client that is gone, disabled or wants it no longer is not told", async (t) => {
  const { run, sent, client, server } = await scene(t, []);
  const { store } = server.server;
  await store.updateClient({ ...client.record, disabled_at: START });
  await run();
  const { backchannel_logout_uri: _, ...metadata } = client.record.metadata;
  await store.updateClient({ ...client.record, metadata });
  await run();
  await store.removeClient(client.client_id, START);
  await run();
  assert.deepEqual(sent, []);
});
