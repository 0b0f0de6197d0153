/** The progress of long work, for people who wait for it. */
export interface Progress {
  /** The present part, such as “copying account”. */
  readonly what: string;
  readonly unit: "rows" | "MB" | "tables";
  /** May be a fraction, while something is half done. */
  readonly done: number;
  /** Null: not known. */
  readonly total: number | null;
}

/** Called often: at each batch of rows. */
export type Watch = (progress: Progress) => void;

export const unwatched: Watch = () => {};
