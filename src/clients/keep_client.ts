/** How long clients that registered themselves stay: no table may grow with those that nobody uses. */
import type { Context } from "../context.ts";
import type { ClientOrigin, ClientRecord } from "../store/records.ts";

const A_DAY = 86_400;
const A_YEAR = 365 * A_DAY;
/** Seconds in which somebody has to agree to a new client. */
export const UNUSED_LIFE = A_DAY;

/** Clients that nobody here added, and nobody but their users would miss. */
const UNCHECKED: readonly ClientOrigin[] = ["registration", "metadata_document"];

/** For each record, the end that this process has written: once a day is enough. */
const written = new WeakMap<ClientRecord, number>();

/**
 * Before a grant: the client stays for a year more, and no shorter than the grant. The client's own row says so, since
 * its grants may be on any node of a distributed database.
 */
export async function keepClient(client: ClientRecord, { store, settings, now }: Context) {
  if (!UNCHECKED.includes(client.created_by)) return;
  const stays = Math.max(A_YEAR, settings.lifetimes.refresh_token);
  const until = Math.ceil((now + stays) / A_DAY) * A_DAY;
  if (written.get(client) === until) return;
  await store.keepClient(client.client_id, { now, until });
  written.set(client, until);
}
