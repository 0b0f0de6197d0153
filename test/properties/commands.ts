/** Random actions of people, apps, thieves and operators. */
import fc from "fast-check";
import { ISSUER, PRINTS, SNAPS } from "../support/server.ts";

/** All fields that any command could need; each command reads its own. */
export interface Command {
  what: (typeof COMMANDS)[number];
  person: number;
  client: number;
  /** The index of a grant among those so far. */
  which: number;
  scope: string[];
  resource: string[];
  prompt?: "none" | "login" | "consent" | undefined;
  /** The checkboxes that stay ticked, one bit each. */
  ticks: number;
  /** To refuse, to disable, to withdraw. */
  deny: boolean;
  /** At the token endpoint: a part of the scope, and an API. */
  part?: string[] | undefined;
  target?: string | undefined;
  seconds: number;
}

const COMMANDS = [
  ...["authorize", "redeem", "refresh", "redeem without the verifier", "redeem twice at once"],
  ...["refresh with an old token", "refresh twice at once", "submit again", "sign out", "restart"],
  ...["revoke a refresh token", "revoke an access token", "revoke as another client", "clean up"],
  ...["disable or enable a person", "disable or enable a client", "remove consent"],
  "let an app ask for less or for all",
  ...["rotate keys", "advance the clock"],
] as const;

const often: Readonly<Record<string, number>> = {
  authorize: 7,
  redeem: 6,
  refresh: 6,
  "refresh with an old token": 3,
  "advance the clock": 4,
};
const what = fc.oneof(
  ...COMMANDS.map((name) => ({ weight: often[name] ?? 1, arbitrary: fc.constant(name) })),
);
const SCOPES = [
  "openid",
  "profile",
  "offline_access",
  "photos.read",
  "photos.write",
  "prints.order",
  "notes.read",
];
const scope = fc.subarray(SCOPES, { minLength: 1 });
const one = <T>(...values: T[]) => fc.constantFrom(...values);

export const command: fc.Arbitrary<Command> = fc.record(
  {
    what,
    person: one(0, 0, 1),
    client: fc.nat({ max: 3 }),
    which: one(0, 1, 2, 3, 5, 8, 13),
    scope,
    resource: one<string[]>([], [], [], [SNAPS], [SNAPS, PRINTS], [ISSUER]),
    prompt: one<Command["prompt"]>(
      undefined,
      undefined,
      undefined,
      undefined,
      "none",
      "login",
      "consent",
    ),
    ticks: one(127, 127, 127, 0, 5, 42, 85),
    deny: fc.boolean(),
    part: one<string[] | undefined>(
      undefined,
      undefined,
      undefined,
      ["openid"],
      ["photos.read"],
      ["photos.read", "prints.order"],
    ),
    target: one<string | undefined>(undefined, undefined, SNAPS, PRINTS, ISSUER),
    // Times before and after each of the lifetimes, and a clock that is set back.
    seconds: one(1, 30, 59, 61, 600, 601, 3600, 86_400, 604_800, 2_592_000, 31_536_000, -30, -3600),
  },
  { noNullPrototype: true },
);
