/** The passkeys of a person as the pages show them, and what the browser's store of passkeys is told. */
import { usablePasskeys } from "../factors/account_levels.ts";
import { acceptedPasskeys, currentDetails } from "../factors/forget_passkey.ts";
import { relyingParty } from "../factors/relying_party.ts";
import type { PasskeyView } from "../pages/account/passkeys.ts";
import type { PasskeysCardProps } from "../pages/account/passkeys_card.ts";
import type { Factors } from "../store/factor_store.ts";
import type { AccountVisit } from "./visit.ts";

export async function passkeysOf({ ctx, session }: AccountVisit): Promise<PasskeysCardProps> {
  const { person } = session;
  const { settings } = ctx;
  const at_address = relyingParty(settings) === null;
  if (!settings.sign_in.passkeys) return { passkeys: null, at_address, signals: {} };
  const factors = await ctx.store.loadFactors(person.sub);
  const told = {
    signalAllAcceptedCredentials: acceptedPasskeys(factors, ctx),
    signalCurrentUserDetails: currentDetails(person, factors, ctx),
  };
  const signals = Object.fromEntries(
    Object.entries(told).flatMap(([name, options]) => (options ? [[name, options]] : [])),
  );
  return { passkeys: shownPasskeys(factors, { ctx }), at_address, signals };
}

export function shownPasskeys(factors: Factors, { ctx }: Pick<AccountVisit, "ctx">): PasskeyView[] {
  const usable = usablePasskeys(factors, ctx);
  return factors.passkeys.map((each) => ({
    ...each,
    synced: each.backed_up,
    elsewhere: !usable.includes(each),
  }));
}
