/** Operations on people: each change is recorded with its event, and changes nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  OPERATOR,
  type OperationTest,
  operationTest,
  personActor,
} from "../../test/support/operation.ts";
import { START } from "../../test/support/server.ts";
import { sampleConsent, sampleGrant, sampleSession } from "../store/conformance/samples.ts";
import { grantWith } from "../store/conformance/scenario.ts";
import { changePassword, setPassword } from "./change_password.ts";
import { changePerson, setPersonDisabled } from "./change_person.ts";
import { createAccount, createPerson, type NewPerson } from "./create_person.ts";
import { removeConsent, removePerson, revokePerson } from "./end_person.ts";
import type { Users } from "./users.ts";

const PASSWORD = "correct horse battery";
const ADA: NewPerson = {
  ...{ username: "ada", password: PASSWORD, is_admin: false, only_as_first: false },
  ...{ email: "ada@x.test", email_verified: true, name: "Ada" },
};

async function added({ env }: OperationTest, more: Partial<NewPerson> = {}) {
  const account = await createAccount({ ...ADA, ...more }, OPERATOR, env);
  assert.ok(account !== "taken");
  return account;
}
const event = (name: string, sub: string, more: object = {}) => ({
  ...{ event: name, actor: "operator", actor_id: "root", via: "command" },
  ...{ sub, client_id: null, event_id: null, address: null },
  ...{ before: null, after: null, details: {}, ...more },
});

test("adding an account records an event without its password hash", async () => {
  await using set = await operationTest();
  const account = await added(set, { claims: { locale: "de", nickname: null } });
  assert.equal(account.login_email, "ada@x.test");
  const { sub } = account;
  const after = {
    ...{ username: "ada", login_email: "ada@x.test", is_admin: false },
    ...{ "claims.name": "Ada", "claims.email": "ada@x.test" },
    ...{ "claims.email_verified": true, "claims.locale": "de" },
  };
  assert.deepEqual(await set.events(), [event("user_created", sub, { after })]);
  assert.equal(await createAccount({ ...ADA, username: "ADA@X.test" }, OPERATOR, set.env), "taken");
  await assert.rejects(added(set, { username: "a b" }), { parameter: "username" });
  assert.equal((await set.events()).length, 1);
});

test("an address signs in if an operator set it, never because a visitor typed it", async () => {
  await using set = await operationTest();
  const unverified = await added(set, { username: "eve", email_verified: false });
  assert.deepEqual([unverified.login_email, unverified.claims.email_verified], [null, false]);
  const visitor = { ...personActor("x"), id: null };
  const typed = { ...ADA, claims: { sub: "other", roles: ["admin"] } };
  const person = await createPerson(typed, visitor, set.env);
  assert.ok(person !== "taken");
  const { claims, login_email } = (await set.store.findAccount(person.sub)) ?? unverified;
  assert.equal(login_email, null);
  assert.deepEqual(claims, { name: "Ada", email: "ada@x.test", email_verified: false });
  const [, told] = await set.events();
  assert.deepEqual(
    { ...told, after: null },
    {
      ...event("user_created", person.sub, { actor: "person", actor_id: person.sub, via: "page" }),
      ...{ address: "203.0.113.7", event_id: "a-request" },
    },
  );
});

test("a change records the differences; an ineffective one is not recorded", async () => {
  await using set = await operationTest();
  const account = await added(set);
  const { sub } = account;
  const change = { name: "Countess", is_admin: true, claims: { locale: "de" } };
  const changed = await changePerson({ account, change }, OPERATOR, set.env);
  assert.ok(typeof changed === "object");
  assert.deepEqual(await changePerson({ account: changed, change }, OPERATOR, set.env), changed);
  const before = { is_admin: false, "claims.name": "Ada", "claims.locale": null };
  const after = { is_admin: true, "claims.name": "Countess", "claims.locale": "de" };
  assert.deepEqual((await set.events()).slice(1), [event("user_changed", sub, { before, after })]);
});

test("a changed address is verified only if the same change says so", async () => {
  await using set = await operationTest();
  let account = await added(set);
  const become = async (change: Parameters<typeof changePerson>[0]["change"]) => {
    const changed = await changePerson({ account, change }, OPERATOR, set.env);
    assert.ok(typeof changed === "object");
    account = changed;
    return [changed.claims.email, changed.claims.email_verified, changed.login_email];
  };
  const [old, next] = ["ada@x.test", "ada@y.test"];
  assert.deepEqual(await become({ name: "A" }), [old, true, old]);
  assert.deepEqual(await become({ email: next, email_verified: true }), [next, true, next]);
  assert.deepEqual(await become({ claims: { email: old } }), [old, false, null]);
  assert.deepEqual(await become({ email_verified: true }), [old, true, old]);
  assert.deepEqual(await become({ email: next }), [next, false, null]);
  assert.deepEqual(await become({ claims: { email_verified: true } }), [next, true, next]);
  assert.deepEqual(await become({ email_verified: false }), [next, false, null]);
  assert.deepEqual(await become({ email: "" }), [undefined, undefined, null]);
  await assert.rejects(become({ username: next }), { parameter: "username" });
  assert.deepEqual(await become({ username: next, email: next, email_verified: true }), [
    ...[next, true, next],
  ]);
  await assert.rejects(become({ email_verified: false }), { parameter: "username" });
});

test("a taken name or a stale record changes nothing", async () => {
  await using set = await operationTest();
  const account = await added(set);
  await added(set, { username: "eve", email: "eve@x.test" });
  for (const change of [{ username: "EVE" }, { email: "Eve@x.test", email_verified: true }])
    assert.equal(await changePerson({ account, change }, OPERATOR, set.env), "taken");
  await setPersonDisabled({ account, disabled: true }, OPERATOR, set.env);
  const change = { name: "B" };
  assert.equal(await changePerson({ account, change }, OPERATOR, set.env), "changed_meanwhile");
  assert.equal((await set.events()).length, 3);
});

test("disabling and enabling are recorded once", async () => {
  await using set = await operationTest();
  const account = await added(set);
  const disabled = await setPersonDisabled({ account, disabled: true }, OPERATOR, set.env);
  assert.ok(typeof disabled === "object");
  set.advance(10);
  const again = await setPersonDisabled({ account: disabled, disabled: true }, OPERATOR, set.env);
  assert.deepEqual(again, disabled);
  await setPersonDisabled({ account: disabled, disabled: false }, OPERATOR, set.env);
  const { sub, created_at } = account;
  const [off, on] = [{ disabled_at: created_at }, { disabled_at: null }];
  assert.deepEqual((await set.events()).slice(1), [
    event("user_disabled", sub, { before: on, after: off }),
    event("user_enabled", sub, { before: off, after: on }),
  ]);
});

/** A person with two sessions, a grant and a consent, all made in the same second. */
async function inUse(set: OperationTest, sub: string, auth_time: number) {
  const proofs = [{ kind: "pwd", at: auth_time }] as const;
  const [here, there] = [sampleSession({ sub, proofs }), sampleSession({ sub, proofs })];
  for (const each of [here, there]) await set.store.createSession(each);
  const grant = sampleGrant({ sub, created_at: auth_time });
  await grantWith(set.store, grant, sampleConsent({ sub, since: auth_time }));
  return {
    here,
    async left() {
      const sessions = (await set.store.listSessions(sub, { limit: 10 })).length;
      const live = (await set.store.findGrant(grant.grant_id))?.revoked_at === null;
      const consent = (await set.store.findConsent(sub, "printly")) !== null;
      return { sessions, live, consent };
    },
  };
}

