/**
 * `valetkey/resource-server`: an API checks access tokens. JWTs are verified here (RFC 9068), with the keys of the
 * issuer and its list of ended tokens; the issuer is asked about others (RFC 7662).
 */

import { boundedMap } from "../bounded_map.ts";
import { AuthError } from "../errors.ts";
import { seconds } from "../kept.ts";
import { refusalResponse, unavailableResponse } from "./challenge.ts";
import { type EndedHashes, hashesOf } from "./ended_names.ts";
import { introspect } from "./introspection.ts";
import { type Issuer, issuerOf } from "./issuer.ts";
import { type Jwt, readJwt, refused, verifyJwt } from "./jwt.ts";
import { missingFor, withNeeds } from "./need.ts";
import {
  type Access,
  type Guard,
  type ProtectOptions,
  type Settings,
  settingsOf,
} from "./options.ts";
import { protectedResource } from "./protected_resource.ts";
import { sha256 } from "./runtime.ts";

export { AuthError } from "../errors.ts";
export { accessOf } from "./carried.ts";
export type { Access, Asked, Guard, Need, ProtectOptions, Revocation } from "./options.ts";

const SCHEMES = ["Bearer"];
/** Seconds by which clocks may differ. */
const SKEW = 30;

/**
 * Protects an API.
 *
 * @example
 * const guard = protect({ issuer: "https://id.example.com", audience: "https://api.example.com" });
 * const access = await guard(request, { scopes: ["photos.read"] });
 * if (access instanceof Response) return access;
 * @throws AuthError `configuration` for options that can't be used
 */
export function protect(options: ProtectOptions): Guard {
  const settings = settingsOf(options);
  const verify = verifier(settings);
  const resource = protectedResource(settings);
  const how = { schemes: SCHEMES, resourceMetadata: resource?.url ?? null };

  async function guard(request: Parameters<Guard>[0], given?: Parameters<Guard>[1]) {
    const need = withNeeds(settings, given);
    const token = bearerIn(request.headers.get("authorization"));
    if (token === null) return refusalResponse({ status: 401, scope: need.scopes }, how);
    const access = await verify(token).catch((error: unknown) => answerTo(error, need.scopes));
    if ("status" in access)
      return access instanceof Response ? access : refusalResponse(access, how);
    const missing = missingFor(access, need);
    return missing ? refusalResponse(missing, how) : access;
  }

  return Object.assign(guard, {
    verify,
    metadataPath: resource?.path ?? null,
    metadataUrl: resource?.url ?? null,
    audience: settings.audience,
    metadata: (request: Parameters<Guard["metadata"]>[0]) =>
      resource && URL.parse(request.url, "http://localhost")?.pathname === resource.path
        ? resource.response()
        : null,
  });
}

/** Null: the request has no Bearer token. */
function bearerIn(header: string | null): string | null {
  const [, token] = /^Bearer +([^\s]+)$/i.exec(header ?? "") ?? [];
  return token ?? null;
}

/** @throws the error when the options of this program are wrong, or it is no error of ours */
function answerTo(error: unknown, scope: readonly string[]) {
  if (!(error instanceof AuthError)) throw error;
  const { code, message, hint } = error;
  // The hint is for the developers of the API.
  const description = message.slice(`${code}: `.length, -`. hint: ${hint}`.length);
  if (code === "token_refused" || code === "clock_skew")
    return { status: 401, error: "invalid_token", description, scope } as const;
  if (code === "issuer_unreachable" || code === "invalid_response")
    return unavailableResponse("the issuer does not answer");
  throw error;
}

/** What is known of a token that was verified. */
interface Known {
  access: Access;
  issuer: Issuer;
  /** Null: the issuer was asked, and its answer counts for a moment only. */
  ends: EndedHashes | null;
  at: number;
}

function verifier(settings: Settings): Guard["verify"] {
  const issuers = new Map(settings.issuers.map((each) => [each, issuerOf(each, settings)]));
  const known = boundedMap<Known>(settings.cache);
  const { mode, revocation, credentials } = settings;
  const counts = revocation ? revocation.every : 2;

  return async (token) => {
    const key = await sha256(token);
    const found = known.get(key);
    const holds = found && (found.ends !== null || seconds() - found.at <= counts);
    if (found && !holds) known.delete(key);
    const each = found && holds ? found : await judge(token);
    if (each.access.expiresAt + SKEW <= Date.now() / 1000) {
      known.delete(key);
      throw refused("the token has expired", "get a new one");
    }
    const access = await stillHolds(each, token);
    if (each !== found) known.set(key, each);
    return access;
  };

  async function judge(token: string): Promise<Known> {
    const at = seconds();
    const jwt = mode === "introspect" ? null : readJwt(token);
    if (!jwt) {
      if (mode === "jwt") throw refused("the token is no JWT");
      const [first] = settings.issuers;
      const issuer = known_issuer(first);
      return { access: await ask(token, issuer), issuer, ends: null, at };
    }
    const issuer = issuers.get(String(jwt.claims.iss));
    if (!issuer)
      throw refused(
        `the token is from ${JSON.stringify(jwt.claims.iss)}, which is not accepted here`,
      );
    return { ...(await verified(jwt, issuer)), issuer, at };
  }

  async function verified(jwt: Jwt, { issuer, keys }: Issuer) {
    const { audience, legacyTyp = false } = settings;
    const access = await verifyJwt(jwt, { issuer, audience, legacyTyp, keys });
    const { kid } = jwt.header;
    return { access, ends: await hashesOf(jwt.claims, typeof kid === "string" ? kid : "") };
  }

  /** @throws AuthError when the token was revoked, or that can't be known */
  async function stillHolds({ access, issuer, ends }: Known, token: string): Promise<Access> {
    if (!revocation || !ends || !issuer.ended) return access;
    const age = await issuer.ended.refresh();
    if (issuer.ended.isEnded(ends)) throw refused("the token was revoked");
    if (age <= revocation.maxStale || revocation.whenStale === "accept") return access;
    if (revocation.whenStale === "introspect") return ask(token, issuer);
    throw new AuthError("issuer_unreachable", "the list of ended tokens is stale", {
      ...{ hint: "check that this machine reaches the issuer", retryable: true },
    });
  }

  async function ask(token: string, issuer: Issuer): Promise<Access> {
    if (!credentials)
      throw refused("the token is no JWT", "give `credentials`, so that the issuer can be asked");
    const { audience, fetch } = settings;
    const address = await issuer.introspectionAddress();
    return introspect(token, { address, issuer: issuer.issuer, audience, credentials, fetch });
  }

  function known_issuer(name: string): Issuer {
    return issuers.get(name) ?? issuerOf(name, settings);
  }
}
