/**
 * An authenticator app that is being added. Its secret travels sealed in the form of its page, bound to person and
 * browser, until the person has typed a first code: so a page that is only looked at adds no row.
 */
import type { Context } from "../context.ts";
import { randomText } from "../crypto/hash.ts";
import { seal, unseal } from "../crypto/seal.ts";
import type { Browser } from "../http/browser.ts";
import type { TotpRecord } from "../store/factor_store.ts";
import { matchingStep, newTotpSecret } from "./totp.ts";
import { sealTotpSecret } from "./totp_secret.ts";

export const MOST_TOTPS = 3;

/** Seconds. */
const LIFE = 600;
const PURPOSE = "app code that is not confirmed";

export interface Enrolment {
  /** Of the row that it becomes, so that one secret is added once. */
  totp_id: string;
  secret: Buffer;
  /** For the form. */
  sealed: string;
}

interface Bound {
  sub: string;
  browser: Pick<Browser, "id">;
}

type Sealed = { totp_id: string; secret: string; sub: string; browser: string; expires_at: number };

export function beginEnrolment({ sub, browser }: Bound, ctx: Context): Enrolment {
  const secret = newTotpSecret();
  const totp_id = randomText(16);
  const content: Sealed = {
    ...{ totp_id, secret: secret.toString("base64url"), sub },
    ...{ browser: browser.id, expires_at: ctx.now + LIFE },
  };
  return { totp_id, secret, sealed: seal(JSON.stringify(content), PURPOSE, ctx) };
}

/** Null: it is not genuine, is over, or began for another person or in another browser. */
export function openEnrolment(
  sealed: string | undefined,
  { sub, browser }: Bound,
  ctx: Context,
): Enrolment | null {
  const text = unseal(sealed ?? "", PURPOSE, ctx);
  if (sealed === undefined || text === null) return null;
  // The server sealed it, so its shape is known.
  const content = JSON.parse(text) as Sealed;
  if (content.sub !== sub || content.browser !== browser.id) return null;
  if (content.expires_at <= ctx.now) return null;
  return { totp_id: content.totp_id, secret: Buffer.from(content.secret, "base64url"), sealed };
}

/**
 * The app as it is kept, once its first code is right. This code is used: no later sign-in may use it again.
 * @returns null: the code is wrong
 */
export function confirmedTotp(
  { totp_id, secret }: Enrolment,
  { sub, name, code }: { sub: string; name: string; code: string },
  { now, secrets }: Pick<Context, "now" | "secrets">,
): Omit<TotpRecord, "sub"> | null {
  const last_step = matchingStep(secret, code, now);
  if (last_step === null) return null;
  const sealed = sealTotpSecret(secret, { sub, totp_id }, secrets);
  return { totp_id, ...sealed, name, last_step, created_at: now, used_at: null };
}
