/** Sessions in the cookie itself. */
import { isJsonObject } from "../../../oauth/json.ts";
import { boundedMap } from "../../bounded_map.ts";
import { AuthError } from "../../errors.ts";
import type { Keeper } from "./keeper.ts";
import type { Settings } from "./options.ts";
import type { Session } from "./session.ts";

/**
 * Characters. Browsers drop cookies of more than 4,096, and servers refuse requests with more than 8 to 16 KB of headers:
 * several cookies for one session would end there.
 */
const MOST = 3800;
/** Sessions whose newest state this process remembers. */
const REMEMBERED = 2000;

/**
 * A browser may send an old cookie once more: from another tab, or because an answer was lost. This process remembers
 * the newest state, so that no refresh token is used twice.
 */
export function cookieKeeper({ seals }: Settings): Keeper {
  const newest = boundedMap<Session>(REMEMBERED);
  const refused = boundedMap<true>(REMEMBERED);
  const nameOf = ({ id, rev }: Session): string => `${id} ${rev}`;
  return {
    isCookie: true,
    async find(cookie) {
      const opened = await seals.open("session", cookie);
      if (!isSession(opened?.value)) return null;
      const sent = opened.value;
      const known = newest.get(sent.id);
      const session = known && known.rev >= sent.rev ? known : sent;
      if (refused.get(nameOf(session))) return null;
      return { session, isNewer: session.rev > sent.rev };
    },
    reload: async ({ id }) => newest.get(id) ?? null,
    async save(session) {
      const next = { ...session, rev: session.rev + 1 };
      newest.set(next.id, next);
      return next;
    },
    claim: async (session) => session,
    async release() {},
    // Not deleted from the browser: another process may have got a new token with the same one, and sent a new cookie.
    async refused(session) {
      refused.set(nameOf(session), true);
    },
    async end({ id }) {
      newest.delete(id);
    },
    cookie: (session) => sealedToFit(session, (value) => seals.seal("session", value)),
  };
}

/** Without what can be done without, in this order: the ID token, the access tokens. */
async function sealedToFit(
  session: Session,
  seal: (value: unknown) => Promise<string>,
): Promise<string> {
  const { idToken: _, ...withoutIdToken } = session;
  const attempts = [session, withoutIdToken, { ...withoutIdToken, tokens: {} }];
  let sealed = "";
  for (const attempt of attempts) {
    sealed = await seal(attempt);
    if (sealed.length <= MOST) return sealed;
  }
  const { user, refreshToken = "" } = session;
  const { raw, ...person } = user;
  const sizes = Object.entries({
    person,
    "claims and onSignIn": raw,
    "refresh token": refreshToken,
  })
    .map(([name, value]) => `${name} ${JSON.stringify(value ?? null).length}`)
    .join(", ");
  throw new AuthError(
    "session_too_large",
    `the session takes ${sealed.length} characters of ${MOST} (${sizes})`,
    { hint: "set session.store, or keep less with session.claims and onSignIn" },
  );
}

/** It was sealed by this app, for this use. */
export const isSession = (value: unknown): value is Session =>
  isJsonObject(value) && isJsonObject(value.tokens);
