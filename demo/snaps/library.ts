/** The photos of each person, and the notes on their backs. */
import { album, type Picture } from "../pictures/pictures.ts";

export interface Photo {
  readonly picture: Picture;
  notes: string[];
  /** The drawing of an uploaded photo. Null: it is a file of the demo. */
  readonly svg: string | null;
}

export interface Library {
  photosOf(sub: string): readonly Photo[];
  find(sub: string, id: string): Photo | null;
  /** @returns null when the person has uploaded as many as Snaps keeps */
  upload(sub: string, drawing: Drawing): Photo | null;
}

/** A photo that a person has uploaded. */
export interface Drawing {
  readonly title: string;
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

const LONGEST_NOTE = 140;
const MOST_NOTES = 5;
const LONGEST_TITLE = 80;
/** Photos that one person may upload. */
const MOST_UPLOADS = 5;
/** Albums whose notes and uploads are kept: the one that was opened longest ago is forgotten first. */
const MOST_ALBUMS = 200;

export function library(): Library {
  const albums = new Map<string, Photo[]>();

  function photosOf(sub: string): Photo[] {
    const photos =
      albums.get(sub) ?? album(sub).map((picture) => ({ picture, notes: [], svg: null }));
    albums.delete(sub);
    albums.set(sub, photos);
    const [oldest] = albums.keys();
    if (albums.size > MOST_ALBUMS && oldest !== undefined) albums.delete(oldest);
    return photos;
  }

  return {
    photosOf,
    find: (sub, id) => photosOf(sub).find(({ picture }) => picture.id === id) ?? null,
    upload(sub, { title, svg, width, height }) {
      const photos = photosOf(sub);
      const count = photos.filter((photo) => photo.svg !== null).length;
      if (count >= MOST_UPLOADS) return null;
      const shape = width > height ? "wide" : width < height ? "tall" : "square";
      const taken = new Date().toISOString().slice(0, 10);
      const id = `upload-${count + 1}`;
      const photo = {
        ...{ svg, notes: [] },
        picture: { id, title, alt: title, shape, width, height, taken } as const,
      };
      photos.unshift(photo);
      return photo;
    },
  };
}

/**
 * Reads an uploaded drawing: an SVG whose size is in its `viewBox`. It is shown as a picture only, and under a policy by
 * which nothing in it runs or loads.
 */
export function parseDrawing(title: string | null, svg: string): Drawing | null {
  const [, width, height] = /^\s*<svg\b[^>]*\bviewBox="0 0 (\d{1,4}) (\d{1,4})"/.exec(svg) ?? [];
  const size = { width: Number(width), height: Number(height) };
  if (!(size.width > 0 && size.height > 0)) return null;
  const name = title?.trim() ?? "";
  return name === "" || name.length > LONGEST_TITLE ? null : { title: name, svg, ...size };
}

/** Adds a note; false when it is empty or too long. */
export function addNote(photo: Photo, text: unknown): boolean {
  if (typeof text !== "string" || text.trim() === "" || text.length > LONGEST_NOTE) return false;
  const note = text.trim();
  photo.notes = [note, ...photo.notes.filter((other) => other !== note)].slice(0, MOST_NOTES);
  return true;
}
