/** The photos of each person, and the notes on their backs. */
import { album, type Picture } from "../pictures/pictures.ts";

export interface Photo {
  readonly picture: Picture;
  notes: string[];
}

export interface Library {
  photosOf(sub: string): readonly Photo[];
  find(sub: string, id: string): Photo | null;
}

const LONGEST_NOTE = 140;
const MOST_NOTES = 5;
/** Albums whose notes are kept: the one that was opened longest ago is forgotten first. */
const MOST_ALBUMS = 200;

export function library(): Library {
  const albums = new Map<string, readonly Photo[]>();

  function photosOf(sub: string): readonly Photo[] {
    const photos = albums.get(sub) ?? album(sub).map((picture) => ({ picture, notes: [] }));
    albums.delete(sub);
    albums.set(sub, photos);
    const [oldest] = albums.keys();
    if (albums.size > MOST_ALBUMS && oldest !== undefined) albums.delete(oldest);
    return photos;
  }

  return {
    photosOf,
    find: (sub, id) => photosOf(sub).find(({ picture }) => picture.id === id) ?? null,
  };
}

/** Adds a note; false when it is empty or too long. */
export function addNote(photo: Photo, text: unknown): boolean {
  if (typeof text !== "string" || text.trim() === "" || text.length > LONGEST_NOTE) return false;
  const note = text.trim();
  photo.notes = [note, ...photo.notes.filter((other) => other !== note)].slice(0, MOST_NOTES);
  return true;
}
