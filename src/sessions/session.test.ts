import assert from "node:assert/strict";
import { after, test } from "node:test";
import { contextOf, START, testServer } from "../../test/support/server.ts";
import { type Context, markEvery } from "../context.ts";
import { personOnPage } from "../http/actor.ts";
import type { HeaderList, HttpRequest } from "../http/message.ts";
import { PageError } from "../http/page.ts";
import type { Proof } from "../oauth/assurance.ts";
import type { Person } from "../people/users.ts";
import type { AuditEventName } from "../store/audit.ts";
import { sampleClient, sampleConsent, sampleGrant } from "../store/conformance/samples.ts";
import { BACKCHANNEL_LOGOUT, clientSession } from "./client_sessions.ts";
import { endSessions } from "./end_sessions.ts";
import { accountKey } from "./last_account.ts";
import {
  currentSession,
  forgetOthers,
  markUsed,
  ProofLapsed,
  type SignIn,
  sessionsOf,
  startSession,
} from "./session.ts";

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
const pwd = (at: number): Proof => ({ kind: "pwd", at });
const signIn = (person: Person, now = ctx, cookie = "", given: Partial<SignIn> = {}) =>
  startSession(
    { person, proof: pwd(now.now), signed_in_for: null, ...given },
    request(cookie),
    now,
  ).then(cookieOf);

test("a sign-in begins a session, which its cookie finds", async () => {
  const ada = await personCalled("ada");
  const cookie = await signIn(ada);
  const found = await currentSession(request(cookie), ctx);
  assert.equal(found?.person.sub, ada.sub);
  const { proofs, user_agent, network, expires_at, secret_hash } = found?.record ?? {};
  assert.deepEqual(
    { proofs, user_agent, network, expires_at },
    {
      ...{ proofs: [pwd(START)], user_agent: "Test/1.0", network: "203.0.113.0/24" },
      expires_at: START + session,
    },
  );
  // Reading the database is not enough to make the cookie.
  assert.ok(!cookie.includes(secret_hash ?? ""));
});

test("any other cookie value finds no session", async () => {
  const cookie = await signIn(await personCalled("bob"));
  const name = cookie.split("=")[0];
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
    assert.equal(await currentSession(request(`${name}=${value}`), ctx), null, value);
  assert.ok(await currentSession(request(cookie), ctx));
});

test("a session ends when idle or at its absolute end; use extends it", async () => {
  const cookie = await signIn(await personCalled("carl"));
  const alive = async (now: number): Promise<boolean> => {
    const found = await currentSession(request(cookie), at(now));
    if (found) await markUsed(found, request(cookie), at(now));
    return found !== null;
  };
  const idle = await signIn(await personCalled("idle"));
  assert.equal(await currentSession(request(idle), at(START + session_idle)), null);
  let now = START;
  for (; now < START + session; now += session_idle - 1) assert.equal(await alive(now), true);
  assert.equal(await alive(START + session - 1), true);
  assert.equal(await alive(START + session), false);
});

test("S4: each sign-in renews the cookie's secret and keeps the session of the same person", async () => {
  const dora = await personCalled("dora");
  const first = await signIn(dora);
  const second = await signIn(dora, at(START + 100), first);
  assert.notEqual(second, first);
  assert.equal(await currentSession(request(first), at(START + 100)), null);
  const found = await currentSession(request(second), at(START + 100));
  assert.equal(found?.record.session_id, secretOf(first).split(".")[0]);
  assert.deepEqual(found?.record.proofs, [pwd(START + 100)]);
  assert.equal(found?.record.created_at, START);
  assert.equal((await ctx.store.listSessions(dora.sub, { limit: 200 })).length, 1);
});

test("another person's sign-in in this browser begins a session beside the first", async () => {
  const [finn, gina] = [await personCalled("finn"), await personCalled("gina")];
  const first = await signIn(finn);
  const second = await signIn(gina, at(START + 1), first);
  const both = request(`${second}; ${first}`);
  assert.deepEqual(await usernamesIn(both), ["finn", "gina"]);
  assert.notEqual(secretOf(second).split(".")[0], secretOf(first).split(".")[0]);
  assert.equal((await currentSession(both, ctx))?.person.username, "gina", "the last sign-in");
});

