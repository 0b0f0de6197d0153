/** Where sessions are kept: the file of the app, its secrets sealed with the key in the keychain. */
import { join } from "node:path";
import { nowInSeconds } from "../access_token.ts";
import { type AppKey, appKey, reasonOf, shortReason, unavailable } from "./app_key.ts";
import type { Keychain } from "./keychain.ts";
import { type Lock, takeLock } from "./lock.ts";
import { makeEntry, openEntry } from "./sealed_entry.ts";
import { type Contents, type Draft, draftOf, readContents } from "./session_file.ts";
import { makeFolder } from "./state_folder.ts";
import { providerIn, type Stored } from "./stored.ts";

/** What is known of a session without its secrets. */
export interface Listed {
  name: string;
  /** The person's id at the issuer; empty where the sign-in did not ask who it is. */
  sub: string;
  /** The app has chosen the name of the account. */
  is_named: boolean;
  /** The one that is used unless an account is named. */
  is_current: boolean;
  /** The provider has ended it. */
  has_ended: boolean;
}

export interface Storage {
  /** Where it is, for people. */
  place(): Promise<string>;
  /** All sessions, that of the last sign-in first. */
  list(): Promise<Listed[]>;
  /** The name of the session of the last sign-in; it may be gone. Null: nobody has signed in yet. */
  last(): Promise<string | null>;
  /** @throws AuthError `storage_unreadable`, `keychain_unavailable` */
  read(name: string): Promise<Stored | null>;
  /**
   * Alone among all processes that use this storage.
   * @throws AuthError `storage_busy`; `storage_unreadable`, before `work` is called, when nothing can be written
   */
  change<T>(work: (writing: Writing) => Promise<T>): Promise<T>;
  /**
   * Finds out where a new session will be kept, before anybody signs in.
   * @param say is told that there is no keychain, if no session is kept there yet
   * @throws AuthError `keychain_unavailable` when others are sealed, `storage_unreadable` when nothing can be kept
   */
  prepare(say: (line: string) => void): Promise<void>;
}

/** One of the changes can be made, once. */
export interface Writing {
  /** As it is now. */
  read(name: string): Promise<Stored | null>;
  /**
   * Writes a session, if it is still the one that was read, and this process is still alone.
   * @returns what is stored now; null when it is another one
   */
  write(stored: Stored): Promise<Stored | null>;
  /**
   * A new session: it becomes the current one.
   * @param replaces names of other sessions that are removed
   */
  add(stored: Stored, replaces?: readonly string[]): Promise<Stored | null>;
  remove(stored: Stored): Promise<boolean>;
  /** Makes a session the current one. */
  choose(name: string): Promise<boolean>;
}

export interface FileStorageOptions {
  /** The app's name. */
  app: string;
  /** The folder of its sessions. */
  folder: string;
  /** Null: secrets are not sealed. */
  keychain: Keychain | null;
}

/** Seconds for which a session that has ended is kept: it tells what to do. */
const ENDED = 30 * 86_400;

export function fileStorage({ app, folder, keychain }: FileStorageOptions): Storage {
  const path = join(folder, "sessions.json");
  const key = appKey(app, keychain);
  const place: Place = { path, key, isSealing: false };
  const read = async (name: string): Promise<Stored | null> =>
    openEntry(key, name, (await readContents(path)).sessions[name]);
  async function change<T>(work: (writing: Writing) => Promise<T>): Promise<T> {
    makeFolder(folder);
    const lock = await takeLock(join(folder, "sessions.lock"));
    try {
      const draft = await draftOf(path);
      try {
        return await work({ read, ...writing(place, lock, draft) });
      } finally {
        await draft.drop();
      }
    } finally {
      lock.release();
    }
  }
  return {
    read,
    async place() {
      const { key: where } = await readContents(path);
      return where === "keychain" ? `${path}, sealed with a key in the keychain` : path;
    },
    async list() {
      const { current, sessions } = await readContents(path);
      return Object.entries(sessions)
        .reverse()
        .map(([name, { sub, is_named = false, ended_at }]) => ({
          ...{ name, sub, is_named, has_ended: ended_at !== undefined },
          is_current: current[providerIn(name)] === name,
        }));
    },
    async last() {
      return Object.values((await readContents(path)).current).at(-1) ?? null;
    },
    change,
    async prepare(say) {
      // A file that can't be read, and a disk that is full, are known now.
      const contents = await change(() => readContents(path));
      place.isSealing = false;
      if (!keychain) return;
      try {
        await key.make(folder);
        place.isSealing = true;
      } catch (cause) {
        if (contents.key === "keychain") throw unavailable(app, reasonOf(cause), cause);
        if (Object.keys(contents.sessions).length === 0)
          say(
            `No keychain here (${shortReason(cause)}): the session is kept unencrypted in ${path}.`,
          );
      }
    },
  };
}

interface Place {
  path: string;
  key: AppKey;
  /** New sessions are sealed. */
  isSealing: boolean;
}

function writing(place: Place, lock: Lock, draft: Draft): Omit<Writing, "read"> {
  const { path, key } = place;
  /** @param edit makes the change, unless it no longer fits */
  const replace = async (edit: (contents: Contents) => Promise<boolean>): Promise<boolean> => {
    const contents = await readContents(path);
    const fits = (await edit(contents)) && lock.isMine();
    if (!fits) return false;
    sweep(contents);
    await draft.replace(contents);
    return true;
  };
  /** @param replaces null: it is not new */
  const put = async (
    stored: Stored,
    replaces: readonly string[] | null,
  ): Promise<Stored | null> => {
    const isNew = replaces !== null;
    let { rev } = stored;
    const isDone = await replace(async (contents) => {
      const { [stored.name]: old } = contents.sessions;
      if (!isNew && old?.rev !== rev) return false;
      const isSealed = isNew ? place.isSealing : old?.sealed !== undefined;
      const entry = await makeEntry(key, stored, { old, isSealed });
      ({ rev } = entry);
      // Members are in the order of the sign-ins.
      for (const name of isNew ? [stored.name, ...replaces] : []) delete contents.sessions[name];
      contents.sessions[stored.name] = entry;
      if (isNew) {
        makeCurrent(contents, stored.name);
        // Others that are sealed stay so.
        if (isSealed) contents.key = "keychain";
      }
      return true;
    });
    return isDone ? { ...stored, rev } : null;
  };
  return {
    write: (stored) => put(stored, null),
    add: (stored, replaces = []) => put(stored, replaces),
    choose: (name) =>
      replace(async (contents) => {
        if (!contents.sessions[name]) return false;
        makeCurrent(contents, name);
        return true;
      }),
    remove: ({ name, rev }) =>
      replace(async (contents) => {
        if (contents.sessions[name]?.rev !== rev) return false;
        delete contents.sessions[name];
        return true;
      }),
  };
}

function makeCurrent({ current }: Contents, name: string): void {
  const provider = providerIn(name);
  delete current[provider];
  current[provider] = name;
}

function sweep({ sessions }: Contents): void {
  const oldest = nowInSeconds() - ENDED;
  for (const [name, { ended_at }] of Object.entries(sessions))
    if (ended_at !== undefined && ended_at < oldest) delete sessions[name];
}
