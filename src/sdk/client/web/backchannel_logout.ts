/** The provider says that a session has ended (OpenID Connect Back-Channel Logout 1.0 §2.5 to §2.8). */
import { AuthError } from "../../errors.ts";
import { nothing } from "./answers.ts";
import type { App } from "./app.ts";
import { readForm } from "./form.ts";
import { readLogoutToken } from "./logout_token.ts";
import { type Registered, wrong } from "./options.ts";
import { indexed } from "./stored_session.ts";

/** @throws AuthError `configuration` without a store: nobody could find the cookies of a person */
export async function backchannelLogout(
  { settings: { store } }: App,
  request: Request,
  { party }: Registered,
): Promise<Response> {
  if (!store) throw wrong("there is no store to end a session in", "set session.store");
  const form = await readForm(request);
  const { jti, sub, sid, until } = await readLogoutToken(party, form.get("logout_token") ?? "");
  const name = indexed(party.issuer, `jti ${jti}`);
  // Each token once: it must not end a later session of the person.
  if (await store.get(name))
    throw new AuthError("invalid_response", "the logout token was used before", {
      hint: "nothing to do",
    });
  // With a session named, the person's others stay (§2.6).
  await store.end(
    sid === undefined
      ? { sub: indexed(party.issuer, sub ?? "") }
      : { sid: indexed(party.issuer, sid) },
  );
  // Only now: when the store fails, the provider sends the token again.
  await store.put(name, "", 0, { sub: name, until });
  return nothing(200);
}

/** §2.8: the provider learns what is wrong, and tries again when it is not its fault. */
export const backchannelRefusal = ({ code, message, retryable }: AuthError): Response =>
  Response.json(
    {
      error: code === "configuration" ? "server_error" : "invalid_request",
      error_description: message,
    },
    { status: retryable ? 503 : 400, headers: { "cache-control": "no-store" } },
  );
