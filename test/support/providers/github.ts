/** GitHub as its row describes it: an OAuth App, or a GitHub App with tokens that expire. */
import {
  type Answer,
  bearer,
  isClient,
  type Loopback,
  loopback,
  memory,
  redirect,
  wrongRequest,
} from "./loopback.ts";

const ISSUER = "https://github.com/login/oauth";
const DOCUMENT = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/access_token`,
  response_types_supported: ["code"],
  code_challenge_methods_supported: ["S256"],
  scopes_supported: ["offline_access"],
  authorization_response_iss_parameter_supported: true,
};
const HOSTS = ["github.com", "api.github.com"];

export interface GithubSettings {
  app: "oauth" | "github";
  person: { id: number; login: string; name: string | null };
  emails: { email: string; primary: boolean; verified: boolean }[] | "hidden";
  /** The person says no. */
  denies?: boolean;
}

export const OCTOCAT = { id: 583231, login: "octocat", name: "The Octocat" };

export async function githubServer(settings: GithubSettings): Promise<Loopback> {
  const { codeFor, redeem, newRefreshToken, refresh_tokens } = memory();
  const tokens = new Map<string, string>();

  function authorize(asked: URLSearchParams): Response {
    const wrong = wrongRequest(asked);
    if (wrong !== null) return new Response(wrong, { status: 404 });
    const to = asked.get("redirect_uri") ?? "";
    const state = asked.get("state");
    if (settings.denies)
      return redirect(to, {
        ...{ error: "access_denied", state },
        error_description: "The user has denied your application access.",
        iss: ISSUER,
      });
    return redirect(to, { code: codeFor(asked), state, iss: ISSUER });
  }

  function exchange(form: URLSearchParams, headers: Headers): Record<string, string | number> {
    if (!isClient(form, "post", headers))
      return failure(
        "incorrect_client_credentials",
        "The client_id and/or client_secret are wrong.",
      );
    if (form.get("grant_type") === "refresh_token") {
      const token = form.get("refresh_token") ?? "";
      const asked = refresh_tokens.get(token);
      // Strict: a used one is void.
      refresh_tokens.delete(token);
      return asked ? grant(asked) : failure("bad_refresh_token", "The refresh token is wrong.");
    }
    const asked = redeem(form);
    if (asked === "redirect_uri") return failure("redirect_uri_mismatch", "It is another one.");
    if (typeof asked === "string")
      return failure("bad_verification_code", "The code passed is incorrect or expired.");
    return grant(asked);
  }

  function grant(asked: URLSearchParams): Record<string, string | number> {
    const access_token = `gho_${tokens.size}`;
    const scope = (asked.get("scope") ?? "").split(" ").join(",");
    tokens.set(access_token, scope);
    if (settings.app === "oauth") return { access_token, scope, token_type: "bearer" };
    const lives = { expires_in: 28_800, refresh_token_expires_in: 15_897_600 };
    const refresh_token = newRefreshToken(asked);
    return { access_token, refresh_token, ...lives, scope: "", token_type: "bearer" };
  }

  function api(request: Request, path: string): Response {
    if (!request.headers.get("user-agent"))
      return Response.json(
        { message: "Request forbidden by administrative rules" },
        { status: 403 },
      );
    if (!tokens.has(bearer(request) ?? ""))
      return Response.json({ message: "Bad credentials", status: "401" }, { status: 401 });
    const { id, login, name } = settings.person;
    const avatar_url = `https://avatars.githubusercontent.com/u/${id}?v=4`;
    if (path === "/user")
      return Response.json({ login, id, node_id: "MDQ6", avatar_url, name, email: null });
    return settings.emails === "hidden"
      ? Response.json({ message: "Resource not accessible by integration" }, { status: 403 })
      : Response.json(settings.emails);
  }

  const answer: Answer = async (request) => {
    const url = new URL(request.url);
    const path = url.pathname;
    if (url.host === "api.github.com") return api(request, path);
    if (path === "/.well-known/oauth-authorization-server/login/oauth")
      return Response.json(DOCUMENT);
    if (path === "/login/oauth/authorize") return authorize(url.searchParams);
    if (path !== "/login/oauth/access_token") return new Response("Not Found", { status: 404 });
    // Errors have status 200, and the form is the default.
    const said = exchange(new URLSearchParams(await request.text()), request.headers);
    if (request.headers.get("accept")?.includes("application/json")) return Response.json(said);
    return new Response(new URLSearchParams(Object.entries(said).map(([k, v]) => [k, `${v}`])));
  };
  return loopback(HOSTS, answer);
}

const failure = (error: string, error_description: string) => ({
  ...{ error, error_description },
  error_uri: "https://docs.github.com/apps/troubleshooting",
});
