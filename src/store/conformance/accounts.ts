/** Accounts: a login belongs to one of them. */
import assert from "node:assert/strict";
import {
  START,
  sampleAccount,
  sampleClient,
  sampleConsent,
  sampleGrant,
  sampleSession,
} from "./samples.ts";
import { atOnce, grantWith, type Scenarios, settle, trueOnes } from "./scenario.ts";

export const accountScenarios: Scenarios = {
  async "an account reads back as written, by its sub and by each login"(store) {
    assert.equal(await store.hasAccounts(), false);
    const full = sampleAccount({ login_email: "ada@example", is_admin: true, disabled_at: START });
    const bare = sampleAccount({ username: "b", claims: {}, password_hash: null });
    assert.equal(await store.createAccount(full, ["ada", "ada@example", "ada"]), true);
    assert.equal(await store.createAccount(bare, ["b"]), true);
    assert.deepEqual(await store.findAccount(full.sub), full);
    assert.deepEqual(await store.findAccount(bare.sub), bare);
    assert.deepEqual(await store.findAccountByLogin("ada"), full);
    assert.deepEqual(await store.findAccountByLogin("ada@example"), full);
    for (const unknown of ["Ada", "ad", "ada ", "", "nobody"])
      assert.equal(await store.findAccountByLogin(unknown), null);
    assert.equal(await store.findAccount("unknown"), null);
    assert.equal(await store.hasAccounts(), true);
  },

  async "accounts are listed oldest first"(store) {
    const [old, young] = [sampleAccount(), sampleAccount({ created_at: START + 1 })];
    await store.createAccount(young, ["young"]);
    await store.createAccount(old, ["old"]);
    assert.deepEqual(await store.listAccounts({ limit: 1000 }), [old, young]);
  },

  async "of 20 accounts that claim one login at once, one gets it"(store) {
    const accounts = Array.from({ length: 20 }, () => sampleAccount());
    const outcomes = await Promise.all(
      accounts.map((account, i) => store.createAccount(account, [`own ${i}`, "ada"])),
    );
    assert.equal(trueOnes(outcomes), 1);
    const winner = accounts[outcomes.indexOf(true)];
    assert.deepEqual(await store.findAccountByLogin("ada"), winner);
    assert.deepEqual(await store.listAccounts({ limit: 1000 }), [winner]);
    // The other logins of the losers are still free.
    for (const [i, account] of accounts.entries())
      if (account !== winner) assert.equal(await store.findAccountByLogin(`own ${i}`), null);
  },

  async "a refused account leaves nothing behind"(store) {
    const first = sampleAccount();
    await store.createAccount(first, ["ada"]);
    const second = sampleAccount();
    assert.equal(await store.createAccount(second, ["new", "ada"]), false);
    assert.equal(await store.findAccount(second.sub), null);
    // One sub, two people: the newcomer's logins must not open the first one's account.
    const same_sub = sampleAccount({ sub: first.sub, username: "Eve" });
    assert.equal(await store.createAccount(same_sub, ["new"]), false);
    assert.equal(await store.findAccountByLogin("new"), null);
    assert.deepEqual(await store.findAccount(first.sub), first);
  },

  async "only one account can be the first"(store) {
    const outcomes = await atOnce(20, (i) =>
      store.createAccount(sampleAccount({ is_admin: true }), [`admin ${i}`], {
        only_as_first: true,
      }),
    );
    assert.equal(trueOnes(outcomes), 1);
    assert.equal(
      await store.createAccount(sampleAccount(), ["late"], { only_as_first: true }),
      false,
    );
    assert.equal(await store.findAccountByLogin("late"), null);
    assert.equal((await store.listAccounts({ limit: 1000 })).length, 1);
    assert.equal(await store.createAccount(sampleAccount(), ["late"]), true);
  },

  async "an account is updated as a whole, and its old logins become free"(store) {
    const account = sampleAccount();
    await store.createAccount(account, ["ada", "ada@example"]);
    const changed = { ...account, username: "Countess", is_admin: true, claims: { name: "A" } };
    assert.equal(await store.updateAccount(changed, ["countess", "ada@example"]), true);
    assert.deepEqual(await store.findAccountByLogin("countess"), changed);
    assert.deepEqual(await store.findAccountByLogin("ada@example"), changed);
    assert.equal(await store.findAccountByLogin("ada"), null);
    assert.equal(await store.createAccount(sampleAccount(), ["ada"]), true);
    assert.equal(await store.updateAccount(changed, ["countess", "ada@example"]), true);
  },

  async "a refused update changes nothing"(store) {
    const [ada, eve] = [sampleAccount(), sampleAccount({ username: "Eve" })];
    await store.createAccount(ada, ["ada"]);
    await store.createAccount(eve, ["eve"]);
    assert.equal(await store.updateAccount({ ...eve, is_admin: true }, ["new", "ada"]), false);
    assert.deepEqual(await store.findAccountByLogin("eve"), eve);
    assert.deepEqual(await store.findAccountByLogin("ada"), ada);
    assert.equal(await store.findAccountByLogin("new"), null);
    assert.equal(await store.updateAccount(sampleAccount(), ["new"]), false);
    assert.equal(await store.findAccountByLogin("new"), null);
    assert.equal((await store.listAccounts({ limit: 1000 })).length, 2);
  },

  async "of 20 concurrent changes of the same read, one is made; no other change is undone"(store) {
    const before = sampleAccount({ claims: { "10": "b", "9": "a", name: "Ada" } });
    await store.createAccount(before, ["ada"]);
    const changes = Array.from({ length: 20 }, (_, i) => ({ ...before, password_hash: `${i}` }));
    const outcomes = await Promise.all(
      changes.map((each, i) => store.updateAccount(each, ["ada", `own ${i}`], { before })),
    );
    assert.equal(trueOnes(outcomes), 1);
    const winner = outcomes.indexOf(true);
    assert.deepEqual(await store.findAccountByLogin(`own ${winner}`), changes[winner]);
    assert.deepEqual(await store.findAccountByLogin("ada"), changes[winner]);
    for (const [i, outcome] of outcomes.entries())
      if (!outcome) assert.equal(await store.findAccountByLogin(`own ${i}`), null);
    const now = await store.findAccount(before.sub);
    assert.ok(now);
    assert.equal(await store.updateAccount({ ...now, disabled_at: START }, ["ada"]), true);
    assert.equal(
      await store.updateAccount({ ...now, username: "A" }, ["ada"], { before: now }),
      false,
    );
    assert.equal((await store.findAccount(before.sub))?.disabled_at, START);
  },

  async "of 20 accounts that change to one login at once, one gets it"(store) {
    const accounts = Array.from({ length: 20 }, () => sampleAccount());
    await Promise.all(accounts.map((each, i) => store.createAccount(each, [`own ${i}`])));
    const outcomes = await Promise.all(accounts.map((each) => store.updateAccount(each, ["ada"])));
    assert.equal(trueOnes(outcomes), 1);
    for (const [i, account] of accounts.entries()) {
      const login = outcomes[i] === true ? "ada" : `own ${i}`;
      assert.deepEqual(await store.findAccountByLogin(login), account);
    }
  },

  async "removing an account also removes its sessions, grants, consents and apps"(store) {
    const ada = sampleAccount();
    const { sub } = ada;
    await store.createAccount(ada, ["ada"]);
    await store.createAccount(sampleAccount(), ["eve"]);
    await store.createClient(sampleClient({ client_id: "hers", owner_sub: sub }));
    await store.createClient(sampleClient({ client_id: "printly", owner_sub: "eve" }));
    const ended = [sampleGrant({ sub }), sampleGrant({ sub: "eve", client_id: "hers" })];
    const kept = sampleGrant({ sub: "eve" });
    for (const { client_id, ...grant } of [...ended, kept])
      await grantWith(store, { ...grant, client_id }, sampleConsent({ sub: grant.sub, client_id }));
    await store.createSession(sampleSession({ sub }));
    await store.createSession(sampleSession({ sub: "eve" }));

    assert.equal(await store.removeAccount(sub, START + 5), true);
    assert.equal(await store.removeAccount(sub, START + 6), false);
    await settle(store);
    assert.equal(await store.findAccount(sub), null);
    assert.equal(await store.findAccountByLogin("ada"), null);
    assert.deepEqual(await store.listSessions(sub, { limit: 200 }), []);
    assert.deepEqual(await store.listConsents(sub, { limit: 1000 }), []);
    assert.equal(await store.findClient("hers"), null);
    for (const { grant_id } of ended)
      assert.equal((await store.findGrant(grant_id))?.revoked_at, START + 5);
    // A removed app is gone for all people.
    assert.equal(await store.findConsent("eve", "hers"), null);

    assert.ok(await store.findAccountByLogin("eve"));
    assert.ok(await store.findClient("printly"));
    assert.equal((await store.listSessions("eve", { limit: 200 })).length, 1);
    assert.equal((await store.listConsents("eve", { limit: 1000 })).length, 1);
    assert.equal((await store.findGrant(kept.grant_id))?.revoked_at, null);
    assert.equal(await store.createAccount(sampleAccount(), ["ada"]), true);
  },
};
