import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { address, cleanText, foreign, initial, siteHost, webAddress } from "./foreign.ts";
import { render } from "./html.ts";

test("foreign text loses invisible characters and direction changes", () => {
  const table: [string, string][] = [
    ["\u202eelgooG\u202c", "elgooG"],
    ["Pay\u200bPal\u200d\ufeff", "PayPal"],
    ["a\u00adb\u2060c\u2066d\u2069", "abcd"],
    ["two\r\n\tlines\u2028here", "two lines here"],
    ["nul\u0000 esc\u001b[31m", "nul esc[31m"],
    ["  much   space  ", "much space"],
    ["Z\u0300\u0301\u0302\u0303\u0304\u0305algo", "Z\u0300\u0301\u0302algo"],
    ["\u3164\u115f\u2800", ""],
    ["\u{e0041}\u{e0042}tags", "tags"],
    ["Ünïcödé 日本語 עברית 🎨", "Ünïcödé 日本語 עברית 🎨"],
  ];
  for (const [text, expected] of table) assert.equal(cleanText(text), expected);
});

test("foreign text is truncated between characters", () => {
  assert.equal(cleanText("x".repeat(5000)), `${"x".repeat(59)}…`);
  assert.equal(cleanText("🎨".repeat(100), 3), "🎨🎨…");
  assert.equal(cleanText("exactly", 7), "exactly");
});

test("any input gives one short line without invisible characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      const clean = cleanText(text, 20);
      assert.ok(Array.from(clean).length <= 20);
      assert.doesNotMatch(clean, /\p{Cc}|\p{Cf}|\u2028|\u2029/u);
      assert.equal(clean, clean.trim());
    }),
  );
});

test("foreign text is shown escaped in an isolated element", () => {
  assert.equal(render(foreign("<b>\u202e")), "<bdi>&lt;b&gt;</bdi>");
});

test("a host is shown in full at any length", () => {
  const host = `${"a.".repeat(120)}example`;
  assert.ok(render(address(host)).replaceAll("<wbr>", "").includes(`>${host}<`));
  assert.match(render(address("www.printly.example")), />www\.printly\.example</);
});

test("the letter for a name is its first letter or digit", () => {
  const table: [string, string][] = [
    ["printly", "P"],
    ["  «élan»", "É"],
    ["\u202e7up", "7"],
    ["!?", "?"],
    ["", "?"],
  ];
  for (const [name, letter] of table) assert.equal(initial(name), letter);
});

test("only plain web addresses become links", () => {
  assert.equal(webAddress("https://printly.example/bye?x=1"), "https://printly.example/bye?x=1");
  for (const bad of [
    "javascript:alert(1)",
    "data:text/html,x",
    "//x.example",
    "/x",
    "com.app:/x",
    "",
  ])
    assert.equal(webAddress(bad), null, bad);
});

test("the part of a host that says whose it is stands out", () => {
  for (const [host, owner] of [
    ["accounts.google.com.evil.example", "evil.example"],
    ["printly.example", "printly.example"],
    ["shop.printly.co.uk", "shop.printly.co.uk"],
    ["prints-for-everyone-on-earth.co.uk", "prints-for-everyone-on-earth.co.uk"],
    ["www.shop.photo-printly.co.uk", "photo-printly.co.uk"],
    ["id.photos.printly.example:8443", "printly.example:8443"],
    ["127.0.0.1:4102", "127.0.0.1:4102"],
    ["[::1]:4102", "[::1]:4102"],
    ["localhost:3000", "localhost:3000"],
  ] as const) {
    const text = render(siteHost(host));
    assert.match(text, new RegExp(`<b class="owner">${RegExp.escape(owner)}</b></bdi>$`));
    assert.equal(text.replace(/<[^>]*>/g, ""), host, "in full");
  }
});
