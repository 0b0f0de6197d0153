/** The orders of each person: in memory, where a real shop has a table. */
import type { User } from "../../src/sdk/client/web/web.ts";
import type { Photo } from "./snaps_client.ts";

export interface Order {
  readonly number: number;
  readonly placed_at: Date;
  readonly size: string;
  readonly paper: string;
  readonly photos: readonly Photo[];
  /** Whether Printly wrote on the backs of the photos, as far as it may. */
  readonly noted: boolean;
}

export interface Orders {
  of(user: User): Order[];
  forget(user: User): void;
}

const MOST_PEOPLE = 200;

export function ordersOf(): Orders {
  const known = new Map<string, Order[]>();
  // An e-mail address can change hands; the issuer's id of a person can't.
  const key = ({ issuer, id }: User): string => `${issuer} ${id}`;
  return {
    of(user) {
      const orders = known.get(key(user)) ?? [];
      known.set(key(user), orders);
      const [oldest] = known.keys();
      if (known.size > MOST_PEOPLE && oldest !== undefined) known.delete(oldest);
      return orders;
    },
    forget: (user) => void known.delete(key(user)),
  };
}
