/** Changes of a test issuer that happen without an app: new keys, and the end of what was issued. */

import { revokeClient } from "../clients/end_client.ts";
import type { Server } from "../context.ts";
import { algsInUse } from "../crypto/signing_key.ts";
import { rotateKeys } from "../keys/change_keys.ts";
import { revokePerson } from "../people/end_person.ts";

const BY = { kind: "operator", id: null, via: "code" } as const;
/** More people and clients than a test has. */
const ALL = 1_000_000;

export async function changeKeys(server: Server): Promise<void> {
  const algs = algsInUse(await server.store.listSigningKeys());
  await rotateKeys({ algs, at_once: true }, BY, server);
}

export const endAccessOf = (sub: string, server: Server): Promise<void> =>
  revokePerson({ sub, forget: false }, BY, server);

export async function endAllAccess(server: Server): Promise<void> {
  const { store } = server;
  for (const { sub } of await store.listAccounts({ limit: ALL })) await endAccessOf(sub, server);
  for (const { client_id } of await store.listClients({ limit: ALL }))
    await revokeClient({ client_id, forget: false }, BY, server);
}
