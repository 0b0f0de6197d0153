import assert from "node:assert/strict";
import { resolve } from "node:path";
import { after, test } from "node:test";
import { mailJobs } from "../../src/mail/outbox.ts";
import { languages } from "../../src/pages/texts.ts";
import { startMailServer } from "../support/mail_server.ts";
import { contextOf, testServer } from "../support/server.ts";
import { workplace } from "./cli.ts";

const place = workplace();
after(() => place.remove());
const CA = { NODE_EXTRA_CA_CERTS: resolve("test/vectors/tls/names/ca.crt") };
const configFor = (smtp: string, name: string) =>
  place.write(`${name}.json`, JSON.stringify({ mail: { from: "Example <id@example.com>", smtp } }));

test("mail test sends one and prints the server's answer; each refusal has a hint", async () => {
  await using server = await startMailServer({ cert: "good" });
  // A loopback address never asks for TLS.
  const config = configFor(server.url, "taken");
  const { code, stdout, stderr } = await place.run([
    "mail",
    "test",
    "ada@example.org",
    "--config",
    config,
  ]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^250 /);
  const mail = await server.next();
  assert.equal(mail.to, "ada@example.org");
  assert.equal(mail.from, '"Example" <id@example.com>');
  assert.match(mail.subject, /A test from Valetkey/);
  const shown = await place.json(["mail", "test", "ada@example.org", "--config", config]);
  assert.match(shown.answer, /^250 /);

  server.behave({ rcpt: 550 });
  const refused = await place.run(["mail", "test", "ada@example.org", "--config", config]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /^error: the mail server: 550 5\.1\.1 not today/m);
  assert.match(refused.stderr, /^hint: .*mail\.from/m);
  for (const [smtp, args, error, hint] of [
    ["smtp://127.0.0.1:1", ["ada@example.org"], /ECONNREFUSED/, /host and port/],
    [server.url, ["ada"], /ada is not a mail address/, /ada@example\.com/],
  ] as const) {
    const { code, stderr } = await place.run([
      "mail",
      "test",
      ...args,
      "--config",
      configFor(smtp, "wrong"),
    ]);
    assert.equal(code, 1);
    assert.match(stderr, error);
    assert.match(stderr, hint);
  }
  const off = await place.run(["mail", "test", "ada@example.org"]);
  assert.match(off.stderr, /^error: mail is not configured/m);
});

test("the password comes from the environment, and a wrong one has a hint", async () => {
  const user = { name: "id@example.com", password: "pass word" };
  await using server = await startMailServer({ cert: "good", secure: true, user });
  const config = configFor(server.url, "user");
  for (const [VALETKEY_SMTP_PASSWORD, expected] of [
    ["pass word", 0],
    ["wrong", 1],
  ] as const) {
    const env = { ...CA, VALETKEY_SMTP_PASSWORD };
    const { code, stderr } = await place.run(
      ["mail", "test", "ada@example.org", "--config", config],
      { env },
    );
    assert.equal(code, expected, stderr);
    if (expected === 1) assert.match(stderr, /^hint: .*VALETKEY_SMTP_PASSWORD/m);
    assert.doesNotMatch(stderr, /warning/);
  }
  const unknown = await place.run(["mail", "test", "ada@example.org", "--config", config]);
  assert.match(unknown.stderr, /^hint: the certificate/m);
});

test("mail list shows what waits and why, and never an address or a text; mail retry makes it due", async () => {
  const database = `sqlite:${place.folder}/waiting.sqlite`;
  const secret = Buffer.alloc(32, 5).toString("base64url");
  const mail = {
    from: "id@example.com",
    sender: { send: () => Promise.reject(new Error("away")) },
  };
  const server = await testServer({ database, mail }, { secret, clock: Date.now });
  const [language] = languages();
  assert.ok(language);
  const ctx = contextOf(server, Math.floor(Date.now() / 1000));
  const about = { what: "password_changed", sub: "ada", address: "ada@example.org", language };
  const [job] = mailJobs(about, { subject: "Hello", paragraphs: ["https://as.test/undo"] }, ctx);
  assert.ok(job);
  const { store } = server.server;
  await store.addJobs([job]);
  server.server.wakeJobs();
  for (let i = 0; i < 300 && !(await store.listJobs("send_mail", { limit: 1 }))[0]?.error; i += 1)
    await new Promise((resolve) => setTimeout(resolve, 10));
  await server.close();

  const flags = ["--database", database];
  const listed = await place.run(["mail", "list", ...flags], { env: { VALETKEY_SECRET: secret } });
  assert.equal(listed.code, 0, listed.stderr);
  assert.match(listed.stdout, new RegExp(`${job.job_id} +password_changed +ada +1 .*away`));
  const [shown] = await place.json(["mail", "list", ...flags]);
  assert.equal(shown.error, "away");
  assert.ok(shown.due_at > ctx.now);
  assert.doesNotMatch(listed.stdout + JSON.stringify(shown), /example\.org|undo|Hello/);

  const wrong = await place.run(["mail", "retry", "0193", ...flags]);
  assert.match(wrong.stderr, /^error: no mail 0193 waits/m);
  assert.deepEqual(await place.json(["mail", "retry", job.job_id, ...flags]), { retried: 1 });
  const [now] = await place.json(["mail", "list", ...flags]);
  assert.ok(now.due_at <= Math.floor(Date.now() / 1000));
  const all = await place.run(["mail", "retry", ...flags]);
  assert.match(all.stderr, /1 of 1 waiting mail will be tried now/);
});
