/** The options of `protect`, what it needs of a request, and what it tells about a token. */
import { AuthError } from "../errors.ts";
import { type BoundedFetch, boundedFetch } from "../fetch.ts";

export interface ProtectOptions extends Need {
  /**
   * The issuers whose tokens are accepted, byte for byte as in their metadata. With several, opaque tokens are asked
   * for at the first one.
   */
  issuer: string | string[];
  /**
   * The name of this API: tokens are for it (`aud`). If it is a URL, the API publishes its metadata at
   * `/.well-known/oauth-protected-resource` in front of the path (RFC 9728).
   */
  audience: string;
  /** Scopes that every request needs. They are published as `scopes_supported`. Default: none. */
  scopes?: string[];
  /** Levels of sign-in, one of which every token needs to have (`acr`, RFC 9470). Default: any. */
  acr?: string[];
  /** Seconds since the person signed in, at most (`auth_time`, RFC 9470). Default: any. */
  maxAge?: number;
  /** The credentials with which this API asks the issuer about tokens (RFC 7662). Default: none, so opaque tokens are refused. */
  credentials?: { clientId: string; clientSecret: string };
  /**
   * `auto` verifies JWTs here, and asks the issuer about other tokens. `jwt` takes JWTs only; `introspect` asks about
   * every token. Default: `auto`.
   */
  mode?: "auto" | "jwt" | "introspect";
  /**
   * How JWTs end before they expire: by the issuer's list of ended tokens, where it has one. `false`: they live until
   * they expire.
   */
  revocation?: Revocation | false;
  /** Tokens that are remembered, so that each is verified once. Default: 10000. */
  cache?: number;
  /**
   * Takes JWTs whose `typ` is not `at+jwt`, for issuers older than RFC 9068. ID tokens stay refused where they have
   * `nonce` or `at_hash`. Default: false.
   */
  legacyTyp?: boolean;
  /** Name of the API for people, published as `resource_name`. Default: none. */
  name?: string;
  /**
   * Sends the requests to the issuer, for example through a proxy or with a trace. It is called like `fetch`, and has to
   * return the response as it comes. 8 seconds, a bounded size and no redirects hold around it. Default: the global
   * `fetch`.
   */
  fetch?: typeof fetch;
}

export interface Revocation {
  /** Seconds between two looks at the list, and for which an answer of introspection counts. Default: 2. */
  every?: number;
  /** Seconds without an answer after which the list is stale. Default: 60. */
  maxStale?: number;
  /**
   * While the list is stale: `accept` takes what was not listed before, `introspect` asks the issuer about each token,
   * `refuse` answers 503. Default: `accept`.
   */
  whenStale?: "accept" | "introspect" | "refuse";
}

/** What a request needs, beside a token that holds. */
export interface Need {
  /** All of these scopes. */
  scopes?: string[];
  /** One of these levels of sign-in (`acr`). */
  acr?: string[];
  /** Seconds since the sign-in, at most. */
  maxAge?: number;
}

/** The contents of a valid token. It is the same object for all requests with this token, so nothing in it can be changed. */
export interface Access {
  /** The person; for a client that acts for itself, its id. Unique together with `claims.iss`. */
  sub: string;
  /** The client that the token was issued to. */
  clientId: string;
  scopes: string[];
  /** Seconds since the epoch. */
  expiresAt: number;
  /** All claims of the token, or of the issuer's answer about it. */
  claims: Record<string, unknown>;
  has(scope: string): boolean;
}

/** The part of a request that is looked at; a `Request` has it. */
export interface Asked {
  url: string;
  headers: { get(name: string): string | null };
}

export interface Guard {
  /**
   * What the token of the request says, or the response to send: 401, 403 or 503.
   * @param need beside the needs of all requests
   * @throws AuthError `configuration` or `issuer_mismatch` when the options don't fit the issuer
   */
  (request: Asked, need?: Need): Promise<Access | Response>;
  /** The metadata of this API (RFC 9728), if the request is for its address; else null. */
  metadata(request: Asked): Response | null;
  /** The path of the metadata; null: the audience is no URL. */
  readonly metadataPath: string | null;
  /** The address of the metadata, as challenges name it; null: the audience is no URL. */
  readonly metadataUrl: string | null;
  /** The name of this API, as in the options. */
  readonly audience: string;
  /**
   * The contents of a token, whatever the needs of requests are.
   * @throws AuthError `token_refused`, `clock_skew`, or an error about the issuer
   */
  verify(token: string): Promise<Access>;
}

/** The options with their defaults. */
export interface Settings extends Omit<ProtectOptions, "fetch"> {
  fetch: BoundedFetch;
  issuers: readonly [string, ...string[]];
  mode: "auto" | "jwt" | "introspect";
  revocation: Required<Revocation> | false;
  cache: number;
}

/** @throws AuthError `configuration` */
export function settingsOf(options: ProtectOptions): Settings {
  const [first, ...more] = [options.issuer].flat();
  const { audience, credentials, mode = "auto", revocation = {}, cache = 10_000 } = options;
  if (first === undefined) throw wrong("issuer is empty", "name the issuer of the tokens");
  // Without types, a variable that is not set would accept tokens without an audience.
  if (typeof audience !== "string" || audience === "")
    throw wrong("audience is empty", "set it to the resource of this API");
  for (const name of ["scopes", "acr"] as const)
    if (!Array.isArray(options[name] ?? [])) throw wrong(`${name} is no list`, "give a list");
  if (!(cache >= 0)) throw wrong("cache is not a number from 0 on", "give a number of tokens");
  const settings: Settings = {
    ...options,
    fetch: boundedFetch(options.fetch),
    issuers: [first, ...more],
    mode,
    revocation: revocation && { every: 2, maxStale: 60, whenStale: "accept", ...revocation },
    cache,
  };
  const asks = settings.revocation && settings.revocation.whenStale === "introspect";
  if (!credentials && (mode === "introspect" || asks))
    throw wrong(
      "introspection needs credentials",
      "give those that `valetkey client add --resource URL` printed",
    );
  if (settings.revocation && !(settings.revocation.every > 0))
    throw wrong("revocation.every is not a number above 0", "give a number of seconds");
  return settings;
}

const wrong = (what: string, hint: string): AuthError =>
  new AuthError("configuration", what, { hint });
