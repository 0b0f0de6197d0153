/** The end of a grant that nobody uses any more, as far as it takes nothing else along. */
import { revoke } from "../revocation.ts";
import type { App } from "./options.ts";
import { prefixOf } from "./stored_session.ts";

/** Milliseconds: the person waits for it. */
const PATIENCE = 3000;
/** Refresh tokens of Valetkey begin with it. */
const OWN = "vkr_";

/**
 * Ends what a refresh token stands for, if the provider can be told.
 *
 * RFC 7009 §2.1 lets a provider end more than the token. Some make one grant of all sign-ins of a person to an app, so
 * that a revocation would end the session that has just begun. At Valetkey each sign-in has a grant of its own; elsewhere
 * the token is left to expire while another session of the same person is kept.
 *
 * @param sub the person, or `""` where it is not known
 * @param token null: there is none
 */
export async function endGrant(app: App, sub: string, token: string | null): Promise<void> {
  if (token === null) return;
  const late = new Promise<void>((resolve) => setTimeout(resolve, PATIENCE).unref());
  const done = (async () => {
    if (token.startsWith(OWN) || (await isAlone(app, sub))) await revoke(app.party, token);
  })();
  // Nothing depends on it.
  await Promise.race([done.catch(() => {}), late]);
}

/** No other session of this person is kept. */
async function isAlone(app: App, sub: string): Promise<boolean> {
  const prefix = prefixOf(app);
  const sessions = await app.storage.list();
  return !sessions.some(
    (each) => each.name.startsWith(prefix) && (sub === "" || each.sub === "" || each.sub === sub),
  );
}
