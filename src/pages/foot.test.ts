import assert from "node:assert/strict";
import { test } from "node:test";
import { viewIn } from "../../test/support/view.ts";
import { agreement, foot, type Links } from "./foot.ts";
import { html, render } from "./html.ts";

const shown = (what: typeof foot, links: Links, tag = "en"): string =>
  render(html`${what({ ...viewIn(tag), links })}`);
const words = (markup: string): string => markup.replace(/<[^>]+>/g, "");
const hrefs = (markup: string): string[] =>
  [...markup.matchAll(/href="([^"]*)"/g)].map(([, href = ""]) => href);

const all: Links = {
  imprint: { de: "https://example.com/impressum" },
  terms: "/terms?a=1&b=2",
  privacy: { en: "/privacy", de: "/datenschutz" },
  help: "https://example.com/help",
};

test("the foot has the operator's links in one order, each in the language of the page", () => {
  const english = shown(foot, all);
  assert.equal(words(english), "HelpPrivacyTermsLegal notice");
  assert.deepEqual(hrefs(english), [
    "https://example.com/help",
    "/privacy",
    "/terms?a=1&amp;b=2",
    "https://example.com/impressum",
  ]);
  const german = shown(foot, all, "de");
  assert.equal(words(german), "HilfeDatenschutzNutzungsbedingungenImpressum");
  assert.equal(hrefs(german)[1], "/datenschutz");
  assert.ok(!german.includes('<a href="/datenschutz">'), "it opens beside the page");
});

test("the other languages stand first, each by its own name, with the query of the page escaped", () => {
  const other_languages = [
    { tag: "de", href: '?a="<b>&choose_language=de' },
    { tag: "fr", href: "?choose_language=fr" },
  ];
  const view = { ...viewIn("en"), links: { help: "/help" }, other_languages };
  const markup = render(html`${foot(view)}`);
  assert.equal(words(markup), "DeutschfrançaisHelp");
  assert.match(
    markup,
    /<a href="\?a=&quot;&lt;b&gt;&amp;choose_language=de" lang="de" hreflang="de">Deutsch<\/a>/,
  );
  assert.equal(words(render(html`${foot(view, { shown_once: true })}`)), "Help");
});

test("without links there is no foot", () => {
  assert.equal(shown(foot, {}), "");
  assert.equal(shown(foot, { help: undefined }), "");
});

test("create account says what a person agrees to, and only if the operator has it", () => {
  const terms = "By creating an account you agree to the terms.";
  const privacy = "What we keep about you is in the privacy notice.";
  assert.equal(words(shown(agreement, all)), `${terms} ${privacy}`);
  assert.equal(words(shown(agreement, { terms: "/t" })), terms);
  assert.equal(words(shown(agreement, { privacy: "/p" })), privacy);
  assert.equal(shown(agreement, { help: "/help", imprint: "/i" }), "");
});
