import assert from "node:assert/strict";
import { test } from "node:test";
import { languages } from "../pages/texts.ts";
import { createTheme } from "../pages/theme.ts";
import { createMailer } from "./mailer.ts";
import { languageFor, writeMail } from "./write_mail.ts";

const theme = createTheme({ product_name: "Snaps & Co", accent: "#ffcc00" });
const mail = createMailer(
  { mail: { from: "id@example.com", sender: { send: async () => {} } }, theme },
  { log: { info() {}, warn() {}, error() {} }, clock: () => 0 },
);
const server = { mail, theme, issuer: "https://id.example.com" };
const [english, german] = languages();
const content = {
  subject: "Your code\r\nBcc: eve@example.org",
  paragraphs: ["Here it is, <b>Ada</b>."],
  code: "012345",
  link: { label: "Open", href: "https://id.example.com/sign-in/code?link=a&b" },
};

test("text and HTML say the same, with name and colours of the theme; nothing of it is markup", () => {
  assert.ok(english);
  const to = { address: "ada@example.org", language: english, mail_id: "1" };
  const written = writeMail(content, to, server);
  assert.ok(written);
  assert.equal(written.message_id, "<1@example.com>");
  assert.deepEqual(written.from, { name: "Snaps & Co", address: "id@example.com" });
  assert.equal(written.subject, "Your code Bcc: eve@example.org");
  for (const part of ["<b>Ada</b>", "012345", content.link.href, "Snaps & Co · id.example.com"])
    assert.ok(written.text.includes(part), part);
  assert.ok(written.html.includes("&lt;b&gt;Ada"));
  assert.ok(written.html.includes('href="https://id.example.com/sign-in/code?link=a&amp;b"'));
  assert.ok(written.html.includes("background:#ffcc00;color:#000000"));
  assert.doesNotMatch(written.html, /<(?:img|script|link)|src=/);
});

test("the language is the person's, if it is one of ours, else that of the page", () => {
  assert.ok(english && german);
  const available = { languages: languages() };
  const table = [
    ["de-AT", english, "de"],
    ["fr", german, "de"],
    [7, english, "en"],
    [undefined, german, "de"],
  ] as const;
  for (const [locale, page, expected] of table)
    assert.equal(languageFor({ claims: { locale } }, page, available).tag, expected);
  const to = { address: "ada@example.org", language: german, mail_id: "1" };
  assert.match(writeMail(content, to, server)?.html ?? "", /<html lang="de"/);
});

test("no mail is written where mail is off, or for an address that takes none", () => {
  assert.ok(english);
  const to = { language: english, mail_id: "1" };
  const off = { ...server, mail: null };
  assert.equal(writeMail(content, { ...to, address: "ada@example.org" }, off), null);
  assert.equal(writeMail(content, { ...to, address: "a,b@example.org" }, server), null);
});
