/** “Last used”, of an app and of the session that keeps it: written rarely, so that a use is almost always a read. */
import { type Context, markEvery } from "../context.ts";
import type { Facts } from "./facts.ts";

/** An app that is used keeps the session alive that its grant is tied to. */
export async function markUse({ grant, session }: Facts, ctx: Context): Promise<void> {
  const { store, now } = ctx;
  const { refresh_token_idle, session_idle } = ctx.settings.lifetimes;
  const consent_due = grant.used_at + markEvery(refresh_token_idle) <= now;
  if (consent_due) await store.touchConsent(grant.sub, grant.client_id, now);
  const session_due = session && session.seen_at + markEvery(session_idle) <= now;
  if (session_due) await store.touchSession(session.session_id, now);
}
