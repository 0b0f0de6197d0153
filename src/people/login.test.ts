import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { assertLinearTime } from "../../test/support/linear_time.ts";
import { foldLogin, isEmail, refuseUsername } from "./login.ts";

const anyText = fc
  .array(fc.integer({ min: 1, max: 0x1ffff }), { maxLength: 12 })
  .map((points) => String.fromCodePoint(...points));

test("names that look the same to people are one login", () => {
  for (const [folded, ...written] of [
    ["ada", "Ada", "ADA", " ada ", "\tada\n", "\uff21\uff44\uff41", "\u{1d41a}da", "\u24d0da"],
    ["a@b.c", "a\uff20b.c", "A@B.C", "a\ufe6bb.c"],
    ["idil", "IDIL", "\u0131d\u0131l", "idil"],
    ["sisi", "\u017fi\u017fi", "SISI", "Sisi"],
    ["strasse", "stra\u00dfe", "STRASSE", "STRA\u1e9eE"],
    ["caf\u00e9", "cafe\u0301", "CAFE\u0301", "CAF\u00c9"],
    ["\u03b1\u03c2", "\u0391\u03a3", "\u03b1\u03c3", "\u03b1\u03c2"],
    ["fish", "\ufb01sh"],
    ["k", "\u212a", "K"],
    ["\u00e5", "\u212b", "a\u030a", "\u00c5"],
    ["12", "\uff11\uff12", "\u00b9\u00b2"],
  ] as const)
    for (const each of [folded, ...written]) assert.equal(foldLogin(each), folded, each);
});

test("different names stay different logins", () => {
  const logins = [
    "ada",
    "adam",
    "ad",
    "a.da",
    "a-da",
    "a_da",
    "\u00e0da",
    "\u0430da",
    "ada@x",
    "0",
    "o",
  ];
  assert.equal(new Set(logins.map(foldLogin)).size, logins.length);
});

test("an invalid login is refused", () => {
  for (const text of [
    "",
    "   ",
    "a da",
    "a\u00a0da",
    "a\u3000da",
    "a\tda",
    "a\nda",
    "a\0da",
    "a\u200bda",
    "a\u200dda",
    "a\u2060da",
    "a\ufeffda",
    "a\u00adda",
    "a\u202eda",
    "a\u2066da",
    "a\u034fda",
    "a\u3164da",
    "a\u115fda",
    "a\ufe0fda",
    "a\u{e0061}da",
    "a\u2028da",
    "\ud800",
    "a\ue000",
    "a@b@c",
    "a@b\uff20c",
    "@@",
    "x".repeat(255),
  ])
    assert.equal(foldLogin(text), null, JSON.stringify(text));
  assert.equal(foldLogin("x".repeat(254)), "x".repeat(254));
});

test("folding is idempotent for every character and any text", () => {
  const check = (text: string) => {
    const folded = foldLogin(text);
    if (folded !== null) assert.equal(foldLogin(folded), folded, JSON.stringify(text));
  };
  for (let point = 1; point < 0x20000; point += 1) check(`a${String.fromCodePoint(point)}b`);
  fc.assert(fc.property(anyText, check), { numRuns: 2000 });
});

test("case and composition never make a different login", () => {
  const check = (text: string) => {
    const folded = foldLogin(text);
    if (folded === null) return;
    for (const form of ["NFC", "NFD", "NFKC", "NFKD"])
      assert.equal(foldLogin(text.normalize(form)), folded, JSON.stringify(text));
    for (const other of [text.toUpperCase(), text.toLowerCase()])
      assert.equal(foldLogin(other), folded, JSON.stringify(text));
  };
  for (let point = 1; point < 0x20000; point += 1) check(`a${String.fromCodePoint(point)}b`);
  fc.assert(fc.property(anyText, check), { numRuns: 2000 });
});

test("a user name has letters, digits and a few signs", () => {
  const long = "use up to 64 letters, digits and . _ + - @";
  for (const [username, expected] of [
    ["ada", null],
    ["Ada.Lovelace-1815_x+y", null],
    ["ada@example", null],
    ["\u00c5ngstr\u00f6m", null],
    ["\u0430\u043d\u043d\u0430", null],
    ["\u82b1\u5b50", null],
    ["x".repeat(64), null],
    ["x".repeat(65), long],
    ["\u00df".repeat(33), long],
    ["", long],
    ["a b", long],
    ["a/b", long],
    ["a'b", long],
    ["<b>", long],
    ["a\u{1f511}", long],
    ["a\u200db", long],
    ["a@b@c", long],
  ] as const)
    assert.equal(refuseUsername(username), expected, username);
});

test("an e-mail address has one @ and text on both sides", () => {
  for (const [text, expected] of [
    ["ada@example.com", true],
    ["ada+photos@example.co.uk", true],
    ["ada@localhost", true],
    ["ada", false],
    ["@example.com", false],
    ["ada@", false],
    ["ada@.com", false],
    ["ada@example..com", false],
    ["ada@example.com.", false],
    ["a@b@c", false],
    ["ada\uff20example.com", false],
    ["a da@example.com", false],
    ["ada@exam\u200bple.com", false],
    [`${"x".repeat(250)}@a.b`, true],
    [`${"x".repeat(251)}@a.b`, false],
  ] as const)
    assert.equal(isEmail(text), expected, text);
});

test("names of any length and kind are checked in linear time", async () => {
  for (const unit of ["a@", "\u0301", "a.", "\u00df", "@"])
    await assertLinearTime(
      (size) => {
        const text = unit.repeat(size);
        foldLogin(text);
        isEmail(text);
        refuseUsername(text);
      },
      { size: 100_000, name: unit },
    );
});
