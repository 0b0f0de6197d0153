/** The password of a person that a client passes on: counted and checked like one on the sign-in page. */
import type { Context } from "../context.ts";
import { policyFor } from "../factors/account_levels.ts";
import type { CheckPassword, Proved } from "../grants/password.ts";
import { RateLimited } from "../http/rate_limit.ts";
import { OAuthError } from "../oauth/errors.ts";
import { settingHint } from "../oauth/hint.ts";
import { needsSecond } from "./finish_proof.ts";
import { tryPassword } from "./sign_in_limit.ts";

/** The longest name, as on the sign-in page. */
const LONGEST_LOGIN = 256;

export const checkPassword: CheckPassword = async ({ login, password, address }, ctx) => {
  checkLengths({ login, password }, ctx);
  // The request comes from a client, so no browser is known.
  const verdict = await tryPassword({ login, password, address, known: [] }, ctx);
  if ("person" in verdict) return alone(verdict, ctx);
  if (verdict.problem === "wrong")
    throw new OAuthError("invalid_grant", "username or password is wrong");
  const { seconds: retry_after } = verdict;
  throw new RateLimited({ kind: "account", retry_after, ...settingHint("sign_in_limits") });
};

/**
 * A password by itself is enough for this person. Judged behind the right password only, so that nobody else learns who
 * has a second factor.
 */
async function alone(verdict: Proved, ctx: Context): Promise<Proved> {
  const { person, holds } = verdict;
  const { sub } = person;
  const factors = await ctx.store.loadFactors(sub);
  const needs_more =
    needsSecond({ kind: "pwd" }, { person, factors }, ctx) || policyFor(person, ctx) !== null;
  if (needs_more)
    throw new OAuthError(
      "invalid_grant",
      "this person signs in with a second factor, and a password alone is not enough: use the code flow",
    );
  // A factor that is added meanwhile ends what was judged without it.
  const { version } = factors;
  const same = async () => (await ctx.store.loadFactors(sub)).version === version;
  return { person, holds: async () => (await holds()) && (await same()) };
}

function checkLengths(
  { login, password }: { login: string; password: string },
  { settings }: Context,
): void {
  if (login.length > LONGEST_LOGIN || password.length > settings.limits.password)
    throw new OAuthError("invalid_request", "username or password is too long", {
      reason: settingHint("limits.password"),
    });
}
