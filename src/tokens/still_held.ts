/**
 * An access token holds the permissions of its time. The present permissions of its grant, or of its client, count:
 * some may have been taken back since, and the holder of a leaked secret can seal any contents.
 */
import { allowedOwnScope, mayAsk } from "../clients/client_scope.ts";
import { type Permission, permissionOf, resourceOf } from "../oauth/permission.ts";
import type { Catalogue } from "../oauth/resource_indicator.ts";
import { formatScope } from "../oauth/scope.ts";
import type { ClientRecord } from "../store/records.ts";
import type { AccessTokenClaims } from "./access_token.ts";

type Said = Pick<AccessTokenClaims, "aud" | "scope">;

const cut = (
  aud: readonly string[],
  { scope }: Said,
  holds: (name: string) => boolean,
): Said | null => {
  const [only, ...more] = aud;
  if (only === undefined) return null;
  const held = scope?.split(" ").filter(holds) ?? [];
  return {
    aud: more.length === 0 ? only : [...aud],
    ...(held.length > 0 && { scope: formatScope(held) }),
  };
};

/** @returns null when the grant no longer holds anything of its audience */
export function heldByGrant(said: Said, held: readonly Permission[]): Said | null {
  const aud = [said.aud].flat().filter((uri) => held.some((each) => resourceOf(each) === uri));
  return cut(aud, said, (name) => aud.some((uri) => held.includes(permissionOf(uri, name))));
}

/** The same for a client's token for itself. */
export function heldByClient(said: Said, client: ClientRecord, catalogue: Catalogue): Said | null {
  const aud = [said.aud].flat().filter((uri) => mayAsk(uri, client, catalogue));
  const allowed = allowedOwnScope(client, catalogue);
  return cut(aud, said, (name) => allowed.includes(name));
}
