/** Which way a person signs in by: what works here, in the order in which it is pleasant. */
import { AuthError } from "../../errors.ts";
import { hasDevices } from "../device_code.ts";
import type { Party } from "../party.ts";
import type { Way } from "./options.ts";
import { hasBrowser } from "./surroundings.ts";

const ALL: readonly Way[] = ["loopback", "device", "paste"];

/**
 * @param allowed all that the app allows
 * @returns at least one way
 * @throws AuthError `no_way`, and why there is no metadata
 */
export async function waysHere(party: Party, allowed: readonly Way[] = ALL): Promise<Way[]> {
  const works: Record<Way, boolean> = {
    loopback: hasBrowser(),
    device: allowed.includes("device") && (await hasDevices(party)),
    paste: true,
  };
  const ways = ALL.filter((way) => allowed.includes(way) && works[way]);
  if (ways.length > 0) return ways;
  throw new AuthError("no_way", `${allowed.join(" and ")} can't work here`, {
    hint: works.loopback
      ? "allow another way: the provider signs nobody in by a code"
      : "there is no browser on this machine: allow the ways device and paste",
  });
}
