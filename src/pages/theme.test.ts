import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Colour, contrast, parseColour, readableOn, textOn, toHex } from "./colour.ts";
import { createTheme } from "./theme.ts";

const surfaces: Colour[] = [
  [255, 255, 255],
  [28, 30, 32],
];
const anyColour = fc.tuple(
  fc.integer({ min: 0, max: 255 }),
  fc.integer({ min: 0, max: 255 }),
  fc.integer({ min: 0, max: 255 }),
);

function variables(css: string, name: string): Colour[] {
  return Array.from(
    css.matchAll(new RegExp(`--vk-${name}:(#[0-9a-f]{6})`, "g")),
    ([, hex = ""]) => {
      const colour = parseColour(hex);
      assert.ok(colour, hex);
      return colour;
    },
  );
}

test("colours are read in two notations, and nothing else is a colour", () => {
  assert.deepEqual(parseColour("#fff"), [255, 255, 255]);
  assert.deepEqual(parseColour("#17595C"), [23, 89, 92]);
  for (const bad of [
    "red",
    "#ff",
    "#ffff",
    "#12345g",
    "#fff;}",
    "#fff\n",
    " #fff",
    "rgb(0,0,0)",
    "",
    "url(x)",
  ])
    assert.equal(parseColour(bad), null, bad);
});

test("contrast is computed as WCAG defines it", () => {
  assert.equal(contrast([0, 0, 0], [255, 255, 255]), 21);
  assert.equal(contrast([1, 2, 3], [1, 2, 3]), 1);
  assert.equal(contrast([118, 118, 118], [255, 255, 255]).toFixed(2), "4.54");
});

test("with any accent, buttons, links and focus rings are readable in both schemes", () => {
  fc.assert(
    fc.property(anyColour, (accent) => {
      const css = createTheme({ product_name: "x", accent: toHex(accent) }).variables;
      const [fills, labels] = [variables(css, "accent"), variables(css, "on-accent")];
      for (const [i, surface] of surfaces.entries()) {
        const fill = fills[i] ?? [0, 0, 0];
        assert.ok(contrast(fill, labels[i] ?? fill) >= 4.5, "text on the button");
        assert.ok(contrast(variables(css, "link")[i] ?? surface, surface) >= 4.5, "links");
        assert.ok(contrast(variables(css, "accent-edge")[i] ?? surface, surface) >= 3, "edges");
      }
    }),
    { examples: [[[0, 216, 42]]], numRuns: 300 },
  );
});

test("a readable accent is kept unchanged", () => {
  const css = createTheme({
    product_name: "x",
    accent: "#17595c",
    accent_dark: "#88ddcc",
  }).variables;
  assert.deepEqual(variables(css, "accent").map(toHex), ["#17595c", "#88ddcc"]);
  assert.equal(toHex(readableOn([23, 89, 92], [255, 255, 255], 5)), "#17595c");
  assert.deepEqual(textOn([255, 212, 0]), [0, 0, 0]);
});

test("an invalid theme is refused with its key", () => {
  const refused = (options: object, message: RegExp) =>
    assert.throws(() => createTheme({ product_name: "x", ...options }), { message });
  refused({ accent: "red;}body{display:none" }, /^theme\.accent:/);
  refused({ accent_dark: "#12" }, /^theme\.accent_dark:/);
  for (const src of [
    "http://x.example/a.png",
    "//x.example/a.png",
    "javascript:x",
    "data:text/html,x",
  ])
    refused({ logo: { src, alt: "" } }, /^theme\.logo:/);
});

test("a remote logo gives its origin; a local or inline one gives none", () => {
  const origins = (src: string) =>
    createTheme({ product_name: "x", logo: { src, alt: "x" } }).image_origins;
  assert.deepEqual(origins("https://cdn.example/logo.svg"), ["https://cdn.example"]);
  assert.deepEqual(origins("/logo.svg"), []);
  assert.deepEqual(origins("data:image/png;base64,AAAA"), []);
});
