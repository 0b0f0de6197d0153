import assert from "node:assert/strict";
import { test } from "node:test";
import {
  MAIL_CA,
  type MailServer,
  startMailServer,
  startSilentServer,
} from "../../test/support/mail_server.ts";
import { type Mail, MailRefused } from "../mail_sender.ts";
import { type SmtpOptions, smtpSender } from "./smtp_sender.ts";

const MAIL: Mail = {
  message_id: "<0193@example.com>",
  from: { name: "Grüße, Inc.", address: "id@example.com" },
  to: "ada@example.org",
  subject: "Ihr Code für Valetkey",
  text: "Hällo\n\n    123456\n",
  html: "<!doctype html>\n<p>Hällo</p>\n",
  language: "de",
};
const FAST = { connect: 300, greeting: 300, silence: 300 };
const sender = ({ address }: Pick<MailServer, "address">, given: Partial<SmtpOptions> = {}) =>
  smtpSender(address, { password: null, ca: MAIL_CA, timeouts: FAST, ...given });

test("a mail arrives over TLS as it was written, and the server's answer is returned", async () => {
  for (const secure of [false, true]) {
    await using server = await startMailServer({ cert: "good", secure });
    const answer = await sender(server).send(MAIL);
    assert.match(String(answer), /^250 /);
    const mail = await server.next();
    assert.equal(mail.secure, true);
    assert.equal(mail.from, '"Grüße, Inc." <id@example.com>');
    assert.equal(mail.to, "ada@example.org");
    assert.deepEqual(mail.envelope, { from: "id@example.com", to: ["ada@example.org"] });
    assert.equal(mail.subject, MAIL.subject);
    assert.equal(mail.text, MAIL.text);
    assert.equal(mail.html, MAIL.html);
    assert.equal(mail.message_id, MAIL.message_id);
    assert.equal(mail.headers.get("auto-submitted"), "auto-generated");
    assert.equal(mail.headers.get("content-language"), "de");
  }
});

test("name and password are sent over TLS only, and a wrong password is told", async () => {
  const user = { name: "id@example.com", password: "pass word" };
  await using server = await startMailServer({ cert: "good", user });
  await sender(server, { password: user.password }).check();
  await sender(server, { password: user.password }).send(MAIL);
  for (const act of ["check", "send"] as const)
    await assert.rejects(sender(server, { password: "wrong" })[act](MAIL), (error) => {
      assert.ok(error instanceof Error && !(error instanceof MailRefused));
      assert.match(error.message, /^the mail server: name and password: .*535/);
      return true;
    });
  assert.equal(server.mails.length, 1);
});

test("without STARTTLS, or with a certificate that does not fit, nothing is sent", async () => {
  for (const cert of [undefined, "other", "expired"] as const) {
    await using server = await startMailServer(cert ? { cert } : {});
    await assert.rejects(sender(server).send(MAIL), /^Error: the mail server: /);
    await assert.rejects(sender(server).check(), /^Error: the mail server: /);
    assert.equal(server.mails.length, 0, `${cert}`);
  }
  await using unknown = await startMailServer({ cert: "good" });
  await assert.rejects(smtpSender(unknown.address, { password: null, timeouts: FAST }).send(MAIL));
  assert.equal(unknown.mails.length, 0);
});

test("a mail program on this computer needs no TLS", async () => {
  await using server = await startMailServer();
  const address = { ...server.address, is_loopback: true };
  await sender({ address }).send(MAIL);
  assert.equal((await server.next()).secure, false);
});

test("5xx for the recipient or the message is final; 4xx and a broken connection are not", async () => {
  await using server = await startMailServer({ cert: "good" });
  for (const [behaviour, is_final] of [
    [{ rcpt: 550 }, true],
    [{ data: 554 }, true],
    [{ rcpt: 451 }, false],
    [{ data: 452 }, false],
    ["breaks", false],
  ] as const) {
    server.behave(behaviour);
    await assert.rejects(sender(server).send(MAIL), (error) => {
      assert.ok(error instanceof Error);
      assert.equal(error instanceof MailRefused, is_final, JSON.stringify(behaviour));
      assert.doesNotMatch(error.message, /ada@|123456/);
      return true;
    });
  }
  server.behave("accepts");
  await sender(server).send(MAIL);
  assert.equal(server.mails.length, 1);
});

test("a server that says nothing, or hangs later, is given up soon", async () => {
  for (const greeting of [null, "220 hello"]) {
    await using silent = await startSilentServer(greeting);
    const address = { host: "127.0.0.1", port: silent.port, user: null } as const;
    const began = performance.now();
    const given = { address: { ...address, implicit_tls: false, is_loopback: true } };
    await assert.rejects(sender(given).send(MAIL), /the mail server: /);
    assert.ok(performance.now() - began < 5000);
  }
  const nobody = { host: "127.0.0.1", port: 1, implicit_tls: false, is_loopback: true, user: null };
  await assert.rejects(sender({ address: nobody }).send(MAIL), /ECONNREFUSED/);
});

test("no text of a mail becomes a header or another recipient", async () => {
  await using server = await startMailServer({ cert: "good" });
  const evil = "x\r\nBcc: eve@example.org\r\n\r\nbody";
  await sender(server).send({ ...MAIL, subject: evil, from: { ...MAIL.from, name: evil } });
  const { envelope, headers } = await server.next();
  assert.deepEqual(envelope.to, ["ada@example.org"]);
  assert.equal(headers.has("bcc"), false);
  for (const to of ["ada@example.org\r\nRCPT TO:<eve@example.org>", "a@x.test,eve@example.org"])
    await assert.rejects(sender(server).send({ ...MAIL, to }), MailRefused);
  assert.equal(server.mails.length, 1);
});
