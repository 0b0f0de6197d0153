import assert from "node:assert/strict";
import { test } from "node:test";
import { album } from "./pictures.ts";

test("an owner's album is the same every time", () => {
  const draw = () => album("ada").map((picture) => [picture.id, picture.title, picture.svg()]);
  assert.deepEqual(draw(), draw());
});

test("no two pictures are alike, in one album or in two", () => {
  const pictures = [...album("ada"), ...album("grace")];
  const distinct = (of: (picture: (typeof pictures)[number]) => string) =>
    new Set(pictures.map(of)).size;
  assert.equal(
    distinct((picture) => picture.id),
    24,
  );
  assert.equal(
    distinct((picture) => picture.svg()),
    24,
  );
});

test("pictures need nothing from elsewhere, and nothing in them can run", () => {
  for (const picture of album("ada", 14)) {
    const svg = picture.svg();
    assert.doesNotMatch(svg, /<script|<foreignObject|\son\w+=|style=|NaN|undefined|Infinity/);
    assert.deepEqual([...new Set(svg.match(/(?:href|src)="[^"#][^"]*"/g))], []);
    assert.ok(svg.length < 200_000, `${picture.id} is ${svg.length} characters long`);
  }
});
