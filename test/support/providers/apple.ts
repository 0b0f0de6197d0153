/** Apple as its row describes it. */
import { generateKeyPairSync } from "node:crypto";
import { jwtVerify } from "jose";
import {
  type Answer,
  atHash,
  CLIENT,
  idToken,
  type Loopback,
  loopback,
  METADATA,
  memory,
  wrongRequest,
} from "./loopback.ts";

const ISSUER = "https://appleid.apple.com";
const DOCUMENT = {
  ...METADATA,
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/auth/authorize`,
  token_endpoint: `${ISSUER}/auth/token`,
  revocation_endpoint: `${ISSUER}/auth/revoke`,
  jwks_uri: `${ISSUER}/auth/keys`,
  response_modes_supported: ["query", "fragment", "form_post"],
  token_endpoint_auth_methods_supported: ["client_secret_post"],
};
export const TEAM_ID = "DEF123GHIJ";
export const KEY_ID = "ABC123DEFG";
const HALF_A_YEAR = 15_777_000;

const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
/** The `.p8` file, as the developer downloads it once. */
export const P8 = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();

export interface AppleSettings {
  email_verified: boolean | "true" | "false";
  denies?: boolean;
}

export async function appleServer(settings: AppleSettings): Promise<Loopback> {
  const { codeFor, redeem, newRefreshToken, refresh_tokens } = memory();
  let knows_app = false;

  function authorize(asked: URLSearchParams): Response {
    const scope = asked.get("scope") ?? "";
    // With name or email, the answer has to be a POST.
    const isForm = asked.get("response_mode") === "form_post" || !/name|email/.test(scope);
    if (wrongRequest(asked) !== null || !isForm) return new Response("Invalid", { status: 403 });
    const state = asked.get("state") ?? "";
    if (settings.denies) return form({ state, error: "user_cancelled_authorize" });
    const person = {
      name: { firstName: "Ada", lastName: "Lovelace" },
      email: "ada@privaterelay.appleid.com",
    };
    const once: Record<string, string> = knows_app ? {} : { user: JSON.stringify(person) };
    knows_app = true;
    return form({ state, code: codeFor(asked), ...once });
  }

  /** The page whose form the browser sends at once. */
  const form = (fields: Record<string, string>): Response =>
    new Response(new URLSearchParams(fields), {
      headers: { "x-posted-by-the-browser": "application/x-www-form-urlencoded" },
    });

  async function isGenuine(client_secret: string): Promise<boolean> {
    const options = { issuer: TEAM_ID, audience: ISSUER, subject: CLIENT.clientId };
    const { payload, protectedHeader } = await jwtVerify(client_secret, pair.publicKey, {
      ...options,
      algorithms: ["ES256"],
      requiredClaims: ["iat", "exp"],
    });
    const lives = Number(payload.exp) - Number(payload.iat);
    return protectedHeader.kid === KEY_ID && lives <= HALF_A_YEAR;
  }

  function grant(nonce?: string | null): Record<string, unknown> {
    const access_token = "a0b1.0.apple";
    return {
      ...{ access_token, token_type: "Bearer", expires_in: 3600 },
      id_token: idToken({
        ...{ iss: ISSUER, sub: "001999.f00d.1517", at_hash: atHash(access_token) },
        ...{ email: "ada@privaterelay.appleid.com", email_verified: settings.email_verified },
        ...{ is_private_email: "true", nonce_supported: true },
        ...(nonce && { nonce }),
      }),
    };
  }

  async function exchange(sent: URLSearchParams, path: string): Promise<Response> {
    // Errors are bare.
    const refuse = (error: string) => Response.json({ error }, { status: 400 });
    const { client_id, client_secret = "" } = Object.fromEntries(sent);
    const isClient = await isGenuine(client_secret).catch(() => false);
    if (!isClient || client_id !== CLIENT.clientId) return refuse("invalid_client");
    if (path === "/auth/revoke") {
      refresh_tokens.delete(sent.get("token") ?? "");
      return new Response(null, { status: 200 });
    }
    if (sent.get("grant_type") === "refresh_token")
      return refresh_tokens.has(sent.get("refresh_token") ?? "")
        ? Response.json(grant())
        : refuse("invalid_grant");
    const asked = redeem(sent);
    if (typeof asked === "string") return refuse("invalid_grant");
    return Response.json({ ...grant(asked.get("nonce")), refresh_token: newRefreshToken(asked) });
  }

  const answer: Answer = async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/.well-known/openid-configuration") return Response.json(DOCUMENT);
    if (pathname === "/auth/authorize") return authorize(searchParams);
    return exchange(new URLSearchParams(await request.text()), pathname);
  };
  return loopback([new URL(ISSUER).host], answer);
}
