/** The session of this page, in memory alone. Whatever arrives late loses. */
import type { User } from "../../tokens.ts";
import { isUnexpired } from "../access_token.ts";
import type { Holding } from "../token_need.ts";

/** A session, as the tabs of an app tell it each other. */
export interface Session extends Holding {
  /** Of the sign-in that began it: random. */
  id: string;
  /** When that was, in milliseconds since the epoch. */
  began: number;
  /** Rises with each refresh. */
  rev: number;
  user: User;
  /** For the logout at the provider. */
  id_token: string | undefined;
}

export interface Vault {
  current(): Session | null;
  /** @returns whether the session is now the current one: newer than what was known, and not ended */
  offer(session: Session): boolean;
  /** A session of a new sign-in takes the place of whatever was known; that does not come back. */
  replace(session: Session): void;
  end(id: string): void;
  /** Calls `f` after each change of the session. @returns ends that */
  onChange(f: () => void): () => void;
}

export function createVault(): Vault {
  let current: Session | null = null;
  const ended = new Set<string>();
  const listeners = new Set<() => void>();
  const set = (session: Session | null): void => {
    current = session;
    for (const each of [...listeners]) each();
  };
  return {
    current: () => current,
    offer(session) {
      if (ended.has(session.id) || !isNewer(session, current)) return false;
      set(session);
      return true;
    },
    replace(session) {
      if (current && current.id !== session.id) ended.add(current.id);
      set(session);
    },
    end(id) {
      ended.add(id);
      if (current?.id === id) set(null);
    },
    onChange(f) {
      listeners.add(f);
      return () => listeners.delete(f);
    },
  };
}

/** Of one session the later refresh, of two sessions the later sign-in. */
function isNewer(session: Session, current: Session | null): boolean {
  if (!current) return true;
  return session.id === current.id ? session.rev > current.rev : session.began > current.began;
}

/** Whether it can still give a token. */
export const isAlive = ({ refresh_token, tokens }: Session): boolean =>
  refresh_token !== null || Object.values(tokens).some(isUnexpired);
