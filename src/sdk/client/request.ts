/** What all requests to a provider have in common. */
import * as oauth from "oauth4webapi";
import { isJsonObject } from "../../oauth/json.ts";
import { AuthError } from "../errors.ts";
import type { Party } from "./party.ts";

/** For every request of oauth4webapi. http reaches loopback addresses only: `server.ts` has checked them. */
export const requestOptions = ({ fetch }: Party) => ({
  [oauth.customFetch]: (url: string, init: RequestInit) => fetch(url, init),
  [oauth.allowInsecureRequests]: true,
});

/** Every error is an `AuthError` that names the provider. */
export async function explained<T>({ provider }: Party, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isTheirs =
      error instanceof oauth.OperationProcessingError ||
      error instanceof oauth.UnsupportedOperationError;
    const own = isTheirs ? explain(error) : error;
    if (own instanceof AuthError && provider) own.provider ??= provider.id;
    throw own;
  }
}

/** An error of oauth4webapi, with both values. It is not kept as the cause, since its own cause holds the tokens. */
function explain(error: Error): AuthError {
  const cause = isJsonObject(error.cause) ? error.cause : {};
  const claims = isJsonObject(cause.claims) ? cause.claims : {};
  const said = (name: string): string => JSON.stringify(claims[name]);
  if (cause.claim === "iss" && cause.expected !== undefined)
    return new AuthError(
      "issuer_mismatch",
      `the ID token says ${said("iss")}, the configuration ${JSON.stringify(cause.expected)}`,
      { hint: "set issuer to exactly what the provider's own metadata says" },
    );
  if (cause.claim === "aud" && cause.expected !== undefined)
    return wrongClient(`the ID token is for ${said("aud")}`, String(cause.expected));
  if (cause.claim === "nonce")
    return new AuthError("login_elsewhere", "the ID token belongs to another sign-in", {
      hint: "let the person sign in again",
    });
  if (cause.claim === "auth_time" && typeof claims.auth_time === "number")
    return new AuthError(
      "step_up_needed",
      `the person signed in ${Math.floor(Date.now() / 1000) - claims.auth_time} s ago, which is longer than maxAge`,
      { hint: "let the person sign in again with maxAge" },
    );
  return new AuthError("invalid_response", `the provider's answer is wrong: ${error.message}`, {
    hint: "check that the issuer is the one you mean",
  });
}

/** A token that was made for another client. */
export const wrongClient = (what: string, client_id: string): AuthError =>
  new AuthError("invalid_response", `${what}, and this client is ${JSON.stringify(client_id)}`, {
    hint: "compare clientId with what the provider shows for this app",
  });
