import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { viewIn } from "../../test/support/view.ts";
import { renderDocument } from "./document.ts";
import { html } from "./html.ts";
import { texts_en } from "./texts_en.ts";
import { createTheme, type ThemeOptions } from "./theme.ts";

const view = (theme: Partial<ThemeOptions> = {}) => ({
  ...viewIn("en"),
  theme: createTheme({ product_name: "Valetkey", ...theme }),
});
const page = { title: "Sign <in>", body: html`<main>x</main>` };

test("a document names its language, direction, page and product", () => {
  const { html: text } = renderDocument(page, view());
  assert.match(text, /^<!doctype html>\n<html lang="en" dir="ltr">/);
  assert.match(text, /<title>Sign &lt;in&gt; · Valetkey<\/title>/);
  assert.match(text, /<meta name="viewport" content="width=device-width, initial-scale=1">/);
  const rtl = { ...view(), language: { tag: "ar", dir: "rtl" as const, texts: texts_en } };
  assert.match(renderDocument(page, rtl).html, /<html lang="ar" dir="rtl">/);
});

test("the policy allows the inline style and script by hash, and nothing else", () => {
  const { html: text, content_security_policy } = renderDocument(page, view());
  const hash = (tag: string) => {
    const [, content = ""] = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(text) ?? [];
    return `'sha256-${createHash("sha256").update(content).digest("base64")}'`;
  };
  assert.deepEqual(content_security_policy.split("; "), [
    "default-src 'none'",
    `style-src ${hash("style")}`,
    `script-src ${hash("script")}`,
    "img-src 'self' data:",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ]);
});

test("style and script cannot end their own element", () => {
  const { html: text } = renderDocument(page, view());
  for (const tag of ["style", "script"])
    assert.equal(text.split(`<${tag}>`).length, text.split(`</${tag}>`).length, tag);
  assert.equal(text.split("</script>").length, 2);
});

test("a page lists where its forms may lead; a value that would end the directive is left out", () => {
  const policy = (form_action: string[]) =>
    renderDocument({ ...page, form_action }, view()).content_security_policy;
  assert.match(
    policy(["'self'", "https:", "com.example.app:"]),
    /; form-action 'self' https: com\.example\.app:;/,
  );
  assert.match(policy(["'self'", "x; script-src *", "a b"]), /; form-action 'self';/);
});

test("a remote logo is allowed by its origin, and no other image is", () => {
  const themed = view({ logo: { src: "https://cdn.example/logo.svg", alt: "Sunny" } });
  const { html: text, content_security_policy } = renderDocument(page, themed);
  assert.match(content_security_policy, /; img-src 'self' data: https:\/\/cdn\.example;/);
  assert.doesNotMatch(text, /style="/);
});

test("the stylesheet stays small, since every page carries it", () => {
  const { html: text } = renderDocument(page, view());
  const [, sheet = ""] = /<style>([^<]*)<\/style>/.exec(text) ?? [];
  assert.ok(sheet.length > 10_000 && Buffer.byteLength(sheet) < 16 * 1024, `${sheet.length} bytes`);
});
