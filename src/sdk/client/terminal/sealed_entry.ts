/** Entries of the file, with their secrets sealed or plain. */
import { isJsonObject } from "../../../oauth/json.ts";
import { AuthError } from "../../errors.ts";
import { nowInSeconds } from "../access_token.ts";
import type { AppKey } from "./app_key.ts";
import { seal, unseal } from "./seal.ts";
import type { Entry } from "./session_file.ts";
import type { Secrets, Stored } from "./stored.ts";

/** @throws AuthError `keychain_unavailable`, `storage_unreadable` */
export async function openEntry(
  key: AppKey,
  name: string,
  entry: Entry | undefined,
): Promise<Stored | null> {
  if (!entry) return null;
  const { rev, sub, scope, granted, is_named, ended_at, sealed, plain } = entry;
  const secrets = sealed === undefined ? plain : await unsealed(key, name, sealed);
  if (!isSecrets(secrets)) throw unusable(name, "is not complete");
  return {
    ...{ name, rev, sub, scope, secrets },
    ...(granted !== undefined && { granted }),
    ...(is_named && { is_named }),
    ...(ended_at !== undefined && { ended_at }),
  };
}

async function unsealed(key: AppKey, name: string, sealed: string): Promise<unknown> {
  const opened = await unseal(await key.get(), name, sealed);
  if (opened === "foreign") throw unusable(name, "is sealed with a key that is gone");
  if (opened === "broken") throw unusable(name, "was altered");
  return opened.value;
}

function isSecrets(value: unknown): value is Secrets {
  if (!isJsonObject(value)) return false;
  const { user, refresh_token, tokens } = value;
  const isToken = refresh_token === null || typeof refresh_token === "string";
  const isPerson = user === null || isJsonObject(user);
  return isPerson && isToken && isJsonObject(tokens);
}

const unusable = (name: string, what: string): AuthError =>
  new AuthError("storage_unreadable", `the stored session ${name} ${what}`, {
    hint: "sign in again",
  });

/**
 * The entry in the place of an old one. Members of the old one that this version does not know stay.
 * @param isSealed whether its secrets are sealed
 */
export async function makeEntry(
  key: AppKey,
  stored: Stored,
  { old, isSealed }: { old: Entry | undefined; isSealed: boolean },
): Promise<Entry> {
  const { name, sub, scope, granted, is_named, ended_at, secrets } = stored;
  const { sealed: _1, plain: _2, ended_at: _3, is_named: _4, granted: _5, ...kept } = old ?? {};
  return {
    ...kept,
    ...{ rev: (old?.rev ?? 0) + 1, sub, scope, at: nowInSeconds() },
    ...(granted !== undefined && { granted }),
    ...(is_named && { is_named }),
    ...(ended_at !== undefined && { ended_at }),
    ...(isSealed ? { sealed: await seal(await key.get(), name, secrets) } : { plain: secrets }),
  };
}