test("a browser holds five accounts: a sixth takes the place of the earliest sign-in", async () => {
  const people = await Promise.all(["a1", "a2", "a3", "a4", "a5", "a6"].map(personCalled));
  const cookies: string[] = [];
  for (const [i, person] of people.slice(0, 5).entries())
    cookies.push(await signIn(person, at(START + i), cookies.join("; ")));
  // The first one signs in again, so the second one is now the earliest.
  const [first, second, sixth] = [people[0], people[1], people[5]];
  assert.ok(first && second && sixth);
  cookies[0] = await signIn(first, at(START + 10), cookies.join("; "));
  const header = cookies.join("; ");
  const now = at(START + 11);
  const set = await startSession(
    { person: sixth, proof: pwd(START + 11), signed_in_for: null },
    request(header),
    now,
  );
  assert.match(set[1]?.[1] ?? "", new RegExp(`_${accountKey(second.sub)}=;.*Max-Age=0`));
  assert.equal(set.length, 2);
  const after = `${header}; ${cookieOf(set.slice(0, 1))}`;
  assert.deepEqual(await ctx.store.listSessions(second.sub, { limit: 200 }), []);
  const [ended] = await eventsOf(second, "session_ended");
  assert.equal(ended?.details.reason, "replaced");
  const left = after.replace(cookies[1] ?? "", "");
  assert.deepEqual((await usernamesIn(request(left))).sort(), ["a1", "a3", "a4", "a5", "a6"]);
});

test("a cookie counts under the name of its own account only, and no more than ten are read", async () => {
  const holly = await personCalled("holly");
  const cookie = await signIn(holly);
  const value = secretOf(cookie);
  assert.deepEqual(await usernamesIn(request(`__Host-valetkey_session_abcdefgh=${value}`)), []);
  assert.deepEqual(await usernamesIn(request(`__Host-valetkey_session=${value}`)), []);
  const strangers = Array.from({ length: 10 }, (_, i) => `__Host-valetkey_session_abcdefg${i}=a.b`);
  assert.deepEqual(await usernamesIn(request([...strangers, cookie].join("; "))), []);
  assert.deepEqual(await usernamesIn(request([...strangers.slice(1), cookie].join("; "))), [
    "holly",
  ]);
  // The next sign-in removes the cookies of no session.
  const set = await startSession(
    { person: holly, proof: pwd(START), signed_in_for: null },
    request([...strangers, cookie].join("; ")),
    ctx,
  );
  assert.equal(set.filter(([, line]) => line.includes("Max-Age=0")).length, 10);
});

test("S4: a planted session id is not adopted", async () => {
  const cookie = await signIn(
    await personCalled("hugo"),
    ctx,
    "__Host-valetkey_session_abcdefgh=fixed.fixed",
  );
  assert.ok(!cookie.includes("fixed"));
});

test("two concurrent sign-ins in one browser both work", async () => {
  const ines = await personCalled("ines");
  const first = await signIn(ines);
  const both = await Promise.all([signIn(ines, ctx, first), signIn(ines, ctx, first)]);
  for (const cookie of both) assert.ok(await currentSession(request(cookie), ctx));
  assert.equal(await currentSession(request(first), ctx), null);
});

test("a disabled or removed person has no session", async () => {
  const jan = await personCalled("jan");
  const cookie = await signIn(jan);
  const account = await ctx.store.findAccount(jan.sub);
  assert.ok(account);
  await ctx.store.updateAccount({ ...account, disabled_at: START }, ["jan"]);
  assert.equal(await currentSession(request(cookie), ctx), null);
  await ctx.store.updateAccount(account, ["jan"]);
  assert.ok(await currentSession(request(cookie), ctx));
  await ctx.store.removeAccount(jan.sub, START);
  assert.equal(await currentSession(request(cookie), ctx), null);
});

test("a person whose sub is a client_id cannot sign in", async () => {
  const kim = await personCalled("kim");
  await ctx.store.createClient(sampleClient({ client_id: kim.sub }));
  await assert.rejects(signIn(kim), (error) => error instanceof PageError && error.status === 403);
});

test("a second factor adds to the session's proofs; the next first factor starts anew", async () => {
  const lena = await personCalled("lena");
  const first = await signIn(lena);
  const totp: Proof = { kind: "totp", at: START + 10 };
  const second = await signIn(lena, at(START + 10), first, { proof: totp });
  const proofsOf = async (cookie: string) =>
    (await currentSession(request(cookie), ctx))?.record.proofs;
  assert.deepEqual(await proofsOf(second), [pwd(START), totp]);
  assert.deepEqual(await proofsOf(await signIn(lena, at(START + 20), second)), [pwd(START + 20)]);
});

