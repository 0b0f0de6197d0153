/** GitLab as its row describes it: GitLab.com, or an instance below a path. */
import {
  type Answer,
  bearer,
  idToken,
  isClient,
  type Loopback,
  loopback,
  METADATA,
  memory,
  redirect,
  wrongRequest,
} from "./loopback.ts";

export async function gitlabServer(issuer = "https://gitlab.com"): Promise<Loopback> {
  const { codeFor, redeem, newRefreshToken, refresh_tokens } = memory();
  const { host, pathname: prefix } = new URL(issuer);
  const access_tokens = new Set<string>();
  const document = {
    ...METADATA,
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    revocation_endpoint: `${issuer}/oauth/revoke`,
    userinfo_endpoint: `${issuer}/oauth/userinfo`,
    jwks_uri: `${issuer}/oauth/discovery/keys`,
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
  };

  function grant(asked: URLSearchParams): Response {
    const access_token = `access-${access_tokens.size}`;
    access_tokens.add(access_token);
    const created_at = Math.floor(Date.now() / 1000);
    const nonce = asked.get("nonce");
    return Response.json({
      ...{ access_token, token_type: "Bearer", expires_in: 7200, created_at },
      ...{ scope: asked.get("scope"), refresh_token: newRefreshToken(asked) },
      // It lives for 120 seconds, and names nobody.
      id_token: idToken({ iss: issuer, sub: "42", exp: created_at + 120, ...(nonce && { nonce }) }),
    });
  }

  function exchange(form: URLSearchParams, headers: Headers): Response {
    const refuse = (error: string, status: number) =>
      Response.json(
        { error, error_description: "The provided authorization grant is invalid." },
        { status },
      );
    if (!isClient(form, "post", headers)) return refuse("invalid_client", 401);
    if (form.get("grant_type") === "refresh_token") {
      const token = form.get("refresh_token") ?? "";
      const asked = refresh_tokens.get(token);
      // Strict: a used one is void.
      refresh_tokens.delete(token);
      return asked ? grant(asked) : refuse("invalid_grant", 400);
    }
    const asked = redeem(form);
    return typeof asked === "string" ? refuse("invalid_grant", 400) : grant(asked);
  }

  const answer: Answer = async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    const path = pathname.slice(prefix === "/" ? 0 : prefix.length);
    if (path === "/.well-known/openid-configuration") return Response.json(document);
    if (path === "/oauth/authorize") {
      if (wrongRequest(searchParams) !== null) return new Response("Invalid", { status: 400 });
      const to = searchParams.get("redirect_uri") ?? "";
      return redirect(to, { code: codeFor(searchParams), state: searchParams.get("state") });
    }
    if (path === "/oauth/userinfo")
      return access_tokens.has(bearer(request) ?? "")
        ? Response.json({
            ...{ sub: "42", name: "Ada Lovelace", nickname: "ada", preferred_username: "ada" },
            ...{ email: "ada@example.com", email_verified: true, picture: "https://gitlab.test/a" },
          })
        : Response.json({ error: "invalid_token" }, { status: 401 });
    const form = new URLSearchParams(await request.text());
    if (path === "/oauth/token") return exchange(form, request.headers);
    refresh_tokens.delete(form.get("token") ?? "");
    return Response.json({});
  };
  return loopback([host], answer);
}
