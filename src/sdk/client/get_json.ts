/** What an API of a provider says, asked with the person's token. */
import { isJsonObject } from "../../oauth/json.ts";
import { AuthError } from "../errors.ts";
import { claimsOf, type Tokens } from "../tokens.ts";
import { firstLine, hide } from "./refusal.ts";

/**
 * An object from a provider's API, for the `user` function of a row. `Object.values` lists what is in an array.
 * @param f the `fetch` that `user` receives
 * @throws AuthError `token_refused` when the API refuses the token, `issuer_unreachable` when it is down
 */
export async function getJson(
  f: typeof fetch,
  url: string,
  { accessToken }: Tokens,
): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${accessToken}`, accept: "application/json" };
  const response = await f(url, { headers });
  const { status } = response;
  const body = read(await response.text());
  if (response.ok && isObject(body)) return body;
  const { origin, pathname } = new URL(url);
  const said = hide(complaint(body), [accessToken]);
  const why = said === "" ? "" : ` (${said})`;
  const what = `${origin}${pathname} answered with status ${status}${why}`;
  if (status === 429 || status >= 500)
    throw new AuthError("issuer_unreachable", what, {
      ...{ hint: "try again later", retryable: true, status },
    });
  if ([400, 401, 403].includes(status))
    throw new AuthError("token_refused", what, {
      hint: "is the token expired, or does it lack a scope? refresh it, or let the person sign in again",
      status,
    });
  throw new AuthError("invalid_response", what, {
    hint: "compare the provider's row with its documentation",
    status,
  });
}

const isObject = (body: unknown): body is Record<string, unknown> =>
  typeof body === "object" && body !== null;

/** JSON, or a signed answer (OpenID Connect Core §5.3.2): TLS vouches for its sender. */
function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text) ? claimsOf(text) : undefined;
  }
}

/** The usual places where APIs say what is wrong. */
function complaint(body: unknown): string {
  const { error, error_description, message } = isJsonObject(body) ? body : {};
  const inner = isJsonObject(error) ? error.message : error;
  return [inner, error_description, message].map(firstLine).filter(Boolean).join(": ");
}
