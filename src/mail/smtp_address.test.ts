import assert from "node:assert/strict";
import { test } from "node:test";
import { checkMail } from "./check_mail.ts";
import { canReceiveMail, parseMailAddress } from "./mail_address.ts";
import { parseSmtpAddress } from "./smtp_address.ts";

test("addresses of mail servers", () => {
  const table: [string, ReturnType<typeof parseSmtpAddress>][] = [
    [
      "smtps://mail.example.com",
      { host: "mail.example.com", port: 465, implicit_tls: true, is_loopback: false, user: null },
    ],
    [
      "smtp://id@mail.example.com",
      { host: "mail.example.com", port: 587, implicit_tls: false, is_loopback: false, user: "id" },
    ],
    [
      "smtps://id@example.com@mail.example.com:2465",
      {
        host: "mail.example.com",
        port: 2465,
        implicit_tls: true,
        is_loopback: false,
        user: "id@example.com",
      },
    ],
    [
      "smtp://id%40example.com@mail.example.com/",
      {
        host: "mail.example.com",
        port: 587,
        implicit_tls: false,
        is_loopback: false,
        user: "id@example.com",
      },
    ],
    [
      "smtp://localhost:1025",
      { host: "localhost", port: 1025, implicit_tls: false, is_loopback: true, user: null },
    ],
    [
      "smtp://[::1]:25",
      { host: "::1", port: 25, implicit_tls: false, is_loopback: true, user: null },
    ],
    [
      "SMTP://127.0.0.1",
      { host: "127.0.0.1", port: 587, implicit_tls: false, is_loopback: true, user: null },
    ],
    [
      "smtp://localhost.example.com",
      {
        host: "localhost.example.com",
        port: 587,
        implicit_tls: false,
        is_loopback: false,
        user: null,
      },
    ],
    [
      "smtp://127.0.0.1.example.com",
      {
        host: "127.0.0.1.example.com",
        port: 587,
        implicit_tls: false,
        is_loopback: false,
        user: null,
      },
    ],
  ];
  for (const [text, expected] of table) assert.deepEqual(parseSmtpAddress(text), expected, text);
});

test("wrong ones are refused with the reason; a password never stands in the file", () => {
  const table: [string, RegExp][] = [
    ["mail.example.com", /smtps:/],
    ["https://mail.example.com", /smtps:/],
    ["smtp://", /smtps:/],
    ["smtp://mail.example.com:0", /no port|not a port/],
    ["smtp://mail.example.com:70000", /not a port/],
    ["smtp://mail.example.com/path", /smtps:/],
    ["smtp://mail.example.com?x=1", /smtps:/],
    ["smtps://id:pass@mail.example.com", /VALETKEY_SMTP_PASSWORD/],
    ["smtps://50%@mail.example.com", /%25/],
  ];
  for (const [text, why] of table) assert.throws(() => parseSmtpAddress(text), why, text);
});

test("senders: a name and an address, or an address", () => {
  assert.deepEqual(parseMailAddress("id@example.com"), { name: "", address: "id@example.com" });
  const both = { name: "Example, Inc.", address: "id@example.com" };
  assert.deepEqual(parseMailAddress("Example, Inc. <id@example.com>"), both);
  assert.deepEqual(parseMailAddress('"Example, Inc." <id@example.com>'), both);
  for (const text of [
    "",
    "Example",
    "<>",
    "a@b@c",
    "id@example.com, x@example.com",
    "A\nB <a@b.c>",
  ])
    assert.equal(parseMailAddress(text), null, text);
});

test("an address that one mail program reads as two gets no mail", () => {
  for (const text of ["ada@example.org", "ada+code@example.org", "ädä@exämple.org", "o'hara@x.org"])
    assert.equal(canReceiveMail(text), true, text);
  for (const text of [
    ...[
      "a,b@x.org",
      "a;b@x.org",
      "<a>@x.org",
      '"a"@x.org',
      "a(b)@x.org",
      "a:b@x.org",
      "a\\b@x.org",
    ],
    ...[
      "a b@x.org",
      "a\r\nb@x.org",
      "a\u0000@x.org",
      "a@x.org,b",
      "@x.org",
      "a@",
      "a",
      "a@[127.0.0.1]",
    ],
  ])
    assert.equal(canReceiveMail(text), false, text);
});

test("the configuration names what is wrong", () => {
  const from = "id@example.com";
  const sender = { send: async () => {} };
  assert.deepEqual(checkMail({ from, smtp: "smtp://localhost" }), []);
  assert.deepEqual(checkMail({ from, sender }), []);
  const table: [Parameters<typeof checkMail>[0], RegExp][] = [
    [{ from: "nobody", sender }, /^mail.from: /],
    [{ from }, /^mail.smtp: is missing/],
    [{ from, smtp: "localhost" }, /^mail.smtp: must be like/],
    [{ from, smtp: "smtp://localhost", sender }, /^mail.sender: replaces/],
  ];
  for (const [config, problem] of table) {
    const [found = "", ...more] = checkMail(config);
    assert.match(found, problem);
    assert.deepEqual(more, []);
  }
  assert.match(checkMail(JSON.parse(`{"from":"a@b.c","sender":{}}`))[0] ?? "", /no function send/);
});
