/**
 * Sequences that always run first. A failing sequence is added here, reduced to its essentials, and stays for good;
 * the first ones are the building blocks of all others.
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
  // A public app's token is replayed within the window, and then after it.
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
  // A grant bound to its session ends with it; another one goes on.
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
  // An unticked permission is not agreed, a removed one is asked again, and a repeated form gives no more.
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
  // A permission agreed once and unticked now ends in earlier grants.
  steps(
    { scope: ["photos.read"] },
    { prompt: "consent", ticks: 42 },
    { what: "redeem twice at once" },
    { what: "redeem", which: 1 },
  ),
  // A clock that is set back ends nothing and revives nothing.
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
