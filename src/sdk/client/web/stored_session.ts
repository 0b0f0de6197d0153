/** Sessions in a store; the cookie holds the id. */
import { isJsonObject } from "../../../oauth/json.ts";
import type { Keeper } from "./keeper.ts";
import type { Settings } from "./options.ts";
import { endOf, type Session, seconds } from "./session.ts";
import { isSession } from "./session_cookie.ts";
import type { SessionIndex, SessionStore } from "./session_store.ts";

export function storeKeeper(settings: Settings, store: SessionStore): Keeper {
  const { seals } = settings;

  async function reload({ id }: Pick<Session, "id">): Promise<Session | null> {
    const row = await store.get(id);
    const opened = row && (await seals.open("store", row.value));
    // The id is sealed too: a row can't take another one's place.
    if (!isSession(opened?.value) || opened.value.id !== id) return null;
    return { ...opened.value, rev: row?.rev ?? 0 };
  }

  async function save(session: Session): Promise<Session | null> {
    const value = await seals.seal("store", session);
    const isWritten = await store.put(session.id, value, session.rev, indexOf(session, settings));
    return isWritten ? { ...session, rev: session.rev + 1 } : null;
  }

  return {
    isCookie: false,
    async find(cookie) {
      const opened = await seals.open("session", cookie);
      const { id } = isJsonObject(opened?.value) ? opened.value : {};
      const session = typeof id === "string" ? await reload({ id }) : null;
      return session && { session, isNewer: false };
    },
    reload,
    save,
    claim: (session) => save({ ...session, claimed: seconds() }),
    async release({ claimed: _, ...session }) {
      await save(session);
    },
    refused: ({ id }) => store.end({ id }),
    end: ({ id }) => store.end({ id }),
    cookie: ({ id }) => seals.seal("session", { id }),
  };
}

function indexOf(session: Session, settings: Settings): SessionIndex {
  const { user, sid } = session;
  return {
    sub: indexed(user.issuer, user.id),
    ...(sid !== undefined && { sid: indexed(user.issuer, sid) }),
    until: endOf(session, settings),
  };
}

/** Two providers may have the same name for two people. */
export const indexed = (issuer: string, id: string): string => `${issuer} ${id}`;
