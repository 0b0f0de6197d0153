/** Marks the last use of an app and of its session. It writes rarely, so that a use is almost always a read. */
import { type Context, markEvery } from "../context.ts";
import type { Facts } from "./facts.ts";

/** An app in use keeps the session of its grant from idling out. */
export async function markUse(
  { grant, session }: Facts,
  { rotates }: { rotates: boolean },
  ctx: Context,
): Promise<void> {
  const { store, now } = ctx;
  const { refresh_token_idle, session_idle } = ctx.settings.lifetimes;
  const every = markEvery(refresh_token_idle);
  // Each rotation writes `used_at` of the grant, so it is never that old: the consent is marked once in each period.
  const is_first = Math.floor(grant.used_at / every) !== Math.floor(now / every);
  if (grant.used_at + every <= now || (rotates && is_first))
    await store.touchConsent(grant.sub, grant.client_id, now);
  const session_due = session && session.seen_at + markEvery(session_idle) <= now;
  if (session_due) await store.touchSession(session.session_id, now, null);
}
