/** New tokens for a stored session: one refresh at a time, among all processes. */
import { AuthError } from "../../errors.ts";
import type { Tokens } from "../../tokens.ts";
import { nowInSeconds, withToken } from "../access_token.ts";
import type { Party } from "../party.ts";
import { refreshAgainIfLost } from "../refresh_token.ts";
import type { Need } from "../token_need.ts";
import type { Storage, Writing } from "./storage.ts";
import type { Stored } from "./stored.ts";
import { uninterrupted } from "./uninterrupted.ts";

/** The names of the app and of its session, for messages. */
export interface Place {
  app: string;
  party: Party;
  storage: Storage;
}

/**
 * The session, refreshed unless the need is met by now.
 * @throws AuthError `no_session` after a sign-out, `session_over` when the provider has ended it; others end nothing
 */
export function refreshed(place: Place, name: string, need: Need): Promise<Stored> {
  return place.storage.change(async (writing) => {
    const session = usable(place, await writing.read(name));
    if (need.isMet(session.secrets)) return session;
    return uninterrupted(() => exchanged(place, writing, { session, need }));
  });
}

/** @throws AuthError */
export function usable({ app }: Place, session: Stored | null): Stored {
  if (!session)
    throw new AuthError("no_session", `this session of ${app} was signed out`, {
      hint: `run ${app} login`,
    });
  if (session.ended_at === undefined) return session;
  const since = new Date(session.ended_at * 1000).toISOString();
  throw new AuthError("session_over", `the provider has ended this session of ${app} (${since})`, {
    hint: `run ${app} login`,
  });
}

async function exchanged(
  place: Place,
  writing: Writing,
  { session, need }: { session: Stored; need: Need },
): Promise<Stored> {
  try {
    const tokens = await asked(place, session, need);
    const next = withTokens(session, tokens, need.key);
    const written = await writing.write(next);
    if (written) return written;
    // This process was stopped meanwhile, and taken for dead. Another one has refreshed; this token is good as well.
    usable(place, await writing.read(session.name));
    return next;
  } catch (error) {
    if (!(error instanceof AuthError) || error.code !== "session_over") throw error;
    const newest = usable(place, await writing.read(session.name));
    // Another process had used the same refresh token.
    if (newest.secrets.refresh_token !== session.secrets.refresh_token)
      return need.isMet(newest.secrets)
        ? newest
        : exchanged(place, writing, { session: newest, need });
    await writing.write({ ...newest, ended_at: nowInSeconds() });
    throw error;
  }
}

/** @throws AuthError `sign_in_needed` without a refresh token, and as `refresh` */
async function asked(place: Place, session: Stored, need: Need): Promise<Tokens> {
  const { app, party } = place;
  const { refresh_token } = session.secrets;
  if (refresh_token !== null) return refreshAgainIfLost(party, refresh_token, need);
  throw new AuthError("sign_in_needed", `this session of ${app} can't be refreshed`, {
    hint: `run ${app} login; with offline_access in scope, sessions last`,
  });
}

function withTokens(session: Stored, tokens: Tokens, key: string): Stored {
  const { secrets } = session;
  return {
    ...session,
    secrets: {
      ...secrets,
      refresh_token: tokens.refreshToken ?? secrets.refresh_token,
      tokens: withToken(secrets.tokens, key, tokens),
    },
  };
}
