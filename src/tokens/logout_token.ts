/** Logout tokens (OpenID Connect Back-Channel Logout §2.4). */
import type { Server } from "../context.ts";
import { randomText } from "../crypto/hash.ts";
import type { ClientRecord, ClientSessionRecord } from "../store/records.ts";
import { signerFor, withSigningKeys } from "./sign.ts";

/** Seconds: long enough for clocks that differ, too short to be sent again by somebody else. */
const LIFE = 120;
const EVENT = "http://schemas.openid.net/event/backchannel-logout";

/**
 * Signs one like the client's ID tokens. It has no `nonce`, so that it can't pass for an ID token.
 * @param told the names of the person and the session in the client's ID tokens
 * @throws KeysSealed, DatabaseUnavailable
 */
export function mintLogoutToken(
  client: ClientRecord,
  { sent_sub, sent_sid }: Pick<ClientSessionRecord, "sent_sub" | "sent_sid">,
  server: Pick<Server, "issuer" | "keys" | "addFirstKeys" | "clock">,
): Promise<string> {
  const now = Math.floor(server.clock() / 1000);
  const claims = {
    iss: server.issuer,
    sub: sent_sub,
    aud: client.client_id,
    iat: now,
    exp: now + LIFE,
    jti: randomText(16),
    sid: sent_sid,
    events: { [EVENT]: {} },
  };
  return withSigningKeys(
    (keys) => signerFor(client, "logout_token", { keys, now }).sign(claims),
    server,
  );
}
