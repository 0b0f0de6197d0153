import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccountRecord } from "../store/records.ts";
import { sqlStore } from "../store/sql/store.ts";
import { sqliteDriver } from "../store/sqlite/driver.ts";
import { loginsOf, newAccount, toPerson } from "./account.ts";
import { builtInUsers } from "./built_in_users.ts";
import { hashPassword } from "./password.ts";

const START = 1_800_000_000;
const PASSWORD = "correct horse battery";
const account = (username: string) => ({
  username,
  password: PASSWORD,
  is_admin: false,
  only_as_first: false,
});

async function setup() {
  const lifetimes = { refresh_token_idle: 100, authorization_request: 100 };
  const store = sqlStore(sqliteDriver(":memory:"), lifetimes);
  await store.migrate();
  return { store, users: builtInUsers(store, () => START * 1000 + 1) };
}

test("a created account signs in by any spelling of its name", async () => {
  const { store, users } = await setup();
  const person = await users.create({ ...account(" Ada "), name: "Ada L.", email: "ada@x.test" });
  assert.ok(person !== "taken");
  assert.equal(person.username, "Ada");
  const claims = { preferred_username: "Ada", name: "Ada L.", email: "ada@x.test" };
  assert.deepEqual(person.claims, { ...claims, email_verified: false });
  for (const login of ["ada", "ADA", "\uff21da", " Ada"])
    assert.deepEqual(await users.findByLogin(login), person, login);
  assert.deepEqual(await users.find(person.sub), person);
  assert.equal(await users.verifyPassword(person, PASSWORD), true);
  assert.equal(await users.verifyPassword(person, `${PASSWORD}!`), false);
  assert.equal((await store.findAccount(person.sub))?.created_at, START);
  await store.close();
});

test("an unverified address does not sign in, and two accounts may have it", async () => {
  const { store, users } = await setup();
  await users.create({ ...account("ada"), email: "ada@x.test" });
  assert.equal(await users.findByLogin("ada@x.test"), null);
  assert.notEqual(await users.create({ ...account("eve"), email: "ada@x.test" }), "taken");
  await store.close();
});

test("a name that folds to an existing one is taken", async () => {
  const { store, users } = await setup();
  await users.create(account("Strasse"));
  for (const name of ["strasse", "STRA\u1e9eE", "stra\u00dfe", "\u017ftrasse"])
    assert.equal(await users.create(account(name)), "taken", name);
  assert.equal((await store.listAccounts({ limit: 1000 })).length, 1);
  await store.close();
});

test("the first administrator is created once", async () => {
  const { store, users } = await setup();
  const first = { is_admin: true, only_as_first: true };
  const made = await Promise.all(
    ["a", "b", "c"].map((name) => users.create({ ...account(name), ...first })),
  );
  assert.equal(made.filter((person) => person !== "taken").length, 1);
  await store.close();
});

test("unknown people have no valid password", async () => {
  const { store, users } = await setup();
  assert.equal(await users.findByLogin("ada"), null);
  assert.equal(await users.findByLogin("a b"), null);
  assert.equal(await users.find("unknown"), null);
  assert.equal(await users.verifyPassword(null, PASSWORD), false);
  const removed = toPerson(
    newAccount(account("gone"), { password_hash: null, login_email: null, now_ms: 0 }),
  );
  assert.equal(await users.verifyPassword(removed, PASSWORD), false);
  await store.close();
});

test("an account without a password cannot sign in", async () => {
  const { store, users } = await setup();
  const record = newAccount(account("ada"), { password_hash: null, login_email: null, now_ms: 0 });
  await store.createAccount(record, loginsOf(record));
  const person = await users.findByLogin("ada");
  assert.equal(await users.verifyPassword(person, ""), false);
  assert.equal(await users.verifyPassword(person, "nobody has this password"), false);
  await store.close();
});

/** An account with a password, and the mark of that password. */
async function withPassword(more: Partial<AccountRecord> = {}) {
  const { store, users } = await setup();
  const password_hash = await hashPassword("the first password");
  const rest = { password_hash, login_email: "Ada@X.test", now_ms: 0 };
  const record = { ...newAccount(account("ada"), rest), ...more };
  await store.createAccount(record, loginsOf(record));
  const mark = await users.passwordMark(record.sub);
  return { store, users, record, mark, sub: record.sub };
}

test("a changed password replaces the old one; everything else stays, including login by address", async () => {
  const { store, users, record, sub, mark } = await withPassword();
  assert.equal(await users.changePassword(sub, PASSWORD, { mark }), true);
  const person = await users.findByLogin("ada@x.TEST");
  assert.equal(person?.sub, sub);
  assert.equal(await users.verifyPassword(person, PASSWORD), true);
  assert.equal(await users.changePassword("unknown", PASSWORD, { mark }), false);
  const { password_hash } = record;
  assert.deepEqual({ ...(await store.findAccount(sub)), password_hash }, record);
  await store.close();
});

test("a password that is no longer valid changes nothing", async () => {
  const { store, users, sub, mark } = await withPassword();
  assert.equal(await users.changePassword(sub, PASSWORD, { mark }), true);
  const stands = await store.findAccount(sub);
  for (const stale of [mark, "", null])
    assert.equal(await users.changePassword(sub, "another horse", { mark: stale }), false);
  assert.deepEqual(await store.findAccount(sub), stands);
  await store.close();
});

test("a new password does not undo a concurrent change by an operator", async () => {
  const { store, record, sub, mark } = await withPassword();
  let meanwhile = true;
  const findAccountByLogin: typeof store.findAccountByLogin = async (login) => {
    const found = await store.findAccountByLogin(login);
    if (meanwhile) await store.updateAccount({ ...record, is_admin: true }, loginsOf(record));
    meanwhile = false;
    return found;
  };
  const slow = builtInUsers({ ...store, findAccountByLogin }, () => START);
  assert.equal(await slow.changePassword(sub, PASSWORD, { mark }), true);
  const stored = await store.findAccount(sub);
  assert.equal(stored?.is_admin, true);
  assert.notEqual(stored?.password_hash, record.password_hash, "the password is the new one");
  await store.close();
});

test("an account disabled at the same moment gets no new password", async () => {
  const { store, users, record, sub, mark } = await withPassword();
  const changing = users.changePassword(sub, PASSWORD, { mark });
  const disabled = { ...record, disabled_at: START };
  await store.updateAccount(disabled, loginsOf(record));
  assert.equal(await changing, false);
  assert.deepEqual(await store.findAccount(sub), disabled);
  await store.close();
});

test("a disabled account is found and marked as disabled", async () => {
  const { store, users } = await setup();
  const record = newAccount(account("ada"), { password_hash: null, login_email: null, now_ms: 0 });
  await store.createAccount({ ...record, disabled_at: START }, loginsOf(record));
  assert.equal((await users.findByLogin("ada"))?.disabled, true);
  await store.close();
});

test("by a verified address its owner is found, in any spelling; a user name and a claim prove nothing", async () => {
  const { store, users, sub } = await withPassword();
  for (const address of ["ada@x.test", "ADA@X.TEST", " Ada@x.test "])
    assert.equal((await users.findByVerifiedEmail(address))?.sub, sub, address);
  const rest = { password_hash: null, login_email: null, now_ms: 1 };
  const posing = { ...newAccount(account("eve@x.test"), rest), claims: { email: "eve@x.test" } };
  await store.createAccount(posing, loginsOf(posing));
  for (const address of ["ada", "eve@x.test", "nobody@x.test", "", "a b"])
    assert.equal(await users.findByVerifiedEmail(address), null, address);
  await store.close();
});
