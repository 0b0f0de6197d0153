import type { Canvas } from "./canvas.ts";
import type { Mood } from "./moods.ts";
import type { Some } from "./random.ts";

export type Shape = "wide" | "tall" | "square";

/** One kind of photograph. What makes two of a kind differ comes from the canvas's chance and the mood. */
export interface Scene {
  readonly name: string;
  readonly shapes: Some<Shape>;
  readonly moods: Some<Mood>;
  /** What stands before the comma in a title. */
  readonly places: Some<string>;
  /** What a person who cannot see the picture is told. */
  readonly subject: string;
  paint(c: Canvas, mood: Mood): void;
}