test("a password set by an operator ends every session, and with revoke all access of apps", async () => {
  await using set = await operationTest();
  const { sub, created_at } = await added(set);
  const { left } = await inUse(set, sub, created_at);
  const password = "the operator's own choice";
  assert.ok(await setPassword({ sub, password, revoke: false }, OPERATOR, set.env));
  assert.deepEqual(await left(), { sessions: 0, live: true, consent: true });
  const account = await setPassword({ sub, password, revoke: true }, OPERATOR, set.env);
  assert.deepEqual(await left(), { sessions: 0, live: false, consent: true });
  assert.ok(account);
  const stored = await set.store.findAccount(sub);
  assert.equal(stored?.ends_before, created_at + 1, "access in progress in this second ends too");
  assert.equal(stored?.sessions_end_before, created_at + 1);
  const person = await set.env.users.find(sub);
  assert.equal(await set.env.users.verifyPassword(person, password), true);
  const gone = await setPassword({ sub: "nobody", password, revoke: true }, OPERATOR, set.env);
  assert.equal(gone, null);
  const told = (...ended: string[]) => event("password_changed", sub, { details: { ended } });
  assert.deepEqual((await set.events()).slice(1), [told("sessions"), told("sessions", "grants")]);
  assert.ok(!JSON.stringify(await set.events()).includes("argon2"));
});

