/** Recognises pictures by their bytes: PNG, JPEG and WebP. SVG is a document that can hold scripts, so it is none. */

export interface Picture {
  readonly media_type: "image/png" | "image/jpeg" | "image/webp";
  /** In pixels. */
  readonly width: number;
  readonly height: number;
}

/** Null: another format, or one whose size can't be read. */
export const readPicture = (bytes: Buffer): Picture | null =>
  readPng(bytes) ?? readJpeg(bytes) ?? readWebp(bytes);

const beginsWith = (bytes: Buffer, latin1: string, at = 0): boolean =>
  bytes.toString("latin1", at, at + latin1.length) === latin1;

/** The first chunk is IHDR, with width and height. */
function readPng(bytes: Buffer): Picture | null {
  if (!beginsWith(bytes, "\x89PNG\r\n\x1a\n") || !beginsWith(bytes, "IHDR", 12)) return null;
  if (bytes.length < 24) return null;
  return { media_type: "image/png", width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** Segments follow each other until the one that begins a frame (SOF), which has height and width. */
function readJpeg(bytes: Buffer): Picture | null {
  if (!beginsWith(bytes, "\xff\xd8\xff")) return null;
  for (let at = 2; at + 9 <= bytes.length; ) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame)
      return {
        media_type: "image/jpeg",
        height: bytes.readUInt16BE(at + 5),
        width: bytes.readUInt16BE(at + 7),
      };
    // 0xff may fill up the space before a marker.
    at += marker === 0xff ? 1 : 2 + Math.max(2, bytes.readUInt16BE(at + 2));
  }
  return null;
}

/** One of three forms: lossy (VP8), lossless (VP8L) and extended (VP8X). */
function readWebp(bytes: Buffer): Picture | null {
  if (!beginsWith(bytes, "RIFF") || !beginsWith(bytes, "WEBPVP8", 8) || bytes.length < 30)
    return null;
  const media_type = "image/webp";
  const form = bytes.toString("latin1", 15, 16);
  if (form === " ")
    return {
      media_type,
      width: bytes.readUInt16LE(26) & 0x3fff,
      height: bytes.readUInt16LE(28) & 0x3fff,
    };
  if (form === "L") {
    const bits = bytes.readUInt32LE(21);
    return { media_type, width: 1 + (bits & 0x3fff), height: 1 + ((bits >> 14) & 0x3fff) };
  }
  if (form === "X")
    return { media_type, width: 1 + bytes.readUIntLE(24, 3), height: 1 + bytes.readUIntLE(27, 3) };
  return null;
}
