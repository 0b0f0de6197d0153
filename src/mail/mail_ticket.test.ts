import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startPostgres } from "../../test/support/postgres.ts";
import { CONFIG, contextOf, START, testServer } from "../../test/support/server.ts";
import type { Context } from "../context.ts";
import { randomText } from "../crypto/hash.ts";
import { openLink, sealLink } from "./mail_link.ts";
import {
  codeOf,
  type MailPurpose,
  type MailTicket,
  newTicket,
  openTicket,
  sealTicket,
  tryCode,
} from "./mail_ticket.ts";

const postgres = await startPostgres();
after(() => postgres.stop());
const secret = randomText(32);
const DATABASES = [
  ["SQLite", async () => testServer(CONFIG)],
  [
    "PostgreSQL",
    async () => testServer({ ...CONFIG, database: await postgres.newDatabase() }, { secret }),
  ],
] as const;

const browser = { id: "a".repeat(22) };
const about = { address: "ada@example.org", browser: browser.id };
const find = async () => ({ about: "ada" as string | null });

function begin(ctx: Context, purpose: MailPurpose = "sign_in", given: Partial<MailTicket> = {}) {
  const ticket = { ...newTicket({ ...about, ...given }, ctx), ...given };
  const sealed = sealTicket(ticket, purpose, ctx);
  const code = codeOf(ticket, { sealed, purpose, about: "ada" }, ctx) ?? "";
  return { ticket, sealed, code };
}

const wrongFor = (code: string): string => (code === "000000" ? "000001" : "000000");

for (const [name, open] of DATABASES) {
  test(`a code works once, spaces or not; of 50 at once one does (${name})`, async () => {
    await using server = await open();
    const ctx = contextOf(server);
    const { sealed, code, ticket } = begin(ctx);
    assert.match(code, /^\d{6}$/);
    const held = { sealed, purpose: "sign_in", browser, find } as const;
    const typed = ` ${code.slice(0, 3)} ${code.slice(3)} `;
    assert.deepEqual(await tryCode(typed, held, ctx), { ticket, addressee: { about: "ada" } });
    assert.deepEqual(await tryCode(code, held, ctx), { problem: "used" });
    const other = begin(ctx);
    const at = { sealed: other.sealed, purpose: "sign_in", browser, find } as const;
    const verdicts = await Promise.all(
      Array.from({ length: 50 }, () => tryCode(other.code, at, ctx)),
    );
    assert.equal(verdicts.filter((each) => "ticket" in each).length, 1);
  });

  test(`five tries for a ticket, and not one more when 50 come at once (${name})`, async () => {
    await using server = await open();
    const ctx = contextOf(server);
    const { sealed, code } = begin(ctx);
    const held = { sealed, purpose: "sign_in", browser, find } as const;
    const verdicts = await Promise.all(
      Array.from({ length: 50 }, () => tryCode(wrongFor(code), held, ctx)),
    );
    const count = (problem: string) =>
      verdicts.filter((each) => "problem" in each && each.problem === problem).length;
    assert.deepEqual([count("wrong"), count("too_many")], [5, 45]);
    assert.deepEqual(await tryCode(code, held, ctx), { problem: "too_many" });
    const fresh = begin(ctx);
    const next = { sealed: fresh.sealed, purpose: "sign_in", browser, find } as const;
    assert.ok(
      "ticket" in (await tryCode(fresh.code, next, ctx)),
      "another ticket has tries of its own",
    );
  });
}

test("a ticket is for one browser, one purpose and ten minutes, and can't be made up", async () => {
  await using server = await testServer(CONFIG);
  const ctx = contextOf(server);
  const { sealed, ticket } = begin(ctx);
  const visit = { browser, ctx };
  assert.deepEqual(openTicket(sealed, "sign_in", visit), ticket);
  assert.equal(openTicket(sealed, "reset", visit), null);
  assert.equal(openTicket(sealed, "sign_in", { ...visit, browser: { id: "b" } }), null);
  assert.equal(openTicket(`${sealed}x`, "sign_in", visit), null);
  assert.equal(openTicket(undefined, "sign_in", visit), null);
  const at = (now: number) => openTicket(sealed, "sign_in", { browser, ctx: { ...ctx, now } });
  assert.ok(at(START + 599));
  assert.equal(at(START + 600), null);
});

test("codes differ by ticket, purpose, address and person", async () => {
  await using server = await testServer(CONFIG);
  const ctx = contextOf(server);
  const { ticket, sealed } = begin(ctx);
  const code = (given: Partial<MailTicket>, purpose: MailPurpose = "sign_in", about = "ada") =>
    codeOf({ ...ticket, ...given }, { sealed, purpose, about }, ctx);
  const codes = [
    ...[code({}), code({}, "reset"), code({}, "sign_up"), code({}, "sign_in", "ada 2")],
    ...[code({}, "sign_in", ""), code({ address: "eve@example.org" }), code({ ticket_id: "x" })],
  ];
  assert.equal(new Set(codes).size, codes.length);
  assert.equal(code({}), code({ sent_at: 1 }), "the time is no part of it");
});

test("for an address that is nobody's, each code is wrong", async () => {
  await using server = await testServer(CONFIG);
  const ctx = contextOf(server);
  const { ticket, sealed } = begin(ctx);
  const held = { sealed, purpose: "sign_in", browser } as const;
  for (const about of ["", "null", "ada"]) {
    const code = codeOf(ticket, { sealed, purpose: "sign_in", about }, ctx) ?? "";
    const nobody = { ...held, find: async () => ({ about: null }) };
    assert.deepEqual(await tryCode(code, nobody, ctx), { problem: "wrong" });
  }
});

test("a link tells its code until the ticket ends, and can't be made up", async () => {
  await using server = await testServer(CONFIG);
  const ctx = contextOf(server);
  const link = {
    purpose: "reset",
    ticket_id: "t",
    code: "012345",
    expires_at: START + 600,
  } as const;
  const sealed = sealLink(link, ctx);
  assert.ok(sealed.length < 150);
  assert.deepEqual(openLink(sealed, "reset", ctx), link);
  assert.equal(openLink(sealed, "reset", { ...ctx, now: START + 600 }), null);
  assert.equal(openLink(sealed.slice(1), "reset", ctx), null);
  assert.equal(openLink(sealed, "sign_in", ctx), null);
});
