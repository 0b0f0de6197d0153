/** Marks the last use of an app and of its session. It writes rarely, so that a use is almost always a read. */
import { type Context, markEvery } from "../context.ts";
import type { Facts } from "./facts.ts";

/** An app in use keeps the session of its grant from idling out. */
export async function markUse({ grant, session }: Facts, ctx: Context): Promise<void> {
  const { store, now } = ctx;
  const { refresh_token_idle, session_idle } = ctx.settings.lifetimes;
  const consent_due = grant.used_at + markEvery(refresh_token_idle) <= now;
  if (consent_due) await store.touchConsent(grant.sub, grant.client_id, now);
  const session_due = session && session.seen_at + markEvery(session_idle) <= now;
  if (session_due) await store.touchSession(session.session_id, now);
}
