import assert from "node:assert/strict";
import { test } from "node:test";
import { countingDriver } from "../../test/support/counting_driver.ts";
import { workOf } from "../../test/support/same_work.ts";
import { sqliteDriver } from "../store/sqlite/driver.ts";
import { matchingRecoveryCode, newRecoveryCodes, readRecoveryCode } from "./recovery_codes.ts";

const NOW = 2_200_000_000;

test("ten codes are made, each named by its slot, and none is kept in clear", async () => {
  const { codes, records } = await newRecoveryCodes(NOW);
  assert.equal(new Set(codes).size, 10);
  for (const [slot, code] of codes.entries()) {
    assert.match(code, /^[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
    assert.equal(code.charAt(0), `${slot}`);
    const { hash, ...rest } = records[slot] ?? { hash: "" };
    assert.deepEqual(rest, { slot, created_at: NOW });
    assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    assert.ok(!JSON.stringify(records).includes(code.replaceAll("-", "").slice(1)));
  }
});

test("a code is found as typed, and only in its own slot", async () => {
  const { codes, records } = await newRecoveryCodes(NOW);
  const kept = records.map((record) => ({ ...record, sub: "ada" }));
  const [third = ""] = codes.slice(3);
  for (const typed of [third, third.toLowerCase(), ` ${third.replaceAll("-", "  ")} `])
    assert.deepEqual(await matchingRecoveryCode(kept, typed), kept[3]);
  assert.equal(await matchingRecoveryCode(kept, `4${third.slice(1)}`), null);
  const others = kept.filter(({ slot }) => slot !== 3);
  assert.equal(await matchingRecoveryCode(others, third), null);
  assert.equal(await matchingRecoveryCode([], third), null);
});

test("reading is lenient with case, dashes, spaces, I, L and O, and with nothing else", () => {
  const read = { slot: 0, rest: "ABCDEFGH1110JKM" };
  const typed = [
    "0ABC-DEFG-H111-0JKM",
    "oabc defg hilI ojkm",
    "0ABC–DEFG—HIL1−OJKM",
    "0ABCDEFGH1110JKM",
  ];
  for (const each of typed) assert.deepEqual(readRecoveryCode(each), read, each);
  const others = [
    ...["", "0", "AABC-DEFG-H111-0JKM", "0ABC-DEFG-H111-0JK", "0ABC-DEFG-H111-0JKMM"],
    ...["0UBC-DEFG-H111-0JKM", "0ABC.DEFG.H111.0JKM", "\u0660ABC-DEFG-H111-0JKM", "null"],
    `0ABCDEFGH1110JKM${" ".repeat(100)}`,
  ];
  for (const each of others) assert.equal(readRecoveryCode(each), null, each);
});

test("any text is refused, and none throws", async () => {
  const kept = [{ sub: "ada", slot: 0, hash: "", created_at: NOW }];
  const { records } = await newRecoveryCodes(NOW);
  for (const record of records) Object.assign(kept[record.slot] ?? {}, record);
  const texts = [
    "",
    "0",
    "\0",
    "x".repeat(1_000_000),
    "\ud800",
    "$argon2id$v=19$m=1",
    "0-".repeat(40),
  ];
  for (const text of texts) assert.equal(await matchingRecoveryCode(kept, text), null);
});

test("any text costs exactly one hash, whether or not its slot has a code", async () => {
  const { codes, records } = await newRecoveryCodes(NOW);
  const kept = records.slice(0, 5).map((record) => ({ ...record, sub: "ada" }));
  const driver = countingDriver(sqliteDriver(":memory:"));
  // The hash for nobody is made once.
  await matchingRecoveryCode([], "");
  const [right = "", , , , , , of_none = ""] = codes;
  for (const text of [right, of_none, `${right}0`, "", "x".repeat(10_000)]) {
    const { hashes } = await workOf(driver, () => matchingRecoveryCode(kept, text));
    assert.equal(hashes, 1, text.slice(0, 20));
  }
  await driver.close();
});
