import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { MAIL_CA, startMailServer } from "../../test/support/mail_server.ts";
import { CONFIG, contextOf, testServer } from "../../test/support/server.ts";
import { mailJobs, openMail, SEND_MAIL, storedMail } from "../mail/outbox.ts";
import { smtpSender } from "../mail/smtp_sender.ts";
import type { MailSender } from "../mail_sender.ts";
import { sendMail } from "./send_mail.ts";

async function scene(t: TestContext, sender: MailSender) {
  const server = await testServer({ ...CONFIG, mail: { from: "id@example.com", sender } });
  t.after(() => server.close());
  const [language] = server.server.languages;
  assert.ok(language);
  const ctx = contextOf(server);
  const about = { what: "password_changed", sub: "ada", address: "ada@example.org", language };
  const content = { subject: "Hello", paragraphs: ["A link: https://as.test/undo?secret"] };
  const [job, ...more] = mailJobs(about, content, ctx);
  assert.ok(job);
  assert.deepEqual(more, []);
  const env = { server: server.server, signal: new AbortController().signal };
  return {
    server,
    job,
    ctx,
    about,
    content,
    run: () => sendMail.run({ ...job, attempts: 1 }, env),
    env,
  };
}

test("the stored mail is sealed, and arrives with the id of its job", async (t) => {
  await using smtp = await startMailServer({ cert: "good" });
  const { job, run, ctx } = await scene(
    t,
    smtpSender(smtp.address, { password: null, ca: MAIL_CA }),
  );
  assert.doesNotMatch(job.payload, /undo|example.org|Hello/);
  await run();
  await run();
  const [first, again] = await smtp.arrived(2);
  assert.equal(first?.message_id, `<${job.job_id}@example.com>`);
  assert.equal(again?.message_id, first?.message_id, "a repetition is recognised");
  assert.match(first?.text ?? "", /undo\?secret/);
  assert.equal(openMail(storedMail(job), { ...ctx, epoch: 2 }), null, "older than a restore");
  assert.equal(job.expires_at - job.due_at, 3 * 86_400);
});

test("a failure is tried again; a refusal and the end of three days are in the log, without the address", async (t) => {
  await using smtp = await startMailServer({ cert: "good" });
  const { server, job, run, env } = await scene(
    t,
    smtpSender(smtp.address, { password: null, ca: MAIL_CA }),
  );
  smtp.behave({ data: 451 }, { rcpt: 550 });
  await assert.rejects(run(), /451/);
  assert.deepEqual(
    server.lines.filter(({ level }) => level === "error"),
    [],
  );
  await run();
  await sendMail.givenUp?.({ ...job, error: "away" }, env);
  const lost = server.lines.filter(({ event }) => event === "mail given up");
  assert.deepEqual(
    lost.map(({ fields }) => [fields.what, fields.sub, fields.mail_id]),
    [1, 2].map(() => ["password_changed", "ada", job.job_id]),
  );
  assert.match(String(lost[0]?.fields.why), /550/);
  assert.doesNotMatch(JSON.stringify(server.lines), /example\.org|undo/);
  assert.equal(smtp.mails.length, 0);
});

test("a mail of another secret is not sent; without mail, a job waits", async (t) => {
  const { server, job, run, env } = await scene(t, { send: () => assert.fail("sent") });
  const off = { ...env, server: { ...server.server, mail: null } };
  await assert.rejects(sendMail.run(job, off), /not configured/);
  const stored = { ...storedMail(job), mail: storedMail(job).mail.replace(/^..../, "AAAA") };
  await sendMail.run({ ...job, payload: JSON.stringify(stored) }, env);
  assert.ok(server.lines.some(({ event }) => event === "mail given up"));
  void run;
});

test("a running server sends the mails of its jobs", async (t) => {
  await using smtp = await startMailServer({ cert: "good" });
  const { server, job } = await scene(t, smtpSender(smtp.address, { password: null, ca: MAIL_CA }));
  const { store, wakeJobs } = server.server;
  await store.addJobs([job]);
  wakeJobs();
  const mail = await smtp.next();
  assert.equal(mail.to, "ada@example.org");
  for (let i = 0; i < 100 && (await store.listJobs(SEND_MAIL, { limit: 1 })).length > 0; i += 1)
    await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(await store.listJobs(SEND_MAIL, { limit: 1 }), []);
});
