/** Factors: a change is judged by the version that was read. */
import assert from "node:assert/strict";
import type { Factors } from "../factor_store.ts";
import type { AccountRecord } from "../records.ts";
import type { Store } from "../store.ts";
import { enrolled } from "./factor_uses.ts";
import { START, sampleAccount, samplePasskey, sampleRecoveryCode, sampleTotp } from "./samples.ts";
import { atOnce, type Scenarios, trueOnes } from "./scenario.ts";

const NOTHING: Factors = {
  version: 0,
  user_handle: null,
  passkeys: [],
  totps: [],
  recovery_codes: [],
};
const sub = "ada";

const versionOf = async (store: Store): Promise<number> => (await store.loadFactors(sub)).version;

export const factorScenarios: Scenarios = {
  async "factors read back as written, each list with the oldest first"(store) {
    assert.deepEqual(await store.loadFactors(sub), NOTHING);
    const { passkey, totp, recovery_codes } = await enrolled(store);
    const later = samplePasskey({
      created_at: START + 1,
      backup_eligible: false,
      backed_up: false,
      transports: [],
      used_at: START + 5,
      sign_count: 4_294_967_295,
    });
    const older = sampleTotp({ created_at: START - 1, used_at: START });
    const more = { add_passkeys: [later], add_totps: [older], user_handle: "another" };
    assert.equal(await store.changeFactors({ sub, version: 1 }, more), true);
    assert.deepEqual(await store.loadFactors(sub), {
      version: 2,
      user_handle: "handle of Ada",
      passkeys: [passkey, later],
      totps: [older, totp],
      recovery_codes,
    });
    assert.deepEqual(await store.findPasskey(later.credential_id), later);
    assert.equal(await store.findPasskey("unknown"), null);
    assert.deepEqual(await store.loadFactors("eve"), NOTHING);
  },

  async "a change by an old version changes nothing"(store) {
    await enrolled(store);
    const before = await store.loadFactors(sub);
    for (const version of [0, 2])
      assert.equal(
        await store.changeFactors({ sub, version }, { add_totps: [sampleTotp()] }),
        false,
      );
    assert.deepEqual(await store.loadFactors(sub), before);
    const of_eve = { sub: "eve", version: 1 };
    assert.equal(await store.changeFactors(of_eve, { add_totps: [sampleTotp()] }), false);
    assert.deepEqual(await store.loadFactors("eve"), NOTHING);
  },

  async "a passkey belongs to one person, and nobody removes that of another"(store) {
    const { passkey, totp } = await enrolled(store);
    const before = await store.loadFactors(sub);
    await store.raiseFactorVersion("eve");
    const mine = sampleTotp();
    const refused = [
      { add_passkeys: [passkey] },
      { add_totps: [totp] },
      { remove_passkeys: [passkey.credential_id] },
      { add_totps: [mine], remove_totps: [totp.totp_id] },
    ];
    for (const change of refused)
      assert.equal(await store.changeFactors({ sub: "eve", version: 1 }, change), false);
    assert.deepEqual(await store.loadFactors("eve"), { ...NOTHING, version: 1 });
    const named = { ...passkey, sub: "eve", name: "mine" };
    assert.equal(await store.renamePasskey(named), false);
    assert.deepEqual(await store.loadFactors(sub), before);
    // The same changes by the person who has these factors.
    const allowed = [
      { remove_passkeys: [passkey.credential_id] },
      { add_passkeys: [passkey] },
      { add_totps: [mine], remove_totps: [totp.totp_id] },
      { add_totps: [totp] },
    ];
    for (const [i, change] of allowed.entries())
      assert.equal(await store.changeFactors({ sub, version: 1 + i }, change), true);
    assert.equal(await versionOf(store), 5);
  },

  async "factors are removed and replaced; what is not named stays"(store) {
    const { passkey, totp, recovery_codes } = await enrolled(store);
    const replaced = [sampleRecoveryCode({ slot: 3, hash: "new" })];
    const change = { remove_passkeys: [passkey.credential_id], recovery_codes: replaced };
    assert.equal(await store.changeFactors({ sub, version: 1 }, change), true);
    assert.deepEqual(await store.loadFactors(sub), {
      version: 2,
      user_handle: "handle of Ada",
      passkeys: [],
      totps: [totp],
      recovery_codes: replaced,
    });
    assert.equal(await store.findPasskey(passkey.credential_id), null);
    const [old] = recovery_codes;
    assert.ok(old);
    assert.equal(await store.useRecoveryCode(old), false, "a replaced code");
    const rest = { remove_totps: [totp.totp_id], recovery_codes: [] };
    assert.equal(await store.changeFactors({ sub, version: 2 }, rest), true);
    assert.deepEqual(await store.loadFactors(sub), {
      ...NOTHING,
      version: 3,
      user_handle: "handle of Ada",
    });
  },

  async "the first passkey brings the user handle, also after other changes"(store) {
    await store.raiseFactorVersion(sub);
    await store.changeFactors({ sub, version: 1 }, { add_totps: [sampleTotp()] });
    assert.equal((await store.loadFactors(sub)).user_handle, null);
    const add_passkeys = [samplePasskey()];
    await store.changeFactors({ sub, version: 2 }, { add_passkeys, user_handle: "first" });
    assert.equal((await store.loadFactors(sub)).user_handle, "first");
  },

  async "a new name leaves the version"(store) {
    const { passkey } = await enrolled(store);
    const named = { ...passkey, name: "Yubikey '; --" };
    assert.equal(await store.renamePasskey(named), true);
    const factors = await store.loadFactors(sub);
    assert.deepEqual([factors.version, factors.passkeys], [1, [named]]);
    assert.equal(await store.renamePasskey({ ...named, credential_id: "unknown" }), false);
  },

  async "of 50 changes to the same read, one is made"(store) {
    for (const version of [0, 1, 2]) {
      const made = await atOnce(50, () =>
        store.changeFactors({ sub, version }, { add_totps: [sampleTotp()] }),
      );
      assert.equal(trueOnes(made), 1);
      const { version: now, totps } = await store.loadFactors(sub);
      assert.deepEqual([now, totps.length], [version + 1, version + 1]);
    }
  },

  async "a change of name, password or address raises the version; another change of the account does not"(
    store,
  ) {
    const account = sampleAccount({ sub });
    await store.createAccount(account, ["ada"]);
    assert.equal(await versionOf(store), 0);
    const { claims } = account;
    const touching: Partial<AccountRecord>[] = [
      { password_hash: "new" },
      { password_hash: null },
      { username: "Countess" },
      { login_email: "ada@example" },
      { claims: { ...claims, email: "ada@example" } },
      { claims: { ...claims, email_verified: true } },
    ];
    for (const [i, part] of touching.entries()) {
      const changed = { ...account, ...part };
      assert.equal(await store.updateAccount(changed, ["ada"], { before: account }), true);
      assert.equal(await versionOf(store), 2 * i + 1);
      assert.equal(await store.updateAccount(account, ["ada"]), true, "of unknown extent");
      assert.equal(await versionOf(store), 2 * i + 2);
    }
    const version = await versionOf(store);
    const before = account;
    const others: AccountRecord[] = [
      { ...account, is_admin: true },
      { ...account, disabled_at: START, claims: { ...claims, name: "A" } },
    ];
    for (const changed of others) {
      assert.equal(await store.updateAccount(changed, ["ada"], { before }), true);
      assert.equal(await store.updateAccount(before, ["ada"], { before: changed }), true);
    }
    const refused = { ...account, password_hash: "new" };
    assert.equal(await store.updateAccount(refused, ["ada"], { before: refused }), false);
    assert.equal(await versionOf(store), version);
  },

  async "factors go with their account, and with a person who was kept elsewhere"(store) {
    const account = sampleAccount({ sub });
    await store.createAccount(account, ["ada"]);
    const totp = sampleTotp({ sub: "eve" });
    await store.changeFactors({ sub: "eve", version: 0 }, { add_totps: [totp] });
    const { passkey } = await enrolled(store);
    await store.removeAccount(sub, START);
    assert.deepEqual(await store.loadFactors(sub), NOTHING);
    assert.equal(await store.findPasskey(passkey.credential_id), null);
    assert.deepEqual((await store.loadFactors("eve")).totps, [totp]);
    await store.removeFactors("eve");
    assert.deepEqual(await store.loadFactors("eve"), NOTHING);
  },
};
