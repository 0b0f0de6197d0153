/** Checks of Snaps before it answers (RFC 9068 §4, RFC 6750 §3, RFC 7662): the part worth copying. */
import { AsyncLocalStorage } from "node:async_hooks";
import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from "jose";
import * as oauth from "oauth4webapi";
import { type Message, type RecordedFetch, recordingFetch } from "../recorder.ts";

export interface AccessOptions {
  issuer: string;
  /** The audience of tokens for this API. */
  resource: string;
  /** Snaps's own credentials at the server, for introspection. */
  credentials: { client_id: string; client_secret: string };
  /** The address of the protected resource metadata (RFC 9728). */
  metadata_url: string;
  /** Called with each message that Snaps sends because of a request, and the trace of that request. */
  observe?: (trace: string, message: Message) => void;
}

export type Scope = "photos.read" | "photos.write";

/** The person whose photos may be used, or the refusal to answer with. */
export type Verdict = { sub: string } | { refusal: Response };

export interface Access {
  /** @param ask_server also introspect the token, which shows whether the permission still holds */
  check(request: Request, scope: Scope, options?: { ask_server: boolean }): Promise<Verdict>;
}

export function access(options: AccessOptions): Access {
  const { metadata_url, observe } = options;
  const trace = new AsyncLocalStorage<string | null>();
  const send = recordingFetch("snaps", "server", (message) => {
    const id = trace.getStore();
    if (id) observe?.(id, message);
  });
  const { verify, stands } = tokenChecks(options, send);

  const refuse = (status: number, error?: string, description?: string, scope?: string) =>
    challenge(status, { error, description, scope, resource_metadata: metadata_url });

  async function judge(request: Request, wanted: Scope, ask_server: boolean): Promise<Verdict> {
    const token = bearer(request);
    // RFC 6750 §3.1: a request without a token learns where to get one, and no more.
    if (token === null) return { refusal: refuse(401, undefined, undefined, wanted) };
    if (token === "malformed")
      return { refusal: refuse(400, "invalid_request", "the Authorization header is malformed") };
    const claims = await verify(token);
    if (claims === null)
      return { refusal: refuse(401, "invalid_token", "the access token is not valid for Snaps") };
    if (!scopesOf(claims).includes(wanted))
      return {
        refusal: refuse(403, "insufficient_scope", "the access token may not do this", wanted),
      };
    if (ask_server && !(await stands(token)))
      return { refusal: refuse(401, "invalid_token", "the permission has ended") };
    return { sub: claims.sub ?? "" };
  }

  return {
    check: (request, scope, { ask_server } = { ask_server: false }) =>
      trace.run(traceOf(request), () => judge(request, scope, ask_server)),
  };
}

function tokenChecks({ issuer, resource, credentials }: AccessOptions, send: RecordedFetch) {
  const http = { [oauth.allowInsecureRequests]: true, [oauth.customFetch]: send };
  const client: oauth.Client = { client_id: credentials.client_id };
  const authentication = oauth.ClientSecretBasic(credentials.client_secret);
  const server = once(() => discover(issuer, http));
  const keys = once(async () => {
    const { jwks_uri } = await server();
    if (jwks_uri === undefined) throw new Error(`${issuer} names no jwks_uri`);
    // Fetched once and cached; fetched again when a token names an unknown key.
    return createRemoteJWKSet(new URL(jwks_uri), { [customFetch]: send });
  });

  return {
    /** Checks signature, issuer, audience, type and lifetime with the server's public keys alone. */
    async verify(token: string): Promise<JWTPayload | null> {
      try {
        const { payload } = await jwtVerify(token, await keys(), {
          issuer,
          audience: resource,
          typ: "at+jwt",
          algorithms: ["ES256", "RS256"],
          requiredClaims: ["exp", "iat", "sub", "client_id", "jti"],
        });
        return payload;
      } catch (error) {
        if (error instanceof errors.JOSEError && TOKEN_IS_WRONG.has(error.code)) return null;
        throw error;
      }
    },
    /** A signature can't show that the person has taken the permission back since; the server can. */
    async stands(token: string): Promise<boolean> {
      const as = await server();
      const response = await oauth.introspectionRequest(as, client, authentication, token, http);
      return (await oauth.processIntrospectionResponse(as, client, response)).active;
    },
  };
}

/** Other errors are problems of Snaps, not of the token. */
const TOKEN_IS_WRONG = new Set([
  "ERR_JOSE_ALG_NOT_ALLOWED",
  "ERR_JWKS_NO_MATCHING_KEY",
  "ERR_JWS_INVALID",
  "ERR_JWS_SIGNATURE_VERIFICATION_FAILED",
  "ERR_JWT_CLAIM_VALIDATION_FAILED",
  "ERR_JWT_EXPIRED",
  "ERR_JWT_INVALID",
]);

async function discover(
  issuer: string,
  options: oauth.DiscoveryRequestOptions,
): Promise<oauth.AuthorizationServer> {
  const url = new URL(issuer);
  const response = await oauth.discoveryRequest(url, { ...options, algorithm: "oauth2" });
  return oauth.processDiscoveryResponse(url, response);
}

/** Fetches once and caches the result, but not a failure. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | null = null;
  return () => {
    answer ??= ask().catch((error: unknown) => {
      answer = null;
      throw error;
    });
    return answer;
  };
}

/** The token, `null` when none was sent, or `malformed`; never from the URL or a form (OAuth 2.1 §5.1). */
function bearer(request: Request): string | null {
  const header = request.headers.get("authorization");
  if (header === null || !/^bearer\b/i.test(header)) return null;
  return /^bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(header)?.[1] ?? "malformed";
}

const scopesOf = ({ scope }: JWTPayload): string[] =>
  typeof scope === "string" ? scope.split(" ") : [];

/** Trace Context (W3C), which connects the messages of several sites. */
const traceOf = (request: Request): string | null =>
  /^00-([0-9a-f]{32})-/.exec(request.headers.get("traceparent") ?? "")?.[1] ?? null;

function challenge(
  status: number,
  { error, description, scope, resource_metadata }: Record<string, string | undefined>,
): Response {
  const members = Object.entries({
    error,
    error_description: description,
    scope,
    resource_metadata,
  })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}="${value}"`);
  const body = error === undefined ? {} : { error, error_description: description };
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      "content-type": "application/json",
      "cache-control": "no-store",
      "www-authenticate": `Bearer ${members.join(", ")}`,
    },
  });
}