test("a password set by an operator undoes no concurrent change", async () => {
  await using set = await operationTest();
  const before = await added(set);
  const { sub } = before;
  const admin = { ...before, is_admin: true };
  let meanwhile = true;
  const findAccount: typeof set.store.findAccount = async (which) => {
    const found = await set.store.findAccount(which);
    if (meanwhile) await set.store.updateAccount(admin, ["ada"], { before });
    meanwhile = false;
    return found;
  };
  const env = { ...set.env, store: { ...set.store, findAccount } };
  const account = await setPassword({ sub, password: PASSWORD, revoke: false }, OPERATOR, env);
  assert.equal(account?.is_admin, true);
  assert.equal((await set.store.findAccount(sub))?.is_admin, true);
  assert.equal((await set.events()).length, 2, "recorded once, however often it was tried");
});

test("a person's own change keeps the asking session, and ends apps' access if chosen", async () => {
  await using set = await operationTest();
  const { sub, created_at } = await added(set);
  const { here: session, left } = await inUse(set, sub, created_at);
  const change = async (password: string, revoke: boolean) => {
    const mark = await set.env.users.passwordMark?.(sub);
    const input = { password, mark: mark ?? null, session, revoke };
    return changePassword(input, personActor(sub), set.env);
  };
  const first = await change("another long one", false);
  assert.equal(await first?.holds(), true);
  assert.deepEqual(await left(), { sessions: 1, live: true, consent: true });
  const second = await change("yet another long one", true);
  assert.deepEqual([await first?.holds(), await second?.holds()], [false, true]);
  assert.deepEqual(await left(), { sessions: 1, live: false, consent: true });
  assert.ok(await set.store.findSession(session.session_id));
  assert.deepEqual(
    (await set.events()).slice(1).map((each) => "details" in each && each.details),
    [{ ended: ["sessions"] }, { ended: ["sessions", "grants"] }],
  );
});

test("an invalid password or an ended session prevents the change", async () => {
  await using set = await operationTest();
  const { sub, created_at } = await added(set);
  const { here: session, left } = await inUse(set, sub, created_at);
  const mark = (await set.env.users.passwordMark?.(sub)) ?? null;
  const input = { password: "another long one", mark, session, revoke: true };
  for (const wrong of [
    { mark: "another" },
    { mark: null },
    { session: { ...session, secret_hash: "guessed" } },
    { session: { ...session, session_id: sampleSession({ sub }).session_id } },
  ])
    assert.equal(await changePassword({ ...input, ...wrong }, personActor(sub), set.env), null);
  // On a distributed database a session's row may outlive its end briefly; the account records the end first.
  const account = await set.store.findAccount(sub);
  assert.ok(account);
  const sessions_end_before = created_at + 1;
  await set.store.updateAccount({ ...account, sessions_end_before }, ["ada"]);
  assert.equal(await changePassword(input, personActor(sub), set.env), null);
  await set.store.updateAccount({ ...account, disabled_at: created_at }, ["ada"]);
  assert.equal(await changePassword(input, personActor(sub), set.env), null);
  assert.deepEqual(await left(), { sessions: 2, live: true, consent: true });
  assert.equal((await set.events()).length, 1);
});

/** People of an embedding app, and a record of the calls made to them. */
function peopleElsewhere(changes: boolean, meanwhile?: () => Promise<void>) {
  const asked: unknown[] = [];
  const users: Users = {
    find: async () => null,
    findByLogin: async () => null,
    verifyPassword: async () => false,
    passwordMark: async () => "their mark",
    async changePassword(...given) {
      asked.push(given);
      await meanwhile?.();
      return changes;
    },
    create: async ({ username }) => ({
      ...{ sub: "7", username, claims: {}, is_admin: false, disabled: false },
    }),
  };
  return { users, asked };
}

