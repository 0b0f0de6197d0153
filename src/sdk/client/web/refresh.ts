/** New tokens for a session: one refresh at a time, whoever needs it. */
import { AuthError } from "../../errors.ts";
import type { Tokens } from "../../tokens.ts";
import { refresh } from "../refresh_token.ts";
import { checkSamePerson } from "../same_person.ts";
import type { Keeper } from "./keeper.ts";
import type { Registered, Settings } from "./options.ts";
import { type AccessToken, type Session, seconds } from "./session.ts";

/** What is to be true of a session afterwards. */
export interface Need {
  /** The access token, by what it is asked for; `""`: that of the sign-in. */
  key: string;
  /** As in `TokenOptions`. */
  resource: string | undefined;
  /** As in `TokenOptions`. */
  scope: string | undefined;
  /** Whether the session is as it has to be. */
  isMet(session: Session): boolean;
}

export type Refresh = (session: Session, need: Need) => Promise<Session>;

/** Seconds after which a process that claimed a refresh is thought to be gone. A refresh takes 8 at most. */
const CLAIM = 10;
/** While another process refreshes: milliseconds between looks, and seconds in all. */
const PAUSE = 100;
const PATIENCE = 15;

/**
 * Refreshes a session unless the need is met. Calls for one session wait for each other.
 * @throws AuthError `session_over` when the provider has ended it; other errors end nothing
 */
export function refresher(settings: Settings, keeper: Keeper): Refresh {
  const running = new Map<string, { key: string; done: Promise<Session> }>();
  return async (first, need) => {
    let session = first;
    while (!need.isMet(session)) {
      const other = running.get(session.id);
      if (other?.key === need.key) return other.done;
      if (!other) {
        const done = refreshed({ settings, keeper }, session, need).finally(() =>
          running.delete(session.id),
        );
        running.set(session.id, { key: need.key, done });
        return done;
      }
      // Another token of the same session: its refresh token comes first.
      session = await other.done.catch(() => session);
      session = (await keeper.reload(session)) ?? session;
    }
    return session;
  };
}

interface Place {
  settings: Settings;
  keeper: Keeper;
}

async function refreshed(place: Place, first: Session, need: Need): Promise<Session> {
  const { keeper } = place;
  const began = seconds();
  let session = first;
  while (seconds() - began < PATIENCE) {
    const isClaimed = session.claimed !== undefined && seconds() - session.claimed < CLAIM;
    const claimed = isClaimed ? null : await keeper.claim(session);
    if (claimed) return exchanged(place, claimed, need);
    // Another process is refreshing it.
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    const next = await keeper.reload(session);
    if (!next) throw sessionOver();
    session = next;
    if (session.claimed === undefined && need.isMet(session)) return session;
  }
  throw new AuthError(
    "storage_busy",
    `another process has been changing this session for ${PATIENCE} s`,
    {
      hint: "try again; does put of session.store compare rev?",
      retryable: true,
    },
  );
}

async function exchanged(place: Place, session: Session, need: Need): Promise<Session> {
  const { keeper, settings } = place;
  const { party, resource } = registeredOf(settings, session);
  const asked = need.resource ?? resource;
  try {
    const tokens = await refresh(party, refreshTokenOf(session), {
      ...(asked !== undefined && { resource: asked }),
      ...(need.scope !== undefined && { scope: need.scope }),
    });
    checkSamePerson(session.idToken, tokens.idToken);
    const saved = await keeper.save(withTokens(session, tokens, need.key));
    if (saved) return saved;
  } catch (error) {
    if (!(error instanceof AuthError) || error.code !== "session_over") {
      await keeper.release(session);
      throw error;
    }
    const newest = await keeper.reload(session);
    // Somebody else had used the same refresh token.
    if (newest && newest.refreshToken !== session.refreshToken) return newest;
    await keeper.refused(session);
    throw error;
  }
  throw sessionOver();
}

/** Sessions of providers that were removed since are none: `visit.ts` looks. */
export function registeredOf({ providers }: Settings, { provider }: Session): Registered {
  const registered = providers.get(provider);
  if (registered) return registered;
  throw sessionOver();
}

function refreshTokenOf({ refreshToken }: Session): string {
  if (refreshToken !== undefined) return refreshToken;
  throw new AuthError("sign_in_needed", "the session has no refresh token for a new access token", {
    hint: "send the person through login(), with offline_access in scope",
  });
}

function withTokens(session: Session, tokens: Tokens, key: string): Session {
  const { claimed: _, ...rest } = session;
  const { refreshToken, idToken } = tokens;
  return {
    ...rest,
    ...(refreshToken !== undefined && { refreshToken }),
    // Kept only where it is of use.
    ...(rest.idToken !== undefined && idToken !== undefined && { idToken }),
    checked: seconds(),
    tokens: { ...rest.tokens, [key]: accessTokenOf(tokens) },
  };
}

export const accessTokenOf = ({ accessToken, expiresAt }: Tokens): AccessToken => ({
  ...{ accessToken, expiresAt },
});

export const sessionOver = (): AuthError =>
  new AuthError("session_over", "the session has ended meanwhile", {
    hint: "send the person through login()",
  });
