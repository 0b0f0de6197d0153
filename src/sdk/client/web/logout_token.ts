/** Logout tokens, by which a provider says that a session has ended (OpenID Connect Back-Channel Logout 1.0 §2.4, §2.6). */
import { isJsonObject } from "../../../oauth/json.ts";
import { AuthError } from "../../errors.ts";
import { claimsOf, headerOf } from "../../tokens.ts";
import type { Party } from "../party.ts";
import { isSignedBy } from "./provider_keys.ts";
import { seconds } from "./session.ts";

const EVENT = "http://schemas.openid.net/event/backchannel-logout";
/** Seconds by which clocks may differ, and since a token was made. */
const SKEW = 30;
const OLDEST = 300;
type Claims = Record<string, unknown>;

export interface Ended {
  jti: string;
  sub?: string;
  sid?: string;
  /** When the token can no longer be used, in seconds. */
  until: number;
}

/** @throws AuthError `invalid_response` for a token that is not genuine, `issuer_unreachable` without keys */
export async function readLogoutToken(party: Party, token: string): Promise<Ended> {
  const [, signed = "", signature = ""] = /^([\w-]+\.[\w-]+)\.([\w-]+)$/.exec(token) ?? [];
  // Base64 has no such length.
  if (signature.length % 4 === 1) throw refused("it is cut off");
  const { alg, kid, typ = "jwt", crit } = headerOf(signed);
  const claims = claimsOf(signed);
  // Recommended (§2.4); not all providers set it. Another type is another kind of token.
  if (!/^(?:application\/)?(?:logout\+)?jwt$/i.test(String(typ)))
    throw refused(`its typ is ${typ}`);
  if (crit !== undefined) throw refused("it has extensions");
  checkClaims(claims, party);
  const ended = endedBy(claims);
  if (await isSignedBy(party, { alg, kid }, { signed, signature })) return ended;
  throw refused("its signature is wrong");
}

/** §2.6: as those of an ID token. */
function checkClaims({ iss, aud, iat, exp }: Claims, { issuer, client }: Party): void {
  const now = seconds();
  if (iss !== issuer) throw refused(`it is from ${JSON.stringify(iss)}, not from ${issuer}`);
  if (![aud].flat().includes(client.client_id)) throw refused(`it is for ${JSON.stringify(aud)}`);
  if (typeof iat !== "number" || iat > now + SKEW || iat < now - OLDEST)
    throw refused("it was not made just now");
  if (exp !== undefined && (typeof exp !== "number" || exp < now - SKEW))
    throw refused("it has expired");
}

function endedBy({ jti, sub, sid, iat, events, nonce }: Claims): Ended {
  if (!isJsonObject(events) || !isJsonObject(events[EVENT])) throw refused("it has not the event");
  // An ID token must not pass for one.
  if (nonce !== undefined) throw refused("it has a nonce");
  if (typeof jti !== "string") throw refused("it has no jti");
  const names = {
    ...(typeof sub === "string" && { sub }),
    ...(typeof sid === "string" && { sid }),
  };
  if (Object.keys(names).length === 0) throw refused("it names neither sub nor sid");
  return { ...names, jti, until: Number(iat) + OLDEST + SKEW };
}

const refused = (why: string): AuthError =>
  new AuthError("invalid_response", `the logout token is refused: ${why}`, {
    hint: "compare issuer and clientId with what the provider shows",
  });
