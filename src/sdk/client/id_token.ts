/** The checks of an answer with an ID token (OpenID Connect Core §3.1.3.7, §3.1.3.8, §12.2). */
import * as oauth from "oauth4webapi";
import { base64url } from "../base64url.ts";
import { AuthError } from "../errors.ts";
import { claimsOf, headerOf } from "../tokens.ts";
import type { Party } from "./party.ts";
import { wrongClient } from "./request.ts";

/** Seconds by which the clocks of two machines may differ. */
const SKEW = 30;

export interface Expected {
  /** Of the authorization request. Left out for a refresh, whose ID token need not have one (§12.2). */
  nonce?: string;
  /** An answer without an ID token is refused. */
  idToken: boolean;
  /** Seconds since the person signed in. */
  maxAge?: number;
}

/**
 * The answer of the token endpoint, checked. The signature of the ID token is not: it came from the token endpoint
 * itself, whose certificate vouches for it (§3.1.3.7, step 6).
 * @throws AuthError
 */
export async function processed(
  server: oauth.AuthorizationServer,
  party: Party,
  { body, expected }: { body: Record<string, unknown>; expected: Expected },
): Promise<oauth.TokenEndpointResponse> {
  const { id_token } = body;
  if (typeof id_token !== "string" && expected.idToken)
    throw new AuthError("invalid_response", "the answer has no ID token", {
      hint: "is this client allowed to ask for the scope openid?",
    });
  if (typeof id_token !== "string") return onlyBearer(await process(server, party, { body }));
  const claims = claimsOf(id_token);
  checkClock(claims);
  const of_tenant = { ...server, issuer: issuerOf(claims, party) };
  const answer = await process(of_tenant, party, { body, expected });
  checkAuthorizedParty(claims, party);
  await checkAccessToken(id_token, answer.access_token);
  return onlyBearer(answer);
}

/** A token that is bound to a key is of no use here, and must not be sent without its proof. */
function onlyBearer(answer: oauth.TokenEndpointResponse): oauth.TokenEndpointResponse {
  if (answer.token_type === "bearer") return answer;
  throw new AuthError("invalid_response", `the token type is ${answer.token_type}, not Bearer`, {
    hint: "ask the provider for Bearer tokens for this client",
  });
}

function process(
  server: oauth.AuthorizationServer,
  { client }: Party,
  { body, expected }: { body: Record<string, unknown>; expected?: Expected },
): Promise<oauth.TokenEndpointResponse> {
  const response = Response.json(body);
  const { nonce, maxAge } = expected ?? {};
  if (nonce === undefined)
    return oauth.processGenericTokenEndpointResponse(server, client, response);
  return oauth.processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: nonce,
    requireIdToken: true,
    ...(maxAge !== undefined && { maxAge }),
  });
}

/** An ID token was made just now: its times show how far the clocks are apart. */
function checkClock({ iat, exp, nbf }: Record<string, unknown>): void {
  const now = Math.floor(Date.now() / 1000);
  const since = Math.max(typeof iat === "number" ? iat : 0, typeof nbf === "number" ? nbf : 0);
  const behind = since - now > SKEW ? `${since - now} s behind` : null;
  const ahead = typeof exp === "number" && now - exp > SKEW ? `${now - since} s ahead` : null;
  const off = behind ?? ahead;
  if (off === null) return;
  throw new AuthError("clock_skew", `this machine is ${off}, by the provider's clock`, {
    hint: "set its clock",
  });
}

/** The issuer that the ID token has to name. Where many tenants share a provider, it names an allowed one. */
function issuerOf({ tid }: Record<string, unknown>, { issuer, provider }: Party): string {
  if (!issuer.includes("{tenantid}")) return issuer;
  if (typeof tid === "string" && provider?.tenants?.includes(tid))
    return issuer.replace("{tenantid}", tid);
  throw new AuthError("access_denied", `the tenant ${JSON.stringify(tid)} is not allowed here`, {
    hint: `to let its people in, add it to tenants, which are ${provider?.tenants?.join(", ")}`,
  });
}

/** oauth4webapi checks `azp` only beside several audiences; OpenID Connect Core §3.1.3.7 wherever it is present. */
function checkAuthorizedParty({ azp }: Record<string, unknown>, { client }: Party): void {
  if (azp === undefined || azp === client.client_id) return;
  throw wrongClient(`the ID token was made for ${JSON.stringify(azp)}`, client.client_id);
}

/** The access token belongs to this ID token: nobody has exchanged one of them (§3.1.3.8). */
async function checkAccessToken(id_token: string, access_token: string): Promise<void> {
  const { at_hash } = claimsOf(id_token);
  if (at_hash === undefined) return;
  const digest = await crypto.subtle.digest(
    hashOf(String(headerOf(id_token).alg)),
    new TextEncoder().encode(access_token),
  );
  const half = new Uint8Array(digest).slice(0, digest.byteLength / 2);
  if (at_hash === base64url(half)) return;
  throw new AuthError("invalid_response", "the ID token was issued with another access token", {
    hint: "let the person sign in again; should it stay, tell the provider",
  });
}

/** The hash of a signature algorithm; Ed25519 uses SHA-512. */
function hashOf(alg: string): string {
  const [bits = "512"] = /(?:256|384|512)$/.exec(alg) ?? [];
  // The 25519 of a curve is no length of a hash.
  return alg.startsWith("Ed") ? "SHA-512" : `SHA-${bits}`;
}
