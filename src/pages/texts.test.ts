import assert from "node:assert/strict";
import { test } from "node:test";
import { html, render } from "./html.ts";
import {
  checkTextOverrides,
  chooseLanguage,
  fill,
  fillText,
  type Language,
  languages,
  placeholders,
} from "./texts.ts";
import { texts_en } from "./texts_en.ts";

const available = languages();
const choose = (ui_locales: string[], accept_language: string | null) =>
  chooseLanguage({ ui_locales, accept_language, available }).tag;

test("the app's languages come first, then the browser's, then English", () => {
  const table: [string[], string | null, string][] = [
    [[], null, "en"],
    [["de"], "en", "de"],
    [["fr", "de-CH-1996"], "en", "de"],
    [["fr"], "de", "de"],
    [["DE-at"], null, "de"],
    [[], "de", "de"],
    [[], "fr, de;q=0.5, en;q=0.4", "de"],
    [[], "en;q=0.1, de-DE;q=0.9", "de"],
    [[], "de;q=0, en", "en"],
    [[], "*", "en"],
    [[], "fr", "en"],
    [[], "de;q=abc, ;;,,=, en", "en"],
    [["../../etc", "__proto__", ""], "constructor", "en"],
    [[], `${"x,".repeat(10_000)}de`, "en"],
  ];
  for (const [ui_locales, header, expected] of table)
    assert.equal(choose(ui_locales, header), expected, `${ui_locales} / ${header?.slice(0, 40)}`);
});

test("a right-to-left language can be chosen like any other", () => {
  const hebrew: Language = { tag: "he", dir: "rtl", texts: texts_en };
  const chosen = chooseLanguage({
    ui_locales: ["he-IL"],
    accept_language: null,
    available: [...available, hebrew],
  });
  assert.equal(chosen.dir, "rtl");
});

test("every language has every message, nonempty and with the same placeholders", () => {
  for (const { tag, texts } of available) {
    assert.deepEqual(Object.keys(texts).sort(), Object.keys(texts_en).sort());
    for (const [key, message] of Object.entries(texts)) {
      const english = Object.entries(texts_en).find(([name]) => name === key)?.[1] ?? "";
      assert.deepEqual(placeholders(message).sort(), placeholders(english).sort(), `${tag}.${key}`);
      assert.notEqual(message.trim(), "", `${tag}.${key}`);
    }
  }
});

test("messages for people contain no terms of specifications", () => {
  // "Your apps" is for developers, who know client IDs and secrets by these names.
  const for_developers =
    /^(client_|secret_|kind_|no_secret|connection_|redirect_|error_redirect_|your_apps_)/;
  for (const { tag, texts } of available)
    for (const [key, message] of Object.entries(texts))
      if (!for_developers.test(key))
        assert.doesNotMatch(
          message,
          /\b(oauth|scopes?|clients?|grants?|tokens?|openid)\b(?!-)/i,
          `${tag}.${key}`,
        );
});

test("an operator's texts replace single messages of one language", () => {
  const [english, german] = languages({ en: { allow: "Yes, do" } });
  assert.equal(english?.texts.allow, "Yes, do");
  assert.equal(english?.texts.deny, texts_en.deny);
  assert.equal(german?.texts.allow, "Erlauben");
});

test("wrong operator texts are reported: language, message, placeholder", () => {
  assert.deepEqual(checkTextOverrides({ en: { allow: "Yes" }, de: { deny: "Nein" } }), []);
  const wrong = JSON.parse(
    '{"fr":{"allow":"Oui"},"en":{"alow":"Yes","busy":"Wait {seconds}","toString":"x"}}',
  );
  const found = checkTextOverrides(wrong);
  assert.deepEqual(
    found.map(({ problem }) => problem),
    [
      "texts.fr: no such language; there are en, de",
      "texts.en.alow: no such message",
      "texts.en.busy: no {seconds}",
      "texts.en.toString: no such message",
    ],
  );
  assert.ok(found[1]?.known.includes("allow"));
});

test("messages are filled with text, escaped, or with markup", () => {
  const filled = fill("To {app} & <{b}> {unknown}", { app: html`<b>x</b>`, b: '"' });
  assert.equal(render(filled), "To <b>x</b> &amp; &lt;&quot;&gt; {unknown}");
});

test("braces in a value are not filled again", () => {
  assert.equal(render(fill("{a}{b}", { a: "{b}", b: "x" })), "{b}x");
  assert.equal(fillText("{a}{b}", { a: "{b}", b: "x" }), "{b}x");
});

test("a title contains foreign text cleaned, and dollar signs unchanged", () => {
  assert.equal(fillText("Remove {app}?", { app: "\u202e$&<b>" }), "Remove $&<b>?");
});
