/** Checks that people can use the passkeys that they have. */
import { relyingParty } from "../../factors/relying_party.ts";
import type { Settings } from "../settings.ts";
import { type Finding, ok, warning } from "./finding.ts";

/** Passkeys that are bound to one domain. */
export interface PasskeyCount {
  rp_id: string;
  people: number;
  passkeys: number;
}

type Config = Pick<Settings["full"], "issuer" | "passkeys" | "sign_in">;

/** @returns null where passkeys are switched off, and nobody has one */
export function checkPasskeys(
  { passkeys: counts }: { passkeys: readonly PasskeyCount[] },
  { issuer, passkeys, sign_in }: Config,
): Finding | null {
  const party = sign_in.passkeys ? relyingParty({ issuer, passkeys }) : null;
  const { hostname } = new URL(issuer);
  const others = counts.filter(({ rp_id }) => rp_id !== party?.rp_id);
  const left = others.reduce((sum, { people }) => sum + people, 0);
  if (left > 0)
    return warning(
      "passkeys",
      `${people(left)} can't use passkeys here: they are bound to ${others.map(({ rp_id }) => rp_id).join(", ")}`,
      party
        ? "they sign in another way and add one anew; or go back to that passkeys.rp_id, if the issuer is below it"
        : "set sign_in.passkeys to true, and give the issuer a host name",
    );
  if (!sign_in.passkeys) return null;
  if (!party)
    return ok(
      "passkeys",
      `none: ${hostname} is an IP address, and browsers have passkeys only at a host name, such as localhost`,
    );
  if (party.rp_id !== hostname)
    return warning(
      "passkeys",
      `passkeys are bound to ${party.rp_id}, so every site below it can ask for them`,
      "keep it only if all of these sites are yours; else leave passkeys.rp_id out, before people add passkeys",
    );
  const here = counts.find(({ rp_id }) => rp_id === party.rp_id);
  const some = here ? `, ${people(here.people)} with ${here.passkeys}` : "";
  return ok("passkeys", `they are bound to ${party.rp_id}${some}`);
}

const people = (count: number): string => (count === 1 ? "1 person" : `${count} people`);
