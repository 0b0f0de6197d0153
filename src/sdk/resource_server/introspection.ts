/** Asks the issuer about a token (RFC 7662). */
import { isJsonObject } from "../../oauth/json.ts";
import { AuthError } from "../errors.ts";
import { type BoundedFetch, readJson } from "../fetch.ts";
import { readAccess, refused } from "./jwt.ts";
import type { Access, ProtectOptions } from "./options.ts";

interface Asking {
  /** The introspection endpoint. */
  address: string;
  issuer: string;
  audience: string;
  credentials: NonNullable<ProtectOptions["credentials"]>;
  fetch: BoundedFetch;
}

/**
 * @throws AuthError `token_refused` for a token that does not hold, `configuration` for wrong credentials, or that the
 * issuer did not answer
 */
export async function introspect(
  token: string,
  { address, issuer, audience, credentials, fetch }: Asking,
): Promise<Access> {
  const response = await fetch(address, {
    method: "POST",
    headers: { authorization: basic(credentials), accept: "application/json" },
    body: new URLSearchParams({ token, token_type_hint: "access_token" }),
  });
  const { status } = response;
  const answer = await readJson(response);
  if (status === 400 || status === 401 || status === 403)
    throw new AuthError("configuration", `${address} refuses the credentials of this API`, {
      ...{ hint: "give those that `valetkey client add --resource URL` printed", status },
    });
  if (status !== 200 || !isJsonObject(answer) || typeof answer.active !== "boolean")
    throw new AuthError("issuer_unreachable", `${address} answered with status ${status}`, {
      ...{ hint: "try again later", retryable: true, status },
    });
  if (!answer.active) throw refused("the token does not hold: it is unknown, expired or revoked");
  if (String(answer.token_type ?? "bearer").toLowerCase() !== "bearer")
    throw refused("the token is bound to a key", "get a Bearer token");
  // The members that RFC 7662 §2.2 leaves optional: the issuer is the one that was asked.
  const { iss = issuer, sub = answer.client_id, exp = Number.MAX_SAFE_INTEGER } = answer;
  return readAccess({ ...answer, iss, sub, exp }, { issuer, audience });
}

/** Both parts are encoded as form values first (RFC 6749 §2.3.1). */
function basic({ clientId, clientSecret }: Asking["credentials"]): string {
  const encode = (text: string) => new URLSearchParams({ "": text }).toString().slice(1);
  return `Basic ${btoa(`${encode(clientId)}:${encode(clientSecret)}`)}`;
}