test("a second factor alone begins no session", async () => {
  const olga = await personCalled("olga");
  const proof: Proof = { kind: "recovery", at: START };
  await assert.rejects(signIn(olga, ctx, "", { proof }), /nothing without a first factor/);
  assert.deepEqual(await ctx.store.listSessions(olga.sub, { limit: 200 }), []);
});

test("a session ends with its person's sessions if one of its proofs is older than that end", async () => {
  const pia = await personCalled("pia");
  const cookie = await signIn(pia);
  const later = await signIn(pia, at(START + 10), cookie, {
    proof: { kind: "totp", at: START + 10 },
  });
  const account = (await ctx.store.findAccount(pia.sub)) ?? assert.fail();
  const endBefore = (sessions_end_before: number) =>
    ctx.store.updateAccount({ ...account, sessions_end_before }, ["pia"]);
  await endBefore(START);
  assert.ok(await currentSession(request(later), ctx));
  await endBefore(START + 5);
  assert.equal(await currentSession(request(later), ctx), null);
});

test("a session keeps the request it was begun for until it is renewed for another one", async () => {
  const rosa = await personCalled("rosa");
  const requestOf = async (cookie: string) =>
    (await currentSession(request(cookie), ctx))?.record.signed_in_for;
  const first = await signIn(rosa, ctx, "", { signed_in_for: "one" });
  const second = await signIn(rosa, ctx, first);
  assert.equal(await requestOf(second), "one");
  assert.equal(await requestOf(await signIn(rosa, ctx, second, { signed_in_for: "two" })), "two");
});

test("a proof that expires while it is checked leaves no session", async () => {
  const sven = await personCalled("sven");
  const holds = async () => false;
  await assert.rejects(signIn(sven, ctx, "", { holds }), ProofLapsed);
  assert.deepEqual(await ctx.store.listSessions(sven.sub, { limit: 200 }), []);
  const [ended] = await eventsOf(sven, "session_ended");
  assert.equal(ended?.details.reason, "proof_lapsed");
});

test("a person has 50 sessions at most: the longest unused one ends, with an event", async () => {
  const tom = await personCalled("tom");
  const cookies: string[] = [];
  for (let i = 0; i < 50; i += 1) cookies.push(await signIn(tom, at(START + i)));
  const [first = "", second = ""] = cookies;
  const used = at(START + 86_400);
  const oldest = (await currentSession(request(first), used)) ?? assert.fail();
  await markUsed(oldest, request(first), used);
  const newest = await signIn(tom, used);
  assert.equal((await ctx.store.listSessions(tom.sub, { limit: 200 })).length, 50);
  for (const cookie of [first, newest]) assert.ok(await currentSession(request(cookie), used));
  assert.equal(await currentSession(request(second), used), null);
  const [ended, ...more] = await eventsOf(tom, "session_ended");
  assert.deepEqual(more, []);
  const { reason, session_id } = ended?.details ?? {};
  assert.deepEqual([reason, session_id], ["too_many", secretOf(second).split(".")[0]]);
});

test("the event of an ended session names it and the reason, without secrets", async () => {
  const uma = await personCalled("uma");
  const cookie = await signIn(uma);
  const { record } = (await currentSession(request(cookie), ctx)) ?? assert.fail();
  const why = { reason: "signed_out", by: person(uma) } as const;
  assert.equal(await endSessions(record, why, ctx), 1);
  assert.equal(await endSessions(record, why, ctx), 0);
  assert.equal(await currentSession(request(cookie), ctx), null);
  const [ended, ...more] = await eventsOf(uma, "session_ended");
  assert.deepEqual(more, []);
  assert.equal(ended?.address, "203.0.113.7");
  assert.deepEqual(ended?.details, { reason: "signed_out", session_id: record.session_id });
});

test("all sessions of a person except one end, with one event", async () => {
  const vera = await personCalled("vera");
  const [kept = "", ...others] = [await signIn(vera), await signIn(vera), await signIn(vera)];
  const except = (await currentSession(request(kept), ctx))?.record.session_id ?? assert.fail();
  const by = { kind: "operator", id: "root", via: "command" } as const;
  const why = { reason: "ended", by } as const;
  assert.equal(await endSessions({ sub: vera.sub, except }, why, ctx), 2);
  assert.ok(await currentSession(request(kept), ctx));
  for (const cookie of others) assert.equal(await currentSession(request(cookie), ctx), null);
  const [ended, ...more] = await eventsOf(vera, "session_ended");
  assert.deepEqual(more, []);
  assert.deepEqual([ended?.actor_id, ended?.details], ["root", { reason: "ended", except }]);
});

