import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { attributes, type Content, html, render, trusted } from "./html.ts";

test("text is escaped in elements and attributes", () => {
  const hostile = `<script>"'&`;
  assert.equal(
    render(html`<p title="${hostile}">${hostile}</p>`),
    `<p title="&lt;script&gt;&quot;&#39;&amp;">&lt;script&gt;&quot;&#39;&amp;</p>`,
  );
});

test("no value can open a tag or end an attribute", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const [, inside = ""] =
        /^<p title="(.*)"><\/p>$/s.exec(render(html`<p title="${text}"></p>`)) ?? [];
      assert.doesNotMatch(inside, /[<>"']/);
      assert.doesNotMatch(inside, /&(?!(amp|lt|gt|quot|#39);)/);
    }),
  );
});

test("markup stays markup, lists are joined, and absent values are left out", () => {
  const table: [Content, string][] = [
    [html`<b>${"<"}</b>`, "<b>&lt;</b>"],
    [[html`<i>1</i>`, "&", null, [2, [false]]], "<i>1</i>&amp;2"],
    [null, ""],
    [undefined, ""],
    [false, ""],
    ["", ""],
    [0, "0"],
    [trusted("<br>"), "<br>"],
  ];
  for (const [content, expected] of table) assert.equal(render(html`${content}`), expected);
});

test("a JSON value shaped like markup is text", () => {
  const forged = JSON.parse('"{\\"markup\\":\\"<b>\\"}"');
  assert.equal(render(html`${String(forged)}`), "{&quot;markup&quot;:&quot;&lt;b&gt;&quot;}");
});

test("attributes are escaped; true gives a bare name, and an absent value gives nothing", () => {
  const given = { id: 'a"b', required: true, hidden: false, title: null, lang: undefined, size: 3 };
  assert.equal(render(attributes(given)), ' id="a&quot;b" required size="3"');
});
