/** `valetkey user factors` and `user remove-factor`: for people of this server, and of an embedding app. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  START,
  samplePasskey,
  sampleRecoveryCode,
  sampleTotp,
} from "../../src/store/conformance/samples.ts";
import type { FactorChange } from "../../src/store/factor_store.ts";
import type { Store } from "../../src/store/store.ts";
import { testServer } from "../support/server.ts";
import { assertRefused, PASSWORD, workplace } from "./cli.ts";

const place = workplace();
after(() => place.remove());

const THEIR_KEY = "public-key-of-the-laptop";
const laptop = samplePasskey({
  ...{ credential_id: "laptop-id", name: "Laptop", public_key: THEIR_KEY, rp_id: "as.example" },
  ...{ created_at: START, used_at: START + 3600, backed_up: true },
});
const key = samplePasskey({
  credential_id: "key-id",
  name: "Key",
  backed_up: false,
  created_at: START + 1,
});
const phone = sampleTotp({ totp_id: "phone-id", name: "Pixel", sealed_secret: "sealed-secret" });
const codes = [0, 1, 2].map((slot) => sampleRecoveryCode({ slot, hash: `hash-of-${slot}` }));
const ALL: FactorChange = {
  user_handle: "handle",
  add_passkeys: [laptop, key],
  add_totps: [phone],
  recovery_codes: codes,
};

let sub: string;
before(async () => {
  const add = ["user", "add", "--username", "ada", "--password-stdin"];
  ({ sub } = await place.json(add, { input: `${PASSWORD}\n` }));
});

async function onStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
  await using server = await testServer({
    database: `sqlite:${join(place.folder, "valetkey.sqlite")}`,
  });
  return await work(server.server.store);
}
const enrol = (whom: string, change: FactorChange = ALL) =>
  onStore(async (store) => {
    await store.removeFactors(whom);
    assert.ok(await store.changeFactors({ sub: whom, version: 0 }, change));
  });

test("factors are listed with their dates and without a secret", async () => {
  const nothing = await place.run(["user", "factors", "ada"]);
  assert.deepEqual([nothing.code, nothing.stdout], [0, ""]);
  assert.match(nothing.stderr, /ada has no passkeys, app codes or recovery codes/);
  await enrol(sub);
  const shown = await place.run(["user", "factors", "ada"]);
  assert.equal(shown.code, 0, shown.stderr);
  const [, ...rows] = shown.stdout.trim().split("\n");
  assert.equal(rows.length, 4);
  assert.match(
    rows[0] ?? "",
    /^passkey +Laptop +\d{4}-\d\d-\d\d .* as\.example, synced +laptop-id$/,
  );
  assert.match(rows[1] ?? "", /^passkey +Key .* never +.*, one device +key-id$/);
  assert.match(rows[2] ?? "", /^app codes +Pixel .* phone-id$/);
  assert.match(rows[3] ?? "", /^recovery codes .* 3 left +recovery-codes$/);
  const told = await place.json(["user", "factors", "ada"]);
  assert.equal(told.sub, sub);
  assert.deepEqual(told.passkeys[0], {
    ...{ credential_id: "laptop-id", name: "Laptop", rp_id: "as.example", synced: true },
    ...{ created_at: START, used_at: START + 3600 },
  });
  assert.deepEqual(Object.keys(told.totps[0]), ["totp_id", "name", "created_at", "used_at"]);
  assert.deepEqual(told.recovery_codes, { left: 3, created_at: codes[0]?.created_at });
  const everything = shown.stdout + JSON.stringify(told);
  assert.doesNotMatch(everything, /hash-of|sealed-secret|public-key-of|handle/);
});

test("one factor is removed by its name or id; the rest stays, and nothing else ends", async () => {
  await enrol(sub);
  const by_name = await place.run(["user", "remove-factor", "ada", "Pixel"]);
  assert.deepEqual([by_name.code, by_name.stdout], [0, ""], by_name.stderr);
  assert.match(by_name.stderr, /removed of ada: the app codes Pixel/);
  assert.match(by_name.stderr, /left: the passkey Laptop, the passkey Key, 3 recovery codes/);
  assert.match(by_name.stderr, /Sessions and apps go on/);
  assert.doesNotMatch(by_name.stderr, /warning/);
  const by_id = await place.json(["user", "remove-factor", sub, "key-id"]);
  assert.deepEqual(by_id.removed, ["key-id"]);
  assert.equal(by_id.left.passkeys.length, 1);
  const all_codes = await place.json(["user", "remove-factor", "ada", "recovery-codes"]);
  assert.equal(all_codes.left.recovery_codes.left, 0);
  await onStore(async (store) => {
    const { version, passkeys, totps, recovery_codes } = await store.loadFactors(sub);
    assert.equal(version, 4, "each removal ends what was judged before");
    assert.deepEqual(passkeys, [{ ...laptop, sub }]);
    assert.deepEqual([totps, recovery_codes], [[], []]);
    const account = await store.findAccount(sub);
    assert.deepEqual([account?.ends_before, account?.sessions_end_before], [null, null]);
  });
  const events = (await place.json(["audit", "list", "--sub", sub])).filter(
    ({ event }: { event: string }) => event === "factor_removed",
  );
  const details = events.map((each: { details: unknown }) => each.details);
  assert.deepEqual(
    new Set(details.map((each: unknown) => JSON.stringify(each))),
    new Set([
      '{"kind":"totp","name":"Pixel"}',
      '{"kind":"passkey","name":"Key"}',
      '{"kind":"recovery","name":""}',
    ]),
  );
  assert.equal(events[0].actor, "operator");
});

test("all factors are removed at once; who has no password and no passkey is warned of", async () => {
  await enrol(sub);
  const all = await place.run(["user", "remove-factor", "ada", "--all"]);
  assert.equal(all.code, 0, all.stderr);
  assert.match(all.stderr, /No passkeys, app codes or recovery codes are left/);
  assertRefused(await place.run(["user", "remove-factor", "ada", "--all"]), 1, /ada has no pass/);
  await enrol(sub);
  await onStore(async (store) => {
    const before = await store.findAccount(sub);
    assert.ok(before);
    const bare = { ...before, password_hash: null };
    assert.ok(await store.updateAccount(bare, ["ada"], { before }));
  });
  const warned = await place.run(["user", "remove-factor", "ada", "--all"]);
  assert.match(warned.stderr, /warning: ada has neither a password nor a passkey now/);
});

test("a factor that is not named, unknown or ambiguous is refused, and nothing is removed", async () => {
  await enrol(sub, {
    ...ALL,
    add_totps: [phone, sampleTotp({ totp_id: "other", name: "Laptop" })],
  });
  for (const [args, code, message] of [
    [["ada"], 2, /not said which factor/],
    [["ada", "Pixel", "--all"], 2, /not both/],
    [["ada", "Nokia"], 1, /ada has no factor Nokia/],
    [["ada", "Laptop"], 1, /several factors with the name Laptop/],
    [["nobody", "Pixel"], 1, /there is no user nobody/],
  ] as const)
    assertRefused(await place.run(["user", "remove-factor", ...args]), code, message);
  const ambiguous = await place.run(["user", "remove-factor", "ada", "Laptop"]);
  assert.match(ambiguous.stderr, /hint: give the id of one: laptop-id, other/);
  const left = await place.json(["user", "factors", "ada"]);
  assert.deepEqual([left.passkeys.length, left.totps.length], [2, 2]);
});

test("people of an embedding app are addressed by their sub", async () => {
  const none = "async () => null";
  const users = `{ find: ${none}, findByLogin: ${none}, verifyPassword: ${none} }`;
  place.write("own.ts", `export default { users: ${users} };`);
  const config = ["--config", "own.ts"];
  const keyless = { add_totps: [{ ...phone, totp_id: "theirs" }] };
  await enrol("7", keyless);
  const told = await place.json(["user", "factors", "7", ...config]);
  assert.deepEqual([told.sub, told.totps[0].name], ["7", "Pixel"]);
  const removed = await place.run(["user", "remove-factor", "7", "Pixel", ...config]);
  assert.equal(removed.code, 0, removed.stderr);
  assert.doesNotMatch(removed.stderr, /warning/, "their passwords are not known here");
  assert.deepEqual((await place.json(["user", "factors", "7", ...config])).totps, []);
});