test("jobs that tell clients of an ended session are written with its end or not at all", async () => {
  const willa = await personCalled("willa");
  const cookie = await signIn(willa);
  const { record } = (await currentSession(request(cookie), ctx)) ?? assert.fail();
  const { sub, session_id } = record;
  const sent = { sent_sub: "sub at printly", sent_sid: "sid at printly", now: START };
  const kept = clientSession(record, { client_id: "printly" }, sent);
  const grant = sampleGrant({ sub, sid: session_id });
  const consent = { before: null, becomes: sampleConsent({ sub }) };
  await ctx.store.approve({ grant, consent, client_session: kept });
  let woken = 0;
  const env = { ...ctx, wakeJobs: () => (woken += 1) };
  const why = { reason: "signed_out", by: person(willa) } as const;
  assert.equal(await endSessions({ sub, session_id: "another" }, why, env), 0);
  assert.equal(await endSessions(record, why, env), 1);
  assert.equal(await endSessions(record, why, env), 0);
  assert.equal(woken, 1);
  const now = START + 400_000_000;
  const lease = { kinds: [BACKCHANNEL_LOGOUT], now, until: now + 60, limit: 10 };
  const leased = await ctx.store.leaseJobs(lease);
  const { sent_sub, sent_sid } = sent;
  const told = { client_id: "printly", sub, sent_sub, sent_sid };
  assert.deepEqual(
    leased.map(({ payload }) => JSON.parse(payload)),
    [told],
  );
  assert.deepEqual(await ctx.store.listClientSessions({ sub }, 10), []);
});

test("the cookies of all accounts but some are removed from the browser, dead ones too", async () => {
  const [tim, una] = [await personCalled("tim"), await personCalled("una")];
  const dead = "__Host-valetkey_session_abcdefgh=a.b";
  const shown = request([await signIn(tim), await signIn(una), dead].join("; "));
  const removed = (kept: string[]) =>
    forgetOthers(kept, shown, ctx).map(([, line]) => {
      assert.match(line, /=;.*Max-Age=0/);
      return /^__Host-valetkey_session_([\w-]{8})=/.exec(line)?.[1];
    });
  assert.deepEqual(removed([tim.sub]), [accountKey(una.sub), "abcdefgh"]);
  assert.equal(removed([]).length, 3);
});

test("H6: the user agent is stored truncated", async () => {
  const mia = await personCalled("mia");
  const long = request("", `x\r\n${"y".repeat(10_000)}`);
  await startSession({ person: mia, proof: pwd(START), signed_in_for: null }, long, ctx);
  const [record] = await ctx.store.listSessions(mia.sub, { limit: 200 });
  assert.equal(record?.user_agent.length, 300);
});

test("a session keeps the network where the person was last seen, and never the whole address", async () => {
  const nora = await personCalled("nora");
  let cookie = await signIn(nora);
  const from = (address: string): HttpRequest => ({ ...request(cookie), address });
  const seen = async (address: string, now: number): Promise<string> => {
    const found = (await currentSession(from(address), at(now))) ?? assert.fail();
    await markUsed(found, from(address), at(now));
    return (await ctx.store.findSession(found.record.session_id))?.network ?? assert.fail();
  };
  assert.equal(await seen("198.51.100.9", START + 1), "203.0.113.0/24", "no write of its own");
  const due = START + markEvery(session_idle);
  assert.equal(await seen("198.51.100.9", due), "198.51.100.0/24");
  assert.equal(await seen("2001:db8:6::99", 2 * due - START), "2001:db8:6::/48");
  cookie = await signIn(nora, at(2 * due), cookie);
  assert.equal(await seen("198.51.100.9", 2 * due + 1), "203.0.113.0/24", "the sign-in's");
});

const usernamesIn = async (shown: HttpRequest): Promise<string[]> =>
  (await sessionsOf(shown, ctx)).map(({ person }) => person.username);
const person = ({ sub }: Person) => personOnPage(sub, request(), ctx);
const eventsOf = async ({ sub }: Person, event: AuditEventName) =>
  (await ctx.store.listAudit({ sub, limit: 1000 })).filter((each) => each.event === event);