test("a change in the app's store gets the verified mark, and is recorded after it succeeded", async () => {
  for (const changes of [false, true]) {
    await using set = await operationTest();
    const version = async () => (await set.store.loadFactors("7")).version;
    const seen: number[] = [];
    const { users, asked } = peopleElsewhere(changes, async () => {
      seen.push(await version());
    });
    const env = { ...set.env, users };
    const { here: session, left } = await inUse(set, "7", START);
    const input = { password: "another long one", mark: "m", session, revoke: true };
    const done = await changePassword(input, personActor("7"), env);
    assert.equal(done === null, !changes);
    assert.deepEqual(asked, [["7", "another long one", { mark: "m" }]]);
    // Sign-ins that were in progress before the change, or began during it, carry an earlier version.
    assert.deepEqual([...seen, await version()], changes ? [1, 2] : [1, 1]);
    assert.equal((await set.events()).length, changes ? 1 : 0);
    assert.deepEqual(await left(), { sessions: 1, live: false, consent: true });
    const ended = { ...session, secret_hash: "renewed elsewhere" };
    assert.equal(await changePassword({ ...input, session: ended }, personActor("7"), env), null);
    assert.equal(asked.length, 1);
  }
});

test("creating a person in the app's store is recorded afterwards", async () => {
  await using set = await operationTest();
  const env = { ...set.env, users: peopleElsewhere(true).users };
  const person = await createPerson(ADA, { ...personActor("x"), id: null }, env);
  assert.ok(person !== "taken" && person.sub === "7");
  const [told] = await set.events();
  assert.ok(told && "after" in told && "actor_id" in told);
  assert.deepEqual([told.after, told.actor_id], [{ username: "ada", is_admin: false }, "7"]);
});

test("revoking a person ends sessions, grants and tokens, deletes nothing, and can forget consents", async () => {
  await using set = await operationTest();
  const { password_hash, ...account } = await added(set);
  const { sub, created_at } = account;
  const { left } = await inUse(set, sub, created_at);
  await revokePerson({ sub, forget: false }, OPERATOR, set.env);
  assert.deepEqual(await left(), { sessions: 0, live: false, consent: true });
  const ends = { ends_before: created_at + 1, sessions_end_before: created_at + 1 };
  assert.deepEqual(await set.store.findAccount(sub), { ...account, password_hash, ...ends });
  await revokePerson({ sub, forget: true }, OPERATOR, set.env);
  assert.deepEqual(await left(), { sessions: 0, live: false, consent: false });
  const told = (forget: boolean) =>
    event("user_revoked", sub, { details: { ended: ["sessions", "grants"], forget } });
  assert.deepEqual((await set.events()).slice(1), [told(false), told(true)]);
});

test("revoking at one client leaves sessions and other apps alone", async () => {
  await using set = await operationTest();
  const { sub, created_at } = await added(set);
  const { left } = await inUse(set, sub, created_at);
  const other = sampleGrant({ sub, client_id: "other" });
  await grantWith(set.store, other, sampleConsent({ sub, client_id: "other" }));
  await revokePerson({ sub, client_id: "printly", forget: false }, OPERATOR, set.env);
  assert.deepEqual(await left(), { sessions: 2, live: false, consent: true });
  await revokePerson({ sub, client_id: "printly", forget: true }, OPERATOR, set.env);
  assert.deepEqual(await left(), { sessions: 2, live: false, consent: false });
  assert.equal((await set.store.findGrant(other.grant_id))?.revoked_at, null);
  assert.ok(await set.store.findConsent(sub, "other"));
  assert.equal((await set.store.findAccount(sub))?.ends_before, null);
  const told = (await set.events()).slice(1);
  assert.deepEqual(
    told.map((each) => "client_id" in each && each.client_id),
    ["printly", "printly"],
  );
});

test("people kept by the app are revoked by their sub", async () => {
  await using set = await operationTest();
  const { left } = await inUse(set, "7", START);
  await revokePerson({ sub: "7", forget: true }, OPERATOR, set.env);
  assert.deepEqual(await left(), { sessions: 0, live: false, consent: false });
  assert.equal((await set.events()).length, 1);
});

test("removing a person is recorded once, with their names", async () => {
  await using set = await operationTest();
  const account = await added(set);
  const { sub } = account;
  await inUse(set, sub, account.created_at);
  const consent = { sub, client_id: "printly" };
  assert.equal(await removeConsent(consent, personActor(sub), set.env), true);
  assert.equal(await removeConsent(consent, personActor(sub), set.env), false);
  assert.equal(await removePerson(account, OPERATOR, set.env), true);
  assert.equal(await removePerson(account, OPERATOR, set.env), false);
  const told = (await set.events()).slice(1);
  assert.deepEqual(
    told.map((each) => "event" in each && each.event),
    ["consent_removed", "user_removed"],
  );
  const before = { username: "ada", login_email: "ada@x.test", is_admin: false };
  assert.deepEqual(told[1], event("user_removed", sub, { before }));
});
