/** Ends the access of a client, or removes the client itself. */
import { type Actor, type Env, eventOf, secondsNow } from "../operation.ts";
import type { ClientRecord } from "../store/records.ts";
import { describeClient } from "./describe_client.ts";
import { checkMay } from "./rules.ts";

/** Few processes change a client at the same time: after so many tries, something else is wrong. */
const MOST_TRIES = 20;

/**
 * Ends the grants and tokens of all people at this client, and its tokens for itself. It stays registered.
 * @param input.forget also forgets people's consents. Otherwise the client gets access again without asking when they
 * next sign in
 * @returns false when there is no such client
 */
export async function revokeClient(
  { client_id, forget }: { client_id: string; forget: boolean },
  by: Actor,
  env: Env,
): Promise<boolean> {
  const { store } = env;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const before = await store.findClient(client_id);
    if (!before) return false;
    checkMay(before, by);
    const ends = { now: secondsNow(env), grants: true, consents: forget };
    const about = { by, sub: before.owner_sub, client_id, details: { ended: ["grants"], forget } };
    const events = [eventOf("client_revoked", about, env)];
    if (await store.updateClient(before, { before, ends, events })) return true;
  }
  throw new Error("the client was changed by others again and again");
}

/** Deletes a client with its grants and consents. False: it no longer exists. */
export function removeClient(client: ClientRecord, by: Actor, env: Env): Promise<boolean> {
  checkMay(client, by);
  const { client_id, owner_sub: sub } = client;
  const { secrets: _, ...before } = describeClient(client);
  const events = [eventOf("client_removed", { by, sub, client_id, before }, env)];
  // Otherwise strangers could fill the table of events with clients that they add and remove.
  const forget_unused = by.kind === "client";
  return env.store.removeClient(client_id, secondsNow(env), { events, forget_unused });
}
