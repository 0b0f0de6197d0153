/** Discord as its row describes it. */
import {
  type Answer,
  bearer,
  idToken,
  isClient,
  type Loopback,
  loopback,
  memory,
  redirect,
  wrongRequest,
} from "./loopback.ts";

const ISSUER = "https://discord.com";
const DOCUMENT = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/api/oauth2/authorize`,
  token_endpoint: `${ISSUER}/api/oauth2/token`,
  revocation_endpoint: `${ISSUER}/api/oauth2/token/revoke`,
  jwks_uri: `${ISSUER}/api/oauth2/keys`,
  response_types_supported: ["code"],
  token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none"],
  code_challenge_methods_supported: ["S256"],
  authorization_response_iss_parameter_supported: true,
};

export interface DiscordSettings {
  avatar: string | null;
  verified: boolean;
  /** Too many requests were made. */
  is_limited?: boolean;
  forgets_iss?: boolean;
}

export async function discordServer(settings: DiscordSettings): Promise<Loopback> {
  const { codeFor, redeem, newRefreshToken, refresh_tokens } = memory();
  const access_tokens = new Set<string>();

  function grant(asked: URLSearchParams): Response {
    const access_token = `access-${access_tokens.size}`;
    access_tokens.add(access_token);
    const scope = asked.get("scope") ?? "";
    const nonce = asked.get("nonce");
    const isOpenid = scope.split(" ").includes("openid");
    return Response.json({
      ...{ token_type: "Bearer", access_token, expires_in: 604_800, scope },
      refresh_token: newRefreshToken(asked),
      ...(isOpenid && { id_token: idToken({ iss: ISSUER, sub: "80351110224678912", nonce }) }),
    });
  }

  function exchange(form: URLSearchParams, headers: Headers): Response {
    const refuse = (error: string) => Response.json({ error }, { status: 400 });
    if (settings.is_limited) {
      const message = "You are being rate limited.";
      const body = { message, retry_after: 64.57, global: false };
      return Response.json(body, { status: 429, headers: { "retry-after": "65" } });
    }
    if (!isClient(form, "basic", headers))
      return Response.json({ message: "401: Unauthorized", code: 0 }, { status: 401 });
    if (form.get("grant_type") === "client_credentials") {
      const scope = form.get("scope");
      return Response.json({
        access_token: "own",
        token_type: "Bearer",
        expires_in: 604_800,
        scope,
      });
    }
    if (form.get("grant_type") === "refresh_token") {
      const token = form.get("refresh_token") ?? "";
      const asked = refresh_tokens.get(token);
      // Strict: a used one is void.
      refresh_tokens.delete(token);
      return asked ? grant(asked) : refuse("invalid_grant");
    }
    const asked = redeem(form);
    return typeof asked === "string"
      ? Response.json(
          { error: "invalid_grant", error_description: 'Invalid "code" in request.' },
          { status: 400 },
        )
      : grant(asked);
  }

  function me(request: Request): Response {
    if (!access_tokens.has(bearer(request) ?? ""))
      return Response.json({ message: "401: Unauthorized", code: 0 }, { status: 401 });
    const { avatar, verified } = settings;
    const person = { id: "80351110224678912", username: "ada", discriminator: "0", avatar };
    return Response.json({ ...person, global_name: "Ada", email: "ada@example.com", verified });
  }

  const answer: Answer = async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/.well-known/oauth-authorization-server") return Response.json(DOCUMENT);
    if (pathname === "/api/oauth2/authorize") {
      if (wrongRequest(searchParams) !== null) return new Response("Invalid", { status: 400 });
      const state = searchParams.get("state");
      const iss = settings.forgets_iss ? null : ISSUER;
      return redirect(searchParams.get("redirect_uri") ?? "", {
        code: codeFor(searchParams),
        state,
        iss,
      });
    }
    if (pathname === "/api/users/@me") return me(request);
    const form = new URLSearchParams(await request.text());
    if (pathname === "/api/oauth2/token") return exchange(form, request.headers);
    if (pathname !== "/api/oauth2/token/revoke") return new Response(null, { status: 404 });
    // One revocation ends all tokens of the person for this app.
    access_tokens.clear();
    refresh_tokens.clear();
    return Response.json({});
  };
  return loopback([new URL(ISSUER).host], answer);
}
