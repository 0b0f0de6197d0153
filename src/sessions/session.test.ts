import assert from "node:assert/strict";
import { after, test } from "node:test";
import { contextOf, START, testServer } from "../../test/support/server.ts";
import type { Context } from "../context.ts";
import type { HeaderList, HttpRequest } from "../http/message.ts";
import { PageError } from "../http/page.ts";
import type { Person } from "../people/users.ts";
import { sampleClient } from "../store/conformance/samples.ts";
import { endSession, sessionOf, startSession } from "./session.ts";

const server = await testServer();
after(() => server.close());
const at = (now: number): Context => contextOf(server, now);
const ctx = at(START);
const { session, session_idle } = ctx.settings.lifetimes;

const request = (cookie = "", agent = "Test/1.0"): HttpRequest => ({
  method: "GET",
  path: "/",
  query: "",
  header: (name) => ({ cookie, "user-agent": agent })[name],
  body: "",
  origin: "https://as.test",
  address: "203.0.113.7",
});
const cookieOf = ([header]: HeaderList): string => header?.[1].split(";")[0] ?? "";
const secretOf = (cookie: string): string => cookie.slice(cookie.indexOf("=") + 1);
async function personCalled(username: string): Promise<Person> {
  await server.addUser(username);
  const person = await ctx.users.findByLogin(username);
  assert.ok(person);
  return person;
}
const signIn = (person: Person, now = ctx, cookie = "") =>
  startSession({ person, amr: ["pwd"], signed_in_for: null }, request(cookie), now).then(cookieOf);

test("a sign-in begins a session that the cookie finds again", async () => {
  const ada = await personCalled("ada");
  const cookie = await signIn(ada);
  const found = await sessionOf(request(cookie), ctx);
  assert.equal(found?.person.sub, ada.sub);
  const { auth_time, amr, user_agent, expires_at, secret_hash } = found?.record ?? {};
  assert.deepEqual(
    { auth_time, amr, user_agent, expires_at },
    { auth_time: START, amr: ["pwd"], user_agent: "Test/1.0", expires_at: START + session },
  );
  // Who reads the database can't make the cookie.
  assert.ok(!cookie.includes(secret_hash ?? ""));
});

test("what is not the cookie that we gave is no session", async () => {
  const cookie = await signIn(await personCalled("bob"));
  const [id = "", secret = ""] = secretOf(cookie).split(".");
  const other = secretOf(await signIn(await personCalled("eve"))).split(".")[1];
  for (const value of [
    "",
    ".",
    id,
    `${id}.`,
    `.${secret}`,
    `${id}.${secret}x`,
    `${id}.${secret.slice(1)}`,
    `${id}.${other}`,
    `${id}.${secret}.`,
    `${id}.${secret}.x`,
    `${"x".repeat(65)}.${secret}`,
    `${secret}.${id}`,
  ])
    assert.equal(await sessionOf(request(`__Host-valetkey_session=${value}`), ctx), null, value);
  assert.ok(await sessionOf(request(cookie), ctx));
});

test("a session ends when it is idle or old, and use keeps it alive", async () => {
  const cookie = await signIn(await personCalled("carl"));
  const alive = async (now: number) => (await sessionOf(request(cookie), at(now))) !== null;
  const idle = await signIn(await personCalled("idle"));
  assert.equal(await sessionOf(request(idle), at(START + session_idle)), null);
  let now = START;
  for (; now < START + session; now += session_idle - 1) assert.equal(await alive(now), true);
  assert.equal(await alive(START + session - 1), true);
  assert.equal(await alive(START + session), false);
});

test("S4: the cookie's secret is new at each sign-in, the session of the same person goes on", async () => {
  const dora = await personCalled("dora");
  const first = await signIn(dora);
  const second = await signIn(dora, at(START + 100), first);
  assert.notEqual(second, first);
  assert.equal(await sessionOf(request(first), at(START + 100)), null);
  const found = await sessionOf(request(second), at(START + 100));
  assert.equal(found?.record.session_id, secretOf(first).split(".")[0]);
  assert.equal(found?.record.auth_time, START + 100);
  assert.equal(found?.record.created_at, START);
  assert.equal((await ctx.store.listSessions(dora.sub, { limit: 200 })).length, 1);
});

test("somebody else's sign-in in this browser ends the session that was there", async () => {
  const [finn, gina] = [await personCalled("finn"), await personCalled("gina")];
  const first = await signIn(finn);
  const second = await signIn(gina, ctx, first);
  assert.equal(await sessionOf(request(first), ctx), null);
  assert.deepEqual(await ctx.store.listSessions(finn.sub, { limit: 200 }), []);
  assert.notEqual(secretOf(second).split(".")[0], secretOf(first).split(".")[0]);
});

test("S4: a session id that was put into the browser is not taken over", async () => {
  const cookie = await signIn(
    await personCalled("hugo"),
    ctx,
    "__Host-valetkey_session=fixed.fixed",
  );
  assert.ok(!cookie.includes("fixed"));
});

test("two sign-ins at once in one browser both hold", async () => {
  const ines = await personCalled("ines");
  const first = await signIn(ines);
  const both = await Promise.all([signIn(ines, ctx, first), signIn(ines, ctx, first)]);
  for (const cookie of both) assert.ok(await sessionOf(request(cookie), ctx));
  assert.equal(await sessionOf(request(first), ctx), null);
});

test("a disabled or removed person has no session", async () => {
  const jan = await personCalled("jan");
  const cookie = await signIn(jan);
  const account = await ctx.store.findAccount(jan.sub);
  assert.ok(account);
  await ctx.store.updateAccount({ ...account, disabled_at: START }, ["jan"]);
  assert.equal(await sessionOf(request(cookie), ctx), null);
  await ctx.store.updateAccount(account, ["jan"]);
  assert.ok(await sessionOf(request(cookie), ctx));
  await ctx.store.removeAccount(jan.sub, START);
  assert.equal(await sessionOf(request(cookie), ctx), null);
});

test("nobody who has the id of a client can sign in", async () => {
  const kim = await personCalled("kim");
  await ctx.store.createClient(sampleClient({ client_id: kim.sub }));
  await assert.rejects(signIn(kim), (error) => error instanceof PageError && error.status === 403);
});

test("signing out ends the session and its cookie", async () => {
  const cookie = await signIn(await personCalled("lisa"));
  const found = await sessionOf(request(cookie), ctx);
  assert.ok(found);
  const [header] = await endSession(found, ctx);
  assert.match(header?.[1] ?? "", /^__Host-valetkey_session=;.*Max-Age=0/);
  assert.equal(await sessionOf(request(cookie), ctx), null);
});

test("H6: what a browser says it is, is kept short", async () => {
  const mia = await personCalled("mia");
  const long = request("", `x\r\n${"y".repeat(10_000)}`);
  await startSession({ person: mia, amr: ["pwd"], signed_in_for: null }, long, ctx);
  const [record] = await ctx.store.listSessions(mia.sub, { limit: 200 });
  assert.equal(record?.user_agent.length, 300);
});
