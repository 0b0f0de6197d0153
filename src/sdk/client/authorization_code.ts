/** The authorization code flow with PKCE (OAuth 2.1 §4.1, OpenID Connect Core §3.1, RFC 9207). */
import { base64url } from "../base64url.ts";
import { AuthError } from "../errors.ts";
import { randomId } from "../random_id.ts";
import type { Tokens } from "../tokens.ts";
import { checkCallback } from "./callback.ts";
import { explained } from "./explained.ts";
import type { Party } from "./party.ts";
import { requestTokens } from "./token_request.ts";

export interface BeginOptions {
  /** Where the provider sends the person back to, exactly as registered. */
  redirectUri: string;
  /** Scopes, separated by spaces. Default: those of the provider's row, else `openid profile email`. */
  scope?: string;
  /** URIs of the APIs that the access token is for (RFC 8707). Default: the provider decides. */
  resource?: string | string[];
  /** `none`, `login`, `consent` or `select_account` (OpenID Connect Core §3.1.2.1). Default: the provider decides. */
  prompt?: string;
  /** The account that the person probably means, such as an e-mail address. Default: none. */
  loginHint?: string;
  /** Levels of sign-in, the preferred one first (`acr_values`). Default: none. */
  acr?: string[];
  /** Seconds since the person last signed in; a longer time is refused by `finish`. Default: any. */
  maxAge?: number;
  /** Further parameters. Those of the protocol, such as `state`, can't be replaced. Default: none. */
  params?: Record<string, string>;
}

/** What `finish` needs. Keep it where only this browser's callback finds it; it can be kept as JSON. */
export interface Begun {
  /** Where to send the person. */
  url: URL;
  redirectUri: string;
  state: string;
  nonce: string;
  /** A secret of this sign-in. */
  codeVerifier: string;
}

/** The three random values of a sign-in. */
export type Secrets = Pick<Begun, "state" | "nonce" | "codeVerifier">;

/** Parameters that `params` must not replace. */
const OWN = new Set([
  ...["client_id", "redirect_uri", "response_type", "response_mode", "scope", "resource"],
  ...["state", "nonce", "code_challenge", "code_challenge_method", "request", "request_uri"],
]);

const freshSecrets = (): Secrets => ({
  state: randomId(32),
  nonce: randomId(32),
  codeVerifier: randomId(32),
});

/** @throws AuthError `configuration`, or why there is no metadata */
export async function begin(
  party: Party,
  options: BeginOptions,
  secrets: Secrets = freshSecrets(),
): Promise<Begun> {
  return explained(party, async () => {
    const { client, provider } = party;
    const { redirectUri, prompt, loginHint, acr, maxAge, params = {} } = options;
    if (!URL.canParse(redirectUri))
      throw new AuthError("configuration", `redirectUri is ${JSON.stringify(redirectUri)}`, {
        hint: "set it to the absolute URL of this app's callback, as registered at the provider",
      });
    for (const name of Object.keys(params)) checkParameter(name);
    const { authorization_endpoint, scopes_supported } = await party.server();
    const { scope, offline } = scopeFor(options, provider, scopes_supported);
    const url = new URL(endpointOf(authorization_endpoint));
    const asked: Record<string, string | undefined> = {
      ...provider?.params,
      ...offline,
      prompt: prompt ?? offline.prompt,
      login_hint: loginHint,
      acr_values: acr?.join(" "),
      max_age: maxAge?.toString(),
      ...params,
      client_id: client.client_id,
      redirect_uri: redirectUri,
      response_type: "code",
      response_mode: provider?.formPost && "form_post",
      scope: scope.join(provider?.separator ?? " ") || undefined,
      state: secrets.state,
      nonce: secrets.nonce,
      code_challenge: await challengeOf(secrets.codeVerifier),
      code_challenge_method: "S256",
    };
    for (const [name, value] of Object.entries(asked))
      if (value !== undefined) url.searchParams.set(name, value);
    for (const each of [options.resource ?? []].flat()) url.searchParams.append("resource", each);
    return { url, redirectUri, ...secrets };
  });
}

/** S256 (RFC 7636 §4.2). */
async function challengeOf(codeVerifier: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(codeVerifier));
  return base64url(new Uint8Array(digest));
}

function checkParameter(name: string): void {
  if (!OWN.has(name)) return;
  throw new AuthError("configuration", `params must not contain ${name}`, {
    hint: "use the option of begin for it: state, nonce and PKCE are always set",
  });
}

/** The scope to ask for; where a provider has its own way to ask for a refresh token, in its way. */
function scopeFor(
  { scope }: BeginOptions,
  provider: Party["provider"],
  supported: readonly string[] | undefined,
): { scope: string[]; offline: Record<string, string> } {
  const usual = ["openid", "profile", "email"].filter((each) => supported?.includes(each) ?? true);
  const asked = scope?.split(" ").filter(Boolean) ?? provider?.scope ?? usual;
  if (!provider?.offline || !asked.includes("offline_access")) return { scope: asked, offline: {} };
  const rest = asked.filter((each) => each !== "offline_access");
  return { scope: rest, offline: provider.offline };
}

function endpointOf(endpoint: string | undefined): string {
  if (endpoint !== undefined) return endpoint;
  throw new AuthError("configuration", "the metadata has no authorization_endpoint", {
    hint: "set issuer to a provider that signs people in",
  });
}

/** @throws AuthError */
export async function finish(
  party: Party,
  callback: URL | URLSearchParams,
  begun: Begun,
): Promise<Tokens> {
  const { provider } = party;
  const checked = await explained(party, () => checkCallback(callback, begun.state, party));
  // After a round trip as JSON, it is a text.
  const asked = new URL(begun.url).searchParams;
  const scope = (asked.get("scope") ?? "").replaceAll(provider?.separator ?? " ", " ");
  const maxAge = asked.get("max_age");
  const isOpenid = scope.split(" ").includes("openid");
  const { idToken = isOpenid ? "always" : "maybe" } = provider ?? {};
  const code = checked.get("code") ?? "";
  const tokens = await requestTokens(party, {
    asked: "code",
    secrets: [code, begun.codeVerifier],
    scope,
    idToken: idToken === "always",
    expected: { nonce: begun.nonce, ...(maxAge !== null && { maxAge: Number(maxAge) }) },
    grant: "authorization_code",
    parameters: { code, redirect_uri: begun.redirectUri, code_verifier: begun.codeVerifier },
  });
  const person = provider?.formPost && checked.get("user");
  return person ? { ...tokens, person: readPerson(person) } : tokens;
}

function readPerson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
