/** Microsoft Entra ID as its row describes it. */
import {
  type Answer,
  idToken,
  isClient,
  type Loopback,
  loopback,
  METADATA,
  memory,
  redirect,
  wrongRequest,
} from "./loopback.ts";

const HOST = "https://login.microsoftonline.com";
export const CONTOSO = "11111111-1111-4111-8111-111111111111";
export const FABRIKAM = "22222222-2222-4222-8222-222222222222";
export const OID = "00000000-0000-0000-66f3-3332eca7ea81";
const LIFETIMES = { expires_in: 3599, ext_expires_in: 3599 };

export interface MicrosoftSettings {
  /** The directory of the person who signs in. */
  tenant: string;
  /** The claims of their ID token beside the usual ones. */
  claims?: Record<string, unknown>;
}

export async function microsoftServer(settings: MicrosoftSettings): Promise<Loopback> {
  const { codeFor, redeem, newRefreshToken, refresh_tokens } = memory();

  function document(of: string): Response {
    const isShared = ["common", "organizations", "consumers"].includes(of);
    return Response.json({
      ...METADATA,
      issuer: `${HOST}/${isShared ? "{tenantid}" : of}/v2.0`,
      authorization_endpoint: `${HOST}/${of}/oauth2/v2.0/authorize`,
      token_endpoint: `${HOST}/${of}/oauth2/v2.0/token`,
      userinfo_endpoint: "https://graph.microsoft.com/oidc/userinfo",
      jwks_uri: `${HOST}/${of}/discovery/v2.0/keys`,
      token_endpoint_auth_methods_supported: [
        "client_secret_post",
        "private_key_jwt",
        "client_secret_basic",
      ],
    });
  }

  function authorize(asked: URLSearchParams): Response {
    const to = asked.get("redirect_uri") ?? "";
    const state = asked.get("state");
    if (wrongRequest(asked) !== null) return new Response("Sorry", { status: 400 });
    if (asked.has("resource"))
      return redirect(to, {
        ...{ state, error: "invalid_target" },
        error_description: "AADSTS901002: The 'resource' request parameter is not supported.",
      });
    return redirect(to, { state, code: codeFor(asked), session_state: "b16c" });
  }

  function grant(asked: URLSearchParams, form: URLSearchParams): Response {
    const scope = form.get("scope") ?? asked.get("scope") ?? "";
    // One access token is for one API.
    const apis = new Set([...scope.matchAll(/api:\/\/([^/ ]+)/g)].map(([, api]) => api));
    if (apis.size > 1)
      return refuse("invalid_scope", 28_000, "The scopes are for more than one resource.");
    const lasting = (asked.get("scope") ?? "").split(" ").includes("offline_access");
    const { tenant, claims } = settings;
    return Response.json({
      ...{ token_type: "Bearer", scope, ...LIFETIMES, access_token: "opaque-to-the-app" },
      ...(lasting && { refresh_token: newRefreshToken(asked) }),
      id_token: idToken({
        ...{
          ver: "2.0",
          iss: `${HOST}/${tenant}/v2.0`,
          tid: tenant,
          oid: OID,
          sub: "AAAAAA-of-this-app",
        },
        ...{ name: "Ada Lovelace", preferred_username: "ada@contoso.test" },
        ...{ email: "boss@fabrikam.test", nonce: asked.get("nonce") },
        ...claims,
      }),
    });
  }

  function exchange(form: URLSearchParams, headers: Headers): Response {
    // Only an app that is registered as a single-page app sends it.
    if (headers.has("origin"))
      return refuse("invalid_request", 9_002_326, "Cross-origin token redemption is not allowed.");
    if (!isClient(form, "post", headers))
      return refuse("invalid_client", 7_000_215, "Invalid client secret provided.", 401);
    if (form.get("grant_type") === "refresh_token") {
      // Graceful: the old one stays valid.
      const asked = refresh_tokens.get(form.get("refresh_token") ?? "");
      return asked ? grant(asked, form) : refuse("invalid_grant", 700_082, "It has expired.");
    }
    const asked = redeem(form);
    return typeof asked === "string"
      ? refuse("invalid_grant", 54_005, "OAuth2 Authorization code was already redeemed.")
      : grant(asked, form);
  }

  const answer: Answer = async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    const [, of = "", ...rest] = pathname.split("/");
    const path = rest.join("/");
    if (path === "v2.0/.well-known/openid-configuration") return document(of);
    if (path === "oauth2/v2.0/authorize") return authorize(searchParams);
    return exchange(new URLSearchParams(await request.text()), request.headers);
  };
  return loopback([new URL(HOST).host], answer);
}

function refuse(error: string, code: number, text: string, status = 400): Response {
  const trace_id = "255d1aef-8c98-452f-ac51-23d051240864";
  const error_description = `AADSTS${code}: ${text}\r\nTrace ID: ${trace_id}\r\nTimestamp: 2026-11-30`;
  return Response.json({ error, error_description, error_codes: [code], trace_id }, { status });
}
