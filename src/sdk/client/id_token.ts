/** The checks of an ID token (OpenID Connect Core §2, §3.1.3.7, §3.1.3.8, §12.2). */
import type { AuthorizationServer } from "oauth4webapi";
import { base64url } from "../base64url.ts";
import { AuthError } from "../errors.ts";
import { claimsOf, headerOf } from "../tokens.ts";
import type { Party } from "./party.ts";

/** Seconds by which the clocks of two machines may differ. */
const SKEW = 30;

export interface Expected {
  /** Of the authorization request. Left out for a refresh, whose ID token need not have one (§12.2). */
  nonce?: string;
  /** Seconds since the person signed in. */
  maxAge?: number;
  /**
   * It came with a refresh, where a difference of clocks is no reason to lose the refresh token that came with it: the
   * one before may be void by now.
   */
  isRefresh?: true;
}

/**
 * Checks everything but the signature: the ID token came from the token endpoint itself, whose certificate vouches for
 * it (§3.1.3.7, step 6).
 * @throws AuthError
 */
export async function checkIdToken(
  party: Party,
  { id_token, access_token }: { id_token: string; access_token: string },
  { nonce, maxAge, isRefresh }: Expected,
): Promise<void> {
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(id_token)) throw invalid("the ID token is not a signed JWT");
  const claims = claimsOf(id_token);
  checkAlgorithm(headerOf(id_token), await party.server(), party);
  const times = timesOf(claims);
  if (!isRefresh) checkClock(times);
  checkIssuer(claims, party);
  checkAudience(claims, party.client.client_id);
  if (typeof claims.sub !== "string" || claims.sub === "") throw missing("sub");
  if (nonce !== undefined) checkNonce(claims, nonce);
  if (maxAge !== undefined) checkAge(times, maxAge);
  await checkAccessToken(id_token, access_token);
}

const invalid = (what: string): AuthError =>
  new AuthError("invalid_response", what, { hint: "check that the issuer is the one you mean" });
const missing = (claim: string): AuthError =>
  invalid(`the claim ${claim} of the ID token is missing, or has a wrong type`);

/** The algorithm of a JWT without a signature (RFC 7518 §3.6). */
const NONE = /^none$/i;

/**
 * One that the provider announces; without a list, RS256 (§3.1.3.7, step 7). A client without a secret shares none with
 * the provider (step 8).
 */
function checkAlgorithm(
  { alg, crit }: Record<string, unknown>,
  { id_token_signing_alg_values_supported: announced }: AuthorizationServer,
  { secret }: Party,
): void {
  const usual = announced ?? ["RS256"];
  const isPossible =
    typeof alg === "string" && !NONE.test(alg) && (secret !== null || !alg.startsWith("HS"));
  if (!isPossible || !usual.includes(alg))
    throw new AuthError(
      "invalid_response",
      `the ID token has the algorithm ${JSON.stringify(alg)}, expected ${usual}`,
      { hint: "let the provider sign ID tokens of this client with RS256 or ES256" },
    );
  if (crit !== undefined) throw invalid(`the ID token needs ${JSON.stringify(crit)} (crit)`);
}

interface Times {
  iat: number;
  exp: number;
  nbf?: number;
  auth_time?: number;
}

/** @throws AuthError for a time that is missing or no number */
function timesOf({ iat, exp, nbf, auth_time }: Record<string, unknown>): Times {
  if (!isTime(iat)) throw missing("iat");
  if (!isTime(exp)) throw missing("exp");
  if (nbf !== undefined && !isTime(nbf)) throw missing("nbf");
  if (auth_time !== undefined && !isTime(auth_time)) throw missing("auth_time");
  return {
    iat,
    exp,
    ...(nbf !== undefined && { nbf }),
    ...(auth_time !== undefined && { auth_time }),
  };
}

