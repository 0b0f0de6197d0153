import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readPicture } from "./picture.ts";

/** 3 × 2 pixels in teal, as Chromium encodes them. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAYAAACddGYaAAAAEklEQVR4AWJiaGj4D8NMDEgAAAAA///PIfizAAAABklEQVQDAHCyBgKj0ycmAAAAAElFTkSuQmCC";
const JPEG =
  "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/2wBDARESEhgVGC8aGi9jQjhCY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2P/wAARCAACAAMDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAX/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAAAAAABAX/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIRAxEAPwCYAUgv/9k=";
const GIF = "R0lGODlhAwACAIAAAAB/fwAAACwAAAAAAwACAAACAoRRADs=";
/** The chunks of a WebP picture without colour profile: lossy, lossless, and the head of the extended form. */
const VP8 = "VlA4ICgAAABwAQCdASoDAAIAAsBMJaACdAFAAAD+645eRzvSpVf/KV/7Gv8FeVAA";
const VP8L = "VlA4TBAAAAAvAkAAAAdQwChg/wMR0f8A";
const VP8X = "VlA4WAoAAAAQAAAAAgAAAQAA";

const bytes = (base64: string): Buffer => Buffer.from(base64, "base64");
function webp(...chunks: string[]): Buffer {
  const body = Buffer.concat([Buffer.from("WEBP"), ...chunks.map(bytes)]);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(body.length);
  return Buffer.concat([Buffer.from("RIFF"), size, body]);
}

const PICTURES = [
  ["image/png", bytes(PNG)],
  ["image/jpeg", bytes(JPEG)],
  ["image/webp", webp(VP8)],
  ["image/webp", webp(VP8L)],
  ["image/webp", webp(VP8X, VP8)],
] as const;

test("each format is recognised by its bytes, with its size", () => {
  for (const [media_type, picture] of PICTURES)
    assert.deepEqual(readPicture(picture), { media_type, width: 3, height: 2 });
});

test("documents are no pictures, whatever they begin with", () => {
  for (const text of [
    "",
    '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    '<?xml version="1.0"?><svg/>',
    "<!doctype html><script>alert(1)</script>",
    "GIF88a=1;alert(1)",
    bytes(GIF).toString("latin1"),
    "BM6\u0000\u0000\u0000",
    "%PDF-1.7",
    "RIFF....WAVEfmt ",
    "\x89PNG\r\n\x1a\n....JUNK".padEnd(40),
    // A frame where no segment begins.
    "\xff\xd8\xff\xe0\x00\x02\x00\xc0\x00\x11\x08\x00\x02\x00\x03".padEnd(40),
  ])
    assert.equal(readPicture(Buffer.from(text, "latin1")), null, text);
});

test("a picture that is cut off is none, until its size is there", () => {
  for (const [media_type, picture] of PICTURES)
    for (let length = 0; length < picture.length; length += 1) {
      const read = readPicture(picture.subarray(0, length));
      if (read !== null) assert.deepEqual(read, { media_type, width: 3, height: 2 });
    }
});

test("no bytes of a stranger throw or take long", () => {
  const heads = PICTURES.map(([, picture]) => picture.subarray(0, 16));
  fc.assert(
    fc.property(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 200 }), (head, rest) => {
      readPicture(Buffer.concat([head, rest]));
    }),
  );
  // A JPEG of nothing but fill bytes, or of empty segments, is read once.
  for (const filling of [[0xff], [0xff, 0xe0, 0, 0]]) {
    const body = Buffer.alloc(131_072, Buffer.from(filling));
    assert.equal(readPicture(Buffer.concat([bytes("/9j/"), body])), null);
  }
});
