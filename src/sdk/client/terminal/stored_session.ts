/** A session that is kept in a storage. */
import { AuthError, whatOf } from "../../errors.ts";
import { onceAtATime } from "../../once.ts";
import { revoke } from "../revocation.ts";
import { type Need, needOf } from "../token_need.ts";
import { forPerson } from "./for_person.ts";
import type { TerminalOptions } from "./options.ts";
import { type Place, refreshed, usable } from "./refresh.ts";
import { type Session, sessionOf } from "./session.ts";
import type { Stored } from "./stored.ts";

/** @param options `resource`: URI of the API that tokens are for, unless another one is asked for */
export function storedSession(
  place: Place,
  stored: Stored,
  { resource, fetch }: Pick<TerminalOptions, "resource" | "fetch">,
): Session {
  const { name } = stored;
  const { issuer } = place.party;
  let known = stored;
  /** One at a time for each token: calls that come meanwhile get the same. */
  const once = onceAtATime<Stored>();

  async function current(need: Need, id: string): Promise<Stored> {
    if (need.isMet(known.secrets)) return known;
    known = await once(id, () => renewed(place, name, need));
    return known;
  }

  return sessionOf({
    ...{ issuer, fetch, user: stored.secrets.user, account: accountIn(place, name) },
    scope: (stored.granted ?? stored.scope).split(" ").filter(Boolean),
    isRenewable: () => known.secrets.refresh_token !== null,
    async token(options) {
      const need = needOf(options, resource);
      const session = await current(need, JSON.stringify(options)).catch((error) => {
        throw forPerson(place.app, error);
      });
      const token = session.secrets.tokens[need.key];
      if (token) return token.access_token;
      throw usableToken(place);
    },
    signOut: () => signOut(place, name),
  });
}

/** Another process may have refreshed it. */
async function renewed(place: Place, name: string, need: Need): Promise<Stored> {
  const session = usable(place, await place.storage.read(name));
  if (need.isMet(session.secrets)) return session;
  // Before the lock, and kept for the refresh: a provider that is slow must not hold up other processes.
  if (session.secrets.refresh_token !== null) await place.party.server();
  return refreshed(place, name, need);
}

const usableToken = ({ app }: Place): AuthError =>
  new AuthError("session_over", `the session of ${app} has changed meanwhile`, {
    hint: "try again",
    retryable: true,
  });

/** Names begin with issuer and client id. */
export const prefixOf = ({ party }: Pick<Place, "party">): string =>
  `${party.issuer} ${party.client.client_id} `;

export const accountIn = (place: Place, name: string): string => name.slice(prefixOf(place).length);

async function signOut(place: Place, name: string): Promise<void> {
  // Another process may refresh at this moment: the tokens that it writes are the ones to end.
  const removed = await place.storage.change(async (writing) => {
    const session = await writing.read(name);
    return session && (await writing.remove(session)) ? session : null;
  });
  const token = removed?.secrets.refresh_token;
  if (!token || removed?.ended_at !== undefined) return;
  try {
    await revoke(place.party, token);
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    // The provider has no way to end it before its time.
    if (error.code === "configuration") return;
    const what = `the session is forgotten here, and the provider could not be told: ${whatOf(error)}`;
    throw new AuthError(error.code, what, {
      hint: "it ends there by itself, or when you remove the app from your account there",
      status: error.status,
      cause: error,
    });
  }
}