/** An ID token was made just now: its times show how far the clocks are apart. */
function checkClock({ iat, exp, nbf }: Times): void {
  const now = Math.floor(Date.now() / 1000);
  const since = Math.max(iat, nbf ?? 0);
  const behind = since - now > SKEW ? `${since - now} s behind` : null;
  const ahead = now - exp >= SKEW ? `${now - since} s ahead` : null;
  const off = behind ?? ahead;
  if (off === null) return;
  throw new AuthError("clock_skew", `this machine is ${off}, by the provider's clock`, {
    hint: "set its clock",
  });
}

const isTime = (value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(value) && value >= 0;

/** Compared byte for byte. Where many tenants share a provider, the ID token names an allowed one. */
function checkIssuer({ iss, tid }: Record<string, unknown>, { issuer, provider }: Party): void {
  const isTenant = typeof tid === "string" && provider?.tenants?.includes(tid);
  const expected = isTenant ? issuer.replace("{tenantid}", tid) : issuer;
  if (expected.includes("{tenantid}"))
    throw new AuthError("access_denied", `the tenant ${JSON.stringify(tid)} is not allowed here`, {
      hint: `to let its people in, add it to tenants, which are ${provider?.tenants?.join(", ")}`,
    });
  if (iss === expected) return;
  throw new AuthError(
    "issuer_mismatch",
    `the ID token says ${JSON.stringify(iss)}, the configuration ${JSON.stringify(expected)}`,
    { hint: "set issuer to exactly what the provider's own metadata says" },
  );
}

/** `azp` is compared wherever it is present, and needed beside several audiences (steps 3 to 5). */
function checkAudience({ aud, azp }: Record<string, unknown>, client_id: string): void {
  const audiences: unknown[] = [aud].flat();
  const id = JSON.stringify(client_id);
  const wrong = (what: string): AuthError =>
    new AuthError("invalid_response", `${what}, and this client is ${id}`, {
      hint: "compare clientId with what the provider shows for this app",
    });
  if (!audiences.includes(client_id))
    throw wrong(`the ID token is for ${JSON.stringify(aud) ?? "nobody"}`);
  if (azp !== undefined && azp !== client_id)
    throw wrong(`the ID token was made for ${JSON.stringify(azp)}`);
  if (audiences.length > 1 && azp === undefined)
    throw wrong(`the ID token is for ${JSON.stringify(aud)} and does not say for whom (azp)`);
}

function checkNonce({ nonce }: Record<string, unknown>, expected: string): void {
  if (nonce === undefined) throw missing("nonce");
  if (nonce === expected) return;
  throw new AuthError("login_elsewhere", "the ID token belongs to another sign-in", {
    hint: "let the person sign in again",
  });
}

function checkAge({ auth_time }: Times, maxAge: number): void {
  if (auth_time === undefined) throw missing("auth_time");
  const age = Math.floor(Date.now() / 1000) - auth_time;
  if (age <= maxAge + SKEW) return;
  throw new AuthError(
    "step_up_needed",
    `the person signed in ${age} s ago, which is longer than maxAge`,
    { hint: "let the person sign in again with maxAge" },
  );
}

/** The access token belongs to this ID token: nobody has exchanged one of them (§3.1.3.8). */
async function checkAccessToken(id_token: string, access_token: string): Promise<void> {
  const { at_hash } = claimsOf(id_token);
  const hash = hashOf(String(headerOf(id_token).alg));
  if (at_hash === undefined || hash === null) return;
  const digest = await crypto.subtle.digest(hash, new TextEncoder().encode(access_token));
  const half = new Uint8Array(digest).slice(0, digest.byteLength / 2);
  if (at_hash === base64url(half)) return;
  throw new AuthError("invalid_response", "the ID token was issued with another access token", {
    hint: "let the person sign in again; should it stay, tell the provider",
  });
}

/** The hash of a signature algorithm; Ed25519 uses SHA-512. Null for one that has none of these. */
function hashOf(alg: string): string | null {
  const [, bits] = /^(?:RS|PS|ES|HS)(256|384|512)K?$/.exec(alg) ?? [];
  if (bits !== undefined) return `SHA-${bits}`;
  return alg === "EdDSA" || alg === "Ed25519" ? "SHA-512" : null;
}
