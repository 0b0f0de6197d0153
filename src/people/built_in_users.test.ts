import assert from "node:assert/strict";
import { test } from "node:test";
import { sqlStore } from "../store/sql/store.ts";
import { sqliteDriver } from "../store/sqlite/driver.ts";
import { builtInUsers, loginsOf, newAccount, toPerson } from "./built_in_users.ts";

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

test("an account that was created signs in, by any spelling of its name", async () => {
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

test("an address that nobody has confirmed signs nobody in, and can be named twice", async () => {
  const { store, users } = await setup();
  await users.create({ ...account("ada"), email: "ada@x.test" });
  assert.equal(await users.findByLogin("ada@x.test"), null);
  assert.notEqual(await users.create({ ...account("eve"), email: "ada@x.test" }), "taken");
  await store.close();
});

test("a name that folds to one that is there is taken", async () => {
  const { store, users } = await setup();
  await users.create(account("Strasse"));
  for (const name of ["strasse", "STRA\u1e9eE", "stra\u00dfe", "\u017ftrasse"])
    assert.equal(await users.create(account(name)), "taken", name);
  assert.equal((await store.listAccounts({ limit: 1000 })).length, 1);
  await store.close();
});

test("the first administrator is made once", async () => {
  const { store, users } = await setup();
  const first = { is_admin: true, only_as_first: true };
  const made = await Promise.all(
    ["a", "b", "c"].map((name) => users.create({ ...account(name), ...first })),
  );
  assert.equal(made.filter((person) => person !== "taken").length, 1);
  await store.close();
});

test("nobody and strangers have no password that fits", async () => {
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

test("an account without a password can't be signed in to by any", async () => {
  const { store, users } = await setup();
  const record = newAccount(account("ada"), { password_hash: null, login_email: null, now_ms: 0 });
  await store.createAccount(record, loginsOf(record));
  const person = await users.findByLogin("ada");
  assert.equal(await users.verifyPassword(person, ""), false);
  assert.equal(await users.verifyPassword(person, "nobody has this password"), false);
  await store.close();
});

test("a changed password replaces the old one; all else stays, a login by address too", async () => {
  const { store, users } = await setup();
  const rest = { password_hash: null, login_email: "Ada@X.test", now_ms: 0 };
  const record = newAccount(account("ada"), rest);
  await store.createAccount(record, loginsOf(record));
  await users.changePassword(record.sub, PASSWORD);
  const person = await users.findByLogin("ada@x.TEST");
  assert.equal(person?.sub, record.sub);
  assert.equal(await users.verifyPassword(person, PASSWORD), true);
  await users.changePassword("unknown", PASSWORD);
  const stored = await store.findAccount(record.sub);
  assert.deepEqual({ ...stored, password_hash: null }, record);
  await store.close();
});

test("a new password does not undo that an operator disables the account at this moment", async () => {
  const { store } = await setup();
  const record = newAccount(account("ada"), { password_hash: null, login_email: null, now_ms: 0 });
  await store.createAccount(record, loginsOf(record));
  let meanwhile = true;
  const findAccount: typeof store.findAccount = async (sub) => {
    const found = await store.findAccount(sub);
    if (meanwhile) await store.updateAccount({ ...record, disabled_at: START }, loginsOf(record));
    meanwhile = false;
    return found;
  };
  await builtInUsers({ ...store, findAccount }, () => START).changePassword(record.sub, PASSWORD);
  const stored = await store.findAccount(record.sub);
  assert.equal(stored?.disabled_at, START);
  assert.match(stored?.password_hash ?? "", /^\$argon2id\$/, "and the password is the new one");
  await store.close();
});

test("a disabled account is still found, and says so", async () => {
  const { store, users } = await setup();
  const record = newAccount(account("ada"), { password_hash: null, login_email: null, now_ms: 0 });
  await store.createAccount({ ...record, disabled_at: START }, loginsOf(record));
  assert.equal((await users.findByLogin("ada"))?.disabled, true);
  await store.close();
});

test("changing a password undoes nothing that an operator does at the same moment", async () => {
  const { store, users } = await setup();
  const record = newAccount(account("ada"), { password_hash: null, login_email: null, now_ms: 0 });
  await store.createAccount({ ...record, is_admin: true }, loginsOf(record));
  const changing = users.changePassword(record.sub, PASSWORD);
  await store.updateAccount({ ...record, disabled_at: START }, loginsOf(record));
  await changing;
  const stored = await store.findAccount(record.sub);
  assert.equal(stored?.disabled_at, START);
  assert.equal(stored?.is_admin, false);
  assert.match(stored?.password_hash ?? "", /^\$argon2id/);
  await store.close();
});
