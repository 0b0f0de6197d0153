/** The password of a person that a client passes on: counted and checked like one on the sign-in page. */
import type { Context } from "../context.ts";
import type { CheckPassword } from "../grants/password.ts";
import { RateLimited } from "../http/rate_limit.ts";
import { OAuthError } from "../oauth/errors.ts";
import { settingHint } from "../oauth/hint.ts";
import { tryPassword } from "./sign_in_limit.ts";

/** The longest name, as on the sign-in page. */
const LONGEST_LOGIN = 256;

export const checkPassword: CheckPassword = async ({ login, password, address }, ctx) => {
  checkLengths({ login, password }, ctx);
  // The request comes from a client, so no browser is known.
  const verdict = await tryPassword({ login, password, address, known: [] }, ctx);
  if ("person" in verdict) return verdict;
  if (verdict.problem === "wrong")
    throw new OAuthError("invalid_grant", "username or password is wrong");
  const { seconds: retry_after } = verdict;
  throw new RateLimited({ kind: "account", retry_after, ...settingHint("sign_in_limits") });
};

function checkLengths(
  { login, password }: { login: string; password: string },
  { settings }: Context,
): void {
  if (login.length > LONGEST_LOGIN || password.length > settings.limits.password)
    throw new OAuthError("invalid_request", "username or password is too long", {
      reason: settingHint("limits.password"),
    });
}
