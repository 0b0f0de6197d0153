/** Where sessions are: in the cookie itself, or in a store. */
import type { Session } from "./session.ts";

export interface Found {
  session: Session;
  /** The cookie is older than the session: the browser needs a new one. */
  isNewer: boolean;
}

export interface Keeper {
  /** A change of the session is a change of the cookie. */
  isCookie: boolean;
  /** The session of a cookie, in its newest state. @returns null when it can't be read, or has ended */
  find(cookie: string): Promise<Found | null>;
  /** The newest state. @returns null when it has ended, or is not known here */
  reload(session: Pick<Session, "id">): Promise<Session | null>;
  /** @returns the session with its new `rev`; null when it was changed or ended by somebody else */
  save(session: Session): Promise<Session | null>;
  /** Before a refresh: no other process begins one. @returns null when another one was faster */
  claim(session: Session): Promise<Session | null>;
  /** After a refresh that failed: others may try. */
  release(session: Session): Promise<void>;
  /** The provider says that this refresh token no longer counts. */
  refused(session: Session): Promise<void>;
  /** The person has signed out. */
  end(session: Session): Promise<void>;
  /** @throws AuthError `session_too_large` */
  cookie(session: Session): Promise<string>;
}
