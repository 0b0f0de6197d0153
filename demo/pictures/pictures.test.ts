import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { photos, samples, shop_window } from "./catalogue.ts";
import { album, kindOf, pictureOf, svgOf } from "./pictures.ts";

const pictures = [...photos, ...samples, ...shop_window].map(pictureOf);
const folder = new URL("./assets/", import.meta.url);

test("each file is in the catalogue once, and each entry has its file", () => {
  const ids = pictures.map(({ id }) => id);
  assert.deepEqual(readdirSync(folder).sort(), ids.map((id) => `${id}.svg`).sort());
  assert.equal(new Set(ids).size, ids.length);
});

test("no two pictures are alike", () => {
  const texts = pictures.map(({ id }) => readFileSync(new URL(`${id}.svg`, folder), "utf8"));
  assert.equal(
    new Set(texts.map((text) => text.replace(/<title>.*?<\/title>/, ""))).size,
    pictures.length,
  );
});

test("each picture is a well-formed drawing of its title and size", async () => {
  for (const picture of pictures) {
    const svg = await svgOf(picture);
    assert.deepEqual(unclosed(svg), [], picture.id);
    const { width, height, title } = picture;
    const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">\n<title>${title}</title>\n`;
    assert.equal(svg.slice(0, head.length), head);
    assert.doesNotMatch(svg, /NaN|undefined|Infinity/, picture.id);
    assert.ok(svg.length < 90_000, `${picture.id} has ${svg.length} characters`);
  }
});

test("no picture holds a script, or refers to anything outside of itself", async () => {
  const drawn = ["circle", "defs", "ellipse", "g", "path", "rect", "svg", "title", "use"];
  const paints = ["linearGradient", "radialGradient", "stop"];
  const filters = ["feColorMatrix", "feGaussianBlur", "feTurbulence", "filter", "clipPath", "mask"];
  const allowed = new Set([...drawn, ...paints, ...filters]);
  for (const picture of pictures) {
    const svg = await svgOf(picture);
    const elements = [...svg.matchAll(/<([^\s/>]+)/g)].map(([, name = ""]) => name);
    assert.deepEqual(
      elements.filter((name) => !allowed.has(name)),
      [],
      picture.id,
    );
    assert.doesNotMatch(svg, /\son\w+=|\sstyle=|<[!?]/, picture.id);
    const ids = new Set([...svg.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id));
    const references = [...svg.matchAll(/(?:href="|src="|url\()([^")]*)/g)].map(
      ([, to = ""]) => to,
    );
    assert.deepEqual(
      references.filter((to) => !to.startsWith("#") || !ids.has(to.slice(1))),
      [],
      picture.id,
    );
  }
});

test("an owner's album is the same each time: twelve photos, each of another kind", () => {
  const ids = (owner: string): string[] => album(owner).map(({ id }) => id);
  assert.deepEqual(ids("ada"), ids("ada"));
  assert.notDeepEqual(ids("ada"), ids("grace"));
  for (const owner of ["ada", "grace", "alan"])
    assert.equal(new Set(album(owner).map(kindOf)).size, 12);
});

/** Elements that are closed out of order or not at all. */
function unclosed(svg: string): string[] {
  const open: string[] = [];
  const element = /<(\/?)(\w+)(?:\s[\w:-]+="[^"<]*")*(\/?)>|</g;
  for (const [whole, close, name = "", self] of svg.matchAll(element)) {
    if (whole === "<") return [...open, "<"];
    if (close === "/" && open.pop() !== name) return [...open, `</${name}>`];
    if (close === "" && self === "") open.push(name);
  }
  return open;
}
