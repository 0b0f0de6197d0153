/**
 * Second factors, tried by a person whose first factor was right. Such tries count for the account, whatever the network:
 * somebody who has the password must not guess on from a thousand addresses.
 */
import type { Context } from "../context.ts";
import { personOnPage } from "../http/actor.ts";
import { type Budget, refund, spend } from "../http/budget.ts";
import type { Proof } from "../oauth/assurance.ts";
import { eventOf } from "../operation.ts";
import { matchingRecoveryCode } from "./recovery_codes.ts";
import { matchingStep } from "./totp.ts";
import { openTotpSecret } from "./totp_secret.ts";

/** `used`: the code was right, and was taken before. */
export type SecondFactorVerdict =
  | { proof: Proof }
  | { problem: "wrong" | "used" }
  | { problem: "throttled"; seconds: number };

const MOST = 10;
const WINDOW = 3600;

/** One budget for all second factors of an account. */
const triesOf = (sub: string): Budget => ({
  kind: "second_factor",
  name: sub,
  most: MOST,
  window: WINDOW,
});

type Judged = Exclude<SecondFactorVerdict, { problem: "throttled" }>;

/**
 * The try is counted before it is judged, so that parallel tries get no further than sequential ones. A right one gives
 * its own count back and no other: the wrong ones stay bounded.
 */
async function counted(
  sub: string,
  ctx: Context,
  judge: () => Promise<Judged>,
): Promise<SecondFactorVerdict> {
  const budget = [triesOf(sub)];
  const seconds = await spend(budget, ctx);
  if (seconds > 0) return { problem: "throttled", seconds };
  const verdict = await judge().catch(async (error: unknown) => {
    // The try revealed nothing about the code, so it is taken back if the database allows it.
    await refund(budget, ctx).catch(() => {});
    throw error;
  });
  if ("proof" in verdict) await refund(budget, ctx);
  return verdict;
}

/** Tries a code of an authenticator app. @param code as typed */
export const tryTotp = (sub: string, code: string, ctx: Context): Promise<SecondFactorVerdict> =>
  counted(sub, ctx, async () => {
    const { totps } = await ctx.store.loadFactors(sub);
    let was_used = false;
    for (const totp of totps) {
      const secret = openTotpSecret(totp, ctx.secrets);
      if (!secret) ctx.log.error("app code can't be opened", { sub, secret_id: totp.secret_id });
      const step = secret && matchingStep(secret, code, ctx.now);
      if (step === null) continue;
      if (await ctx.store.useTotp(totp.totp_id, step, ctx.now))
        return { proof: { kind: "totp", at: ctx.now } };
      was_used = true;
    }
    return { problem: was_used ? "used" : "wrong" };
  });

/**
 * Tries a recovery code, which is gone afterwards. @param code as typed
 * @throws TooBusy when too many passwords are being hashed; such a try does not count
 */
export const tryRecoveryCode = (
  sub: string,
  code: string,
  ctx: Context,
): Promise<SecondFactorVerdict> =>
  counted(sub, ctx, async () => {
    const { recovery_codes } = await ctx.store.loadFactors(sub);
    const found = await matchingRecoveryCode(recovery_codes, code);
    if (!found) return { problem: "wrong" };
    const by = personOnPage(sub, ctx, ctx);
    const details = { left: recovery_codes.length - 1 };
    const events = [eventOf("recovery_code_used", { by, sub, details }, ctx)];
    if (!(await ctx.store.useRecoveryCode(found, { events }))) return { problem: "used" };
    return { proof: { kind: "recovery", at: ctx.now } };
  });
