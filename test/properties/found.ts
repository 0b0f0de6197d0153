/**
 * Sequences that are always run first. A sequence that fails is added here, cut down to what matters, and
 * stays for good; the first ones are what every other one is made of.
 */
import type { Command } from "./commands.ts";

const plain: Command = {
  what: "authorize",
  person: 0,
  client: 0,
  which: 0,
  scope: ["openid", "offline_access", "photos.read", "prints.order"],
  resource: [],
  ticks: 127,
  deny: false,
  target: "https://snaps.test/api",
  seconds: 1,
};
const steps = (...list: Partial<Command>[]): Command[] =>
  list.map((step) => ({ ...plain, ...step }));

const PUBLIC = 1;
const ON_THIS_COMPUTER = 2;

export const found: Command[][] = [
  // A public app's token is replayed in the window, and then after it.
  steps(
    { client: PUBLIC },
    { what: "redeem" },
    { what: "refresh" },
    { what: "refresh with an old token" },
    { what: "restart" },
    { what: "refresh twice at once" },
    { what: "advance the clock", seconds: 61 },
    { what: "refresh with an old token" },
    { what: "refresh" },
  ),
  // A grant that is tied to its session ends with it; another one goes on.
  steps(
    { scope: ["openid", "photos.read"] },
    { what: "redeem", target: undefined },
    { client: ON_THIS_COMPUTER },
    { what: "redeem", which: 1 },
    { what: "sign out" },
    { what: "refresh", target: undefined },
    { what: "refresh", which: 1 },
    { what: "rotate keys", deny: true },
    { what: "clean up" },
  ),
  // What was unticked is not agreed; what was removed is asked for again; a form that is sent again gives no more.
  steps(
    { ticks: 5 },
    { what: "submit again" },
    { what: "redeem twice at once", target: undefined },
    { what: "remove consent" },
    { what: "submit again" },
    { prompt: "none" },
    {},
    { what: "disable or enable a client", deny: true },
    { what: "redeem", which: 1 },
    { what: "disable or enable a client" },
    { what: "redeem", which: 1 },
  ),
  // What was agreed once and is unticked now ends in the grants of before.
  steps(
    { scope: ["photos.read"] },
    { prompt: "consent", ticks: 42 },
    { what: "redeem twice at once" },
    { what: "redeem", which: 1 },
  ),
  // A clock that is set back ends nothing, and brings nothing back.
  steps(
    { client: PUBLIC },
    { what: "redeem" },
    { what: "refresh" },
    { what: "advance the clock", seconds: -3600 },
    { what: "refresh with an old token" },
    { what: "refresh" },
    { what: "rotate keys" },
    { what: "advance the clock", seconds: -3600 },
    { what: "refresh" },
    { what: "restart" },
    { what: "revoke a refresh token", ticks: 0 },
    { what: "advance the clock", seconds: 3600 },
    { what: "refresh" },
  ),
];
