import assert from "node:assert/strict";
import { test } from "node:test";
import { MAIL_CA, startMailServer } from "../../test/support/mail_server.ts";
import type { LogFields } from "../context.ts";
import { type Mail, MailRefused, type MailSender } from "../mail_sender.ts";
import { smtpSender } from "./smtp_sender.ts";
import { type QueueOptions, visitorsQueue } from "./visitors_queue.ts";

const mailTo = (to: string): Mail => ({
  message_id: `<${to}>`,
  from: { name: "", address: "id@example.com" },
  to,
  subject: "Your code",
  text: "123456",
  html: "<p>123456</p>",
  language: "en",
});

function scene(sender: MailSender, options: Partial<QueueOptions> = {}) {
  const lines: [string, LogFields | undefined][] = [];
  const note = (event: string, fields?: LogFields) => lines.push([event, fields]);
  const runtime = { log: { info: note, warn: note, error: note }, clock: () => 5000 };
  const fast = { pauses: [0.01, 0.01, 0.01], ...options };
  return { lines, ...visitorsQueue(sender, runtime, fast) };
}

const sent = { sent: 1, lost: 0, lost_at: null, waiting: 0 };

test("a mail that is answered 4xx, and whose connection then breaks, arrives at the third try", async () => {
  await using server = await startMailServer({ cert: "good" });
  const { sendSoon, settle, counts, lines } = scene(
    smtpSender(server.address, { password: null, ca: MAIL_CA }),
  );
  server.behave({ data: 451 }, "breaks", "accepts");
  sendSoon(() => mailTo("ada@example.org"));
  assert.equal(counts().waiting, 1);
  await settle();
  assert.deepEqual(counts(), sent);
  assert.equal(server.mails.length, 1);
  assert.deepEqual(
    lines.map(([event, fields]) => [event, fields?.tries]),
    [
      ["mail failed", 1],
      ["mail failed", 2],
    ],
  );
});

test("after three tries a mail is lost, and counted; a refused one at once", async () => {
  let tries = 0;
  const failing = (error: Error): MailSender => ({
    async send() {
      tries += 1;
      throw error;
    },
  });
  for (const [error, expected] of [
    [new Error("away"), 3],
    [new MailRefused("550"), 1],
  ] as const) {
    tries = 0;
    const { sendSoon, settle, counts, lines } = scene(failing(error));
    sendSoon(() => mailTo("ada@example.org"));
    await settle();
    assert.equal(tries, expected);
    assert.deepEqual(counts(), { sent: 0, lost: 1, lost_at: 5, waiting: 0 });
    assert.deepEqual(lines.at(-1), ["mail lost", { why: error.message, tries: expected }]);
  }
});

test("no try begins after the life of a code", async () => {
  const away: MailSender = { send: () => Promise.reject(new Error("away")) };
  const { sendSoon, settle, counts } = scene(away, { life: 0.005 });
  sendSoon(() => mailTo("ada@example.org"));
  await settle();
  assert.equal(counts().lost, 1);
});

test("beyond its bound the queue loses mail, and memory does not grow", async () => {
  let [running, most] = [0, 0];
  const slow: MailSender = {
    async send() {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
    },
  };
  const { sendSoon, settle, counts } = scene(slow, { most: 20, at_once: 3 });
  for (let i = 0; i < 25; i += 1) sendSoon(() => mailTo(`p${i}@example.org`));
  assert.equal(counts().waiting, 20);
  await settle();
  assert.deepEqual(counts(), { sent: 20, lost: 5, lost_at: 5, waiting: 0 });
  assert.equal(most, 3);
});

test("a mail to nobody waits like one to somebody, is written after the answer, and is not sent", async () => {
  const written: string[] = [];
  const { sendSoon, settle, counts } = scene({ send: () => assert.fail("sent") });
  sendSoon(() => {
    written.push("x");
    return null;
  });
  assert.deepEqual(written, []);
  assert.equal(counts().waiting, 1);
  await settle();
  assert.deepEqual(written, ["x"]);
  assert.deepEqual(counts(), { sent: 0, lost: 0, lost_at: null, waiting: 0 });
});

test("closing waits for mails only so long", async () => {
  const never: MailSender = { send: () => new Promise(() => {}) };
  const { sendSoon, settle, counts } = scene(never);
  sendSoon(() => mailTo("ada@example.org"));
  const began = performance.now();
  await settle(0.1);
  assert.ok(performance.now() - began < 2000);
  assert.equal(counts().waiting, 1);
});
