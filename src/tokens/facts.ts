/** Loads everything that the rules need to judge a grant, before anything is judged. */
import { asGranted } from "../clients/document_client.ts";
import type { Context } from "../context.ts";
import type { Person } from "../people/users.ts";
import type { ClientRecord, GrantRecord, SessionRecord } from "../store/records.ts";

export interface Facts {
  readonly grant: GrantRecord;
  /** The client of the grant; null: it was removed. */
  readonly client: ClientRecord | null;
  /** The session that the grant is tied to; null: there is none, or it has ended. */
  readonly session: SessionRecord | null;
  /** Null: the person no longer exists. */
  readonly person: Person | null;
}

/**
 * @param proves whether the presented key belongs to this grant. If not, nothing more is read: a guess must not make
 * the server look up a person.
 * @returns null when there is no such grant, or the key does not belong to it
 */
export async function loadFacts(
  grant_id: string,
  { store, users }: Context,
  proves: (grant: GrantRecord) => boolean = () => true,
): Promise<Facts | null> {
  const loaded = await store.loadGrant(grant_id);
  if (!loaded || !proves(loaded.grant)) return null;
  const { grant, session } = loaded;
  // The client that asks may be another one. The rules compare them.
  const client = asGranted(await store.findClient(grant.client_id), grant);
  return { grant, client, session, person: await users.find(grant.sub) };
}
