/** Which way a person signs in by: what works here, in the order in which it is pleasant. */
import { AuthError } from "../../errors.ts";
import { hasDevices } from "../device_code.ts";
import type { App, Way } from "./options.ts";
import { whyNoBrowser } from "./surroundings.ts";

const ALL: readonly Way[] = ["loopback", "device", "paste"];

/**
 * @param allowed all that the app allows. The browser of this machine is tried although it may have none, if that is all
 * @returns at least one way
 * @throws AuthError `no_way`, and why there is no metadata
 */
export async function waysHere(
  { app, party }: Pick<App, "app" | "party">,
  allowed: readonly Way[] = ALL,
): Promise<Way[]> {
  const works: Record<Way, boolean> = {
    loopback: whyNoBrowser() === null,
    device: allowed.includes("device") && (await hasDevices(party)),
    paste: true,
  };
  const ways = ALL.filter((way) => allowed.includes(way) && works[way]);
  if (ways.length > 0) return ways;
  if (allowed.includes("loopback")) return ["loopback"];
  throw noWay("the provider signs nobody in by a code", app);
}

export const noWay = (what: string, app: string): AuthError =>
  new AuthError("no_way", `${what}, and ${app} allows no other way`, {
    hint: `tell the makers of ${app}`,
  });
