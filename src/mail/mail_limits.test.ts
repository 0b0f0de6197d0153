import assert from "node:assert/strict";
import { test } from "node:test";
import { CONFIG, contextOf, START, testServer } from "../../test/support/server.ts";
import type { Context } from "../context.ts";
import { type MailAsked, spendMail } from "./mail_limits.ts";

const HOUR = 3600;
const asked = (given: Partial<MailAsked> = {}): MailAsked => ({
  to: "ada@example.org",
  address: "192.0.2.1",
  known_sub: null,
  ...given,
});

async function scene() {
  const server = await testServer(CONFIG);
  const at = (now: number): Context => contextOf(server, now);
  const allowed = async (given: Partial<MailAsked>, tries: number, now = START) => {
    let count = 0;
    for (let i = 0; i < tries; i += 1)
      if ((await spendMail(asked(given), at(now))) === 0) count += 1;
    return count;
  };
  return { server, allowed, at };
}

test("five an hour and ten a day for an address from one network, in any spelling", async () => {
  const { server, allowed, at } = await scene();
  await using _ = server;
  assert.equal(await allowed({}, 8), 5);
  assert.equal(await allowed({ to: "ADA@example.org" }, 3), 0);
  assert.equal(await spendMail(asked(), at(START + 1)), HOUR - 1);
  assert.equal(await allowed({}, 8, START + HOUR), 5);
  assert.equal(await allowed({}, 8, START + 2 * HOUR), 0);
  // The wait of a day begins with the last mail.
  assert.equal(await allowed({}, 8, START + 25 * HOUR), 5);
});

test("thirty a day for an address, from however many networks", async () => {
  const { server, allowed } = await scene();
  await using _ = server;
  let count = 0;
  for (let i = 0; i < 20; i += 1) count += await allowed({ address: `198.51.100.${i}` }, 3);
  assert.equal(count, 30);
});

test("twenty an hour for a network, for however many addresses; others are free", async () => {
  const { server, allowed } = await scene();
  await using _ = server;
  let count = 0;
  for (let i = 0; i < 30; i += 1) count += await allowed({ to: `p${i}@example.org` }, 1);
  assert.equal(count, 20);
  assert.equal(await allowed({ to: "x@example.org", address: "192.0.2.2" }, 1), 1);
});

test("strangers can't use up the mails of a browser that the person has signed in from", async () => {
  const { server, allowed } = await scene();
  await using _ = server;
  for (let i = 0; i < 20; i += 1) await allowed({ address: `198.51.100.${i}` }, 3);
  await allowed({}, 9);
  assert.equal(await allowed({ known_sub: "ada" }, 9), 5);
  assert.equal(await allowed({ known_sub: "bob" }, 9), 5);
});
