/** The one gate before a change of how a person signs in: a fresh proof at the highest level of the account. */
import type { Context } from "../context.ts";
import { accountLevels } from "../factors/account_levels.ts";
import type { PageVisit } from "../http/browser.ts";
import { type HttpResponse, redirect } from "../http/message.ts";
import { pathOf } from "../http/paths.ts";
import { allowsChange, type Level } from "../oauth/assurance.ts";
import type { Person } from "../people/users.ts";
import type { Session } from "../sessions/session.ts";
import type { Factors } from "../store/factor_store.ts";
import { sealConfirming } from "./return_to.ts";

/** The strongest level that the account can reach. */
export const highestLevel = async (
  person: Person,
  factors: Factors,
  ctx: Context,
): Promise<Level> => (await accountLevels(person, factors, ctx)).at(-1) ?? "single";

/**
 * Null: the person may change how they sign in. Else the way to the page that asks for the proof.
 * @param path the page to come back to, below the issuer, with its query
 */
export async function freshProof(
  session: Session,
  path: string,
  visit: Pick<PageVisit, "ctx" | "browser">,
): Promise<HttpResponse | null> {
  return judge(session, path, visit, false);
}

/** The same for a form that asks for the password itself: only an account with more than that has to prove more. */
export async function strongProof(
  session: Session,
  path: string,
  visit: Pick<PageVisit, "ctx" | "browser">,
): Promise<HttpResponse | null> {
  return judge(session, path, visit, true);
}

async function judge(
  { person, record }: Session,
  path: string,
  { ctx, browser }: Pick<PageVisit, "ctx" | "browser">,
  asks_password: boolean,
): Promise<HttpResponse | null> {
  const factors = await ctx.store.loadFactors(person.sub);
  const highest = await highestLevel(person, factors, ctx);
  if (asks_password && highest === "single") return null;
  const times = { now: ctx.now, life: ctx.settings.confirm_life };
  if (allowsChange(record.proofs, highest, times)) return null;
  const confirm = sealConfirming({ sub: person.sub, path }, { ctx, browser });
  return redirect(pathOf(ctx, "/confirm", { confirm }));
}
