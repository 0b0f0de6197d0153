/**
 * `valetkey/resource-server/mcp`: protects servers of the Model Context Protocol. `mcp` is for the official SDK from
 * version 2 on, and for every other handler of that shape; `verifier` is for middleware of the SDK that checks tokens
 * itself.
 */
import { AuthError } from "../errors.ts";
import { type AuthInfo, authInfoOf } from "./mcp_auth_info.ts";
import { readMessage, scopesOf, type Tools } from "./mcp_message.ts";
import type { Guard, ProtectOptions } from "./options.ts";
import { protect } from "./protect.ts";

export type { AuthInfo } from "./mcp_auth_info.ts";
export type { Tools } from "./mcp_message.ts";

export interface McpOptions extends ProtectOptions {
  /**
   * Scopes that single tools need beside `scopes`, by the name of the tool. A call without them is answered 403, so that
   * the client asks the person for what it has and what is missing. They are not published: an app asks for them when it
   * needs them. Default: none.
   */
  tools?: Tools;
}

/** What `createMcpHandler` of `@modelcontextprotocol/server` returns, or anything else with this method. */
export interface McpHandler {
  fetch(request: Request, options: { authInfo: AuthInfo; parsedBody?: unknown }): Promise<Response>;
}

/**
 * A handler that runs only for requests with a token that is enough, and that answers for the metadata (RFC 9728).
 * With `tools`, the body of a request is read here, 4 MB at most, and handed on as `parsedBody`.
 *
 * @example
 * const handler = createMcpHandler(() => server());
 * export default { fetch: mcp({ issuer, audience: "https://api.example.com/mcp" }, handler) };
 * @throws AuthError `configuration` for options that can't be used, such as an audience that is no URL
 */
export function mcp(
  { tools = {}, ...options }: McpOptions,
  handler: McpHandler,
): (request: Request) => Promise<Response> {
  const guard = protect(options);
  const resource = resourceOf(guard);
  const reads = Object.keys(tools).length > 0;

  return async (request) => {
    const document = guard.metadata(request);
    if (document) return document;
    // Only an app with a token makes this server read a body.
    const access = await guard(request);
    if (access instanceof Response) return access;
    const token = bearerOf(request);
    const authInfo = authInfoOf({ token, access, resource });
    if (!reads || request.body === null) return handler.fetch(request, { authInfo });
    const parsedBody = await readMessage(request);
    if (parsedBody instanceof Response) return parsedBody;
    const enough = await guard(request, { scopes: scopesOf(parsedBody, tools) });
    if (enough instanceof Response) return enough;
    return handler.fetch(request, { authInfo, parsedBody });
  };
}

/** Why a token is refused, for people and as a code of RFC 6750 or RFC 9470. */
export type Refuse = (
  reason: string,
  code: "invalid_token" | "insufficient_scope" | "insufficient_user_authentication",
) => Error;

/** The body of a guard's answer to a token. */
interface Body {
  error?: Parameters<Refuse>[1];
  error_description?: string;
}

/**
 * A verifier for `requireBearerAuth`, of version 1 of the SDK and of the Express adapter of version 2. It checks the
 * token and the needs of the guard.
 *
 * @param refuse makes the error that the SDK knows as a refusal; it answers 500 to all others
 * @example
 * verifier(guard, (reason) => new InvalidTokenError(reason)) // version 1
 * verifier(guard, (reason, code) => new OAuthError(code, reason)) // version 2
 * @throws AuthError `configuration` for a guard whose audience is no URL
 */
export function verifier(
  guard: Guard,
  refuse: Refuse,
): { verifyAccessToken(token: string): Promise<AuthInfo> } {
  const resource = resourceOf(guard);
  return {
    async verifyAccessToken(token) {
      const headers = { get: () => `Bearer ${token}` };
      const access = await guard({ url: resource.url.href, headers });
      if (!(access instanceof Response)) return authInfoOf({ token, access, resource });
      // No error: the text has no form of a token.
      const { error = "invalid_token", error_description: reason = "the token is malformed" } =
        (await access.json()) as Body;
      if (access.status !== 503) throw refuse(reason, error);
      throw new AuthError("issuer_unreachable", reason, {
        hint: "check that this machine reaches the issuer",
        retryable: true,
      });
    },
  };
}

/** @throws AuthError when the audience is no URL, since clients of MCP compare it with the address of the server */
function resourceOf({ audience, metadataUrl }: Guard): { url: URL; metadataUrl: string } {
  if (metadataUrl !== null) return { url: new URL(audience), metadataUrl };
  throw new AuthError("configuration", `the audience ${JSON.stringify(audience)} is no URL`, {
    hint: "set it to the address at which apps reach the MCP server",
  });
}

/** The guard has accepted it. */
const bearerOf = (request: Request): string =>
  (request.headers.get("authorization") ?? "").replace(/^\S+ +/, "");
