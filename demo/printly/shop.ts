/** The goods of Printly: nothing, beautifully. */
import type { Order } from "./orders.ts";
import type { Photo } from "./snaps_client.ts";

export interface Size {
  readonly id: string;
  readonly label: string;
}

/** Short and long side in centimetres; the stylesheet prints them at just that size. */
export const SIZES = [
  { id: "10x15", label: "10 × 15 cm" },
  { id: "13x18", label: "13 × 18 cm" },
  { id: "18x18", label: "18 × 18 cm" },
] as const satisfies readonly Size[];

export const PAPERS = [
  { id: "cotton", label: "Cotton, matte", what: "soft, with a white border" },
  { id: "silk", label: "Silk", what: "a quiet sheen, to the edge" },
  { id: "baryta", label: "Baryta, warm", what: "ivory, with a wide border" },
] as const;

const [first_size] = SIZES;
const [first_paper] = PAPERS;

export interface Wish {
  photos: readonly string[];
  size: string;
  paper: string;
}

/** Reads the form. An unknown size or paper becomes the first one. */
export function readWish(form: URLSearchParams): Wish {
  const size = SIZES.find(({ id }) => id === form.get("size")) ?? first_size;
  const paper = PAPERS.find(({ id }) => id === form.get("paper")) ?? first_paper;
  return { photos: form.getAll("photo"), size: size.id, paper: paper.id };
}

/** The chosen photos among those of the person. */
export const chosen = (photos: readonly Photo[], { photos: ids }: Wish): Photo[] =>
  photos.filter(({ id }) => ids.includes(id));

export const labelOf = (list: readonly Size[], id: string): string =>
  list.find((each) => each.id === id)?.label ?? "";

/** As it stands on the back of a photo. */
export const backOf = ({ placed_at, size }: Pick<Order, "placed_at" | "size">): string =>
  `Printed by Printly, ${labelOf(SIZES, size)}, ${placed_at.toISOString().slice(0, 10)}`;
