/** Rules for the markup of every page, in every language, with any values. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { renderDocument } from "../../src/pages/document.ts";
import type { View } from "../../src/pages/view.ts";
import { samples } from "./page_samples.ts";
import { looks } from "./sample_views.ts";

const documents = Object.entries(looks).flatMap(([look_name, view]) =>
  Object.entries(samples).map(([name, draw]) => ({
    name: `${name} (${look_name})`,
    html: renderDocument(draw(view), view).html,
  })),
);
const all = (text: string, pattern: RegExp) =>
  Array.from(text.matchAll(pattern), (match) => match[1] ?? "");

test("values never become markup, and invisible characters are removed", () => {
  for (const { name, html } of documents) {
    assert.doesNotMatch(html, /<img src=x|onerror=alert\(1\)>[^&]*"quoted"|<script>alert/, name);
    // A field shows what was typed into it unchanged; everything else is cleaned.
    const shown = html.replaceAll(/ value="[^"]*"/g, "");
    assert.doesNotMatch(shown, /[\u200b\u202a-\u202e]/, name);
    assert.doesNotMatch(shown, /(very long ){70}/, name);
  }
});

test("no page has inline style, an event handler, a javascript: link or content from elsewhere", () => {
  for (const { name, html } of documents) {
    const tags =
      html.replaceAll(/<(style|script|pre)\b[\s\S]*?<\/\1>/g, "").match(/<[a-z][^>]*>/gi) ?? [];
    for (const tag of tags) {
      const bare = tag.replaceAll(/"[^"]*"/g, '""');
      assert.doesNotMatch(bare, / (style|on[a-z]+)=/i, `${name}: ${tag}`);
      assert.doesNotMatch(tag, /(href|src|action)="\s*(javascript|vbscript):/i, `${name}: ${tag}`);
      assert.doesNotMatch(tag, /<(link|img|script|iframe)[^>]*(href|src)="(https?:)?\/\//i, name);
    }
  }
});

test("every page has one h1, one main element and a title with the product's name", () => {
  for (const { name, html } of documents) {
    assert.equal(all(html, /<(h1)>/g).length, 1, name);
    assert.equal(all(html, /<(main)\b/g).length, 1, name);
    assert.match(html, /<title>[^<]+ · (Valetkey|Sunny Co-op)<\/title>/, name);
  }
});

test("ids are unique, and every label and description refers to an existing field", () => {
  for (const { name, html } of documents) {
    const ids = all(html, / id="([^"]+)"/g);
    assert.equal(new Set(ids).size, ids.length, name);
    const named = all(html, / (?:for|aria-describedby|data-copy)="([^"]+)"/g);
    for (const id of named.flatMap((list) => list.split(" ")))
      assert.ok(ids.includes(id), `${name}: ${id}`);
  }
});

test("every form posts, with a CSRF token, setup key or code", () => {
  for (const { name, html } of documents)
    for (const form of html.match(/<form[\s\S]*?<\/form>/g) ?? []) {
      assert.match(form, /^<form method="post"/, name);
      assert.match(form, /name="(csrf|key|code)"/, name);
    }
});

test("no page prefills a password", () => {
  for (const { name, html } of documents)
    for (const input of html.match(/<input[^>]*type="password"[^>]*>/g) ?? [])
      assert.doesNotMatch(input, / value=/, name);
});

test("no message has an unfilled placeholder", () => {
  for (const { name, html } of documents) {
    // The script fills in `data-counted`.
    const shown = html.replaceAll(/<(style|script|pre)\b[\s\S]*?<\/\1>| data-counted="[^"]*"/g, "");
    assert.doesNotMatch(shown, /\{\w+\}|undefined|\[object /, name);
  }
});

/** A function that makes a page, whatever its props. */
type PageFunction = (...anything: never[]) => unknown;

test("a sample draws every page", async () => {
  const folder = new URL("../../src/pages/", import.meta.url);
  const pages = new Map<string, PageFunction>();
  let made = 0;
  for await (const file of glob("**/*.ts", { cwd: fileURLToPath(folder) })) {
    if (file.endsWith(".test.ts")) continue;
    made += (readFileSync(new URL(file, folder), "utf8").match(/\): Page(?: \{| =>)/g) ?? [])
      .length;
    const exported: Record<string, unknown> = await import(new URL(file, folder).href);
    for (const [name, value] of Object.entries(exported))
      if (name.endsWith("Page") && typeof value === "function")
        pages.set(name, value as PageFunction);
  }
  assert.equal(pages.size, made, "a function that returns a page has a name that ends with Page");
  const drawing = Object.values(samples).map(String).join("\n");
  const missing = [...pages.keys()].filter((name) => !drawing.includes(`${name}(`));
  assert.deepEqual(missing, []);
});

test("a sample shows every message of the pages", () => {
  const shown = new Set<string | symbol>();
  for (const view of Object.values<View>(looks)) {
    const texts = new Proxy(view.language.texts, {
      get(target, name, receiver) {
        shown.add(name);
        return Reflect.get(target, name, receiver);
      },
    });
    const watched = { ...view, language: { ...view.language, texts } };
    for (const draw of Object.values(samples)) renderDocument(draw(watched), watched);
  }
  // Those of mails are on no page.
  const keys = Object.keys(looks.en.language.texts).filter((name) => !name.startsWith("mail_"));
  const missing = keys.filter((name) => !shown.has(name));
  assert.deepEqual(missing, [], "messages that no sample shows");
});
