/** Google as its row describes it. */
import {
  type Answer,
  atHash,
  idToken,
  isClient,
  type Loopback,
  loopback,
  METADATA,
  memory,
  redirect,
  wrongRequest,
} from "./loopback.ts";

const ISSUER = "https://accounts.google.com";
const DOCUMENT = {
  ...METADATA,
  issuer: ISSUER,
  authorization_endpoint: "https://accounts.google.com/o/oauth2/v2/auth",
  token_endpoint: "https://oauth2.googleapis.com/token",
  userinfo_endpoint: "https://openidconnect.googleapis.com/v1/userinfo",
  revocation_endpoint: "https://oauth2.googleapis.com/revoke",
  jwks_uri: "https://www.googleapis.com/oauth2/v3/certs",
  token_endpoint_auth_methods_supported: ["client_secret_post", "client_secret_basic"],
};
const FULL: Record<string, string> = {
  email: "https://www.googleapis.com/auth/userinfo.email",
  profile: "https://www.googleapis.com/auth/userinfo.profile",
};

export interface GoogleSettings {
  /** Some people's callbacks have `iss`, though the metadata does not announce it. */
  sends_iss?: string;
  /** Scopes that the person unticks. */
  unticked?: string[];
}

export async function googleServer(settings: GoogleSettings = {}): Promise<Loopback> {
  const { codeFor, redeem, newRefreshToken, refresh_tokens } = memory();
  /** Whether the person has agreed before: then there is no refresh token, unless they are asked again. */
  let knows_app = false;

  function authorize(asked: URLSearchParams): Response {
    const wrong = wrongRequest(asked);
    const scope = (asked.get("scope") ?? "").split(" ");
    if (wrong !== null || scope.includes("offline_access"))
      return new Response(`Error 400: ${wrong ?? "invalid_scope"}`, { status: 400 });
    const { sends_iss = null } = settings;
    const state = asked.get("state");
    return redirect(asked.get("redirect_uri") ?? "", {
      ...{ state, code: codeFor(asked), scope: granted(asked), authuser: "0", iss: sends_iss },
    });
  }

  const granted = (asked: URLSearchParams): string =>
    (asked.get("scope") ?? "")
      .split(" ")
      .filter((each) => !settings.unticked?.includes(each))
      .map((each) => FULL[each] ?? each)
      .join(" ");

  function grant(asked: URLSearchParams, nonce?: string | null): Record<string, unknown> {
    const access_token = `ya29.${refresh_tokens.size}`;
    const has = (scope: string) => granted(asked).includes(scope);
    return {
      access_token,
      expires_in: 3599,
      scope: granted(asked),
      token_type: "Bearer",
      id_token: idToken({
        ...{ iss: ISSUER, azp: "the-client", sub: "110169484474386276334" },
        ...(has("email") && { email: "ada@example.com", email_verified: true }),
        ...(has("profile") && { name: "Ada Lovelace", picture: "https://lh3.test/ada" }),
        at_hash: atHash(access_token),
        ...(nonce && { nonce }),
      }),
    };
  }

  function exchange(form: URLSearchParams, headers: Headers): Response {
    const refuse = (error: string, error_description: string, status = 400) =>
      Response.json({ error, error_description }, { status });
    if (!isClient(form, "post", headers))
      return refuse("invalid_client", "The OAuth client was not found.", 401);
    if (form.get("grant_type") === "refresh_token") {
      const asked = refresh_tokens.get(form.get("refresh_token") ?? "");
      if (!asked) return refuse("invalid_grant", "Token has been expired or revoked.");
      return Response.json(grant(asked));
    }
    const asked = redeem(form);
    if (typeof asked === "string") return refuse("invalid_grant", "Malformed auth code.");
    const is_asked_again = asked.get("prompt")?.includes("consent") ?? false;
    const is_offline = asked.get("access_type") === "offline";
    const refresh_token =
      is_offline && (!knows_app || is_asked_again) ? newRefreshToken(asked) : undefined;
    knows_app = true;
    return Response.json({ ...grant(asked, asked.get("nonce")), refresh_token });
  }

  const answer: Answer = async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/.well-known/openid-configuration") return Response.json(DOCUMENT);
    if (pathname === "/o/oauth2/v2/auth") return authorize(searchParams);
    const form = new URLSearchParams(await request.text());
    if (pathname === "/token") return exchange(form, request.headers);
    const was_there = refresh_tokens.delete(form.get("token") ?? "");
    return was_there
      ? Response.json({})
      : Response.json(
          { error: "invalid_token", error_description: "Token expired or revoked" },
          { status: 400 },
        );
  };
  return loopback(["accounts.google.com", "oauth2.googleapis.com"], answer);
}
