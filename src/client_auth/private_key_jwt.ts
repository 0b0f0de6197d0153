/** Client assertions (RFC 7523 §2.2, §3; audience as in draft-ietf-oauth-rfc7523bis: the issuer only). */
import type { JWTPayload } from "jose";
import type { ClientAuthMethod, Context, Presented } from "../context.ts";
import { OAuthError } from "../oauth/errors.ts";
import { settingHint } from "../oauth/hint.ts";
import { CLIENT_SIGNING_ALGS } from "../oauth/optional_metadata.ts";
import type { Params } from "../oauth/params.ts";
import type { ClientRecord } from "../store/records.ts";
import { CLOCK_SKEW, explain, readUnverified, verifiedByClient } from "./client_jwt.ts";

const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/** Accepted values of `typ` (RFC 7519 §5.1, draft-ietf-oauth-rfc7523bis); it may also be absent. */
const TYPES = ["jwt", "client-authentication+jwt"];
/** Seconds of life of an assertion. */
const LONGEST_LIFE = 3600;
/** Seconds that a used `jti` is remembered past the end of its assertion. */
const REMEMBERED = 120;

const name = "private_key_jwt";

export const privateKeyJwt = {
  name,
  serves: [name],
  signing_algs: CLIENT_SIGNING_ALGS,

  present: (_: unknown, params: Params) => readAssertion(params),

  async prove(presented: Presented, client: ClientRecord | null, ctx: Context) {
    if (!client) return null;
    const use = await checkAssertion(presented, client, ctx);
    return { method: name, use };
  },
} satisfies ClientAuthMethod;

/** @throws OAuthError `invalid_client` when the assertion can't be read */
function readAssertion(params: Params): Presented | null {
  const assertion = params.get("client_assertion");
  const type = params.get("client_assertion_type");
  if (assertion === undefined && type === undefined) return null;
  if (assertion === undefined || type !== ASSERTION_TYPE)
    throw refuse(`client_assertion needs client_assertion_type ${ASSERTION_TYPE}`);
  const read = readUnverified(assertion, TYPES);
  if (!read) throw refuse("client_assertion is not a JWT");
  // Such as a request object, an access token or a DPoP proof.
  if (read.problem === "type") throw refuse("typ of the client_assertion says that it is none");
  if (read.problem === "header")
    throw refuse("client_assertion has a header member that is not allowed");
  const { claims } = read;
  if (typeof claims.sub !== "string" || claims.iss !== claims.sub)
    throw refuse("iss and sub of the client_assertion must both be the client_id");
  return { client_id: claims.sub, credential: assertion };
}

/**
 * @returns a function that marks the assertion as used; it rejects with `invalid_client` for one that was used before
 * @throws OAuthError `invalid_client`
 */
async function checkAssertion(
  presented: Presented,
  client: ClientRecord,
  ctx: Context,
): Promise<() => Promise<void>> {
  const claims = await verified(presented, client, ctx);
  const { exp, iat, jti, aud } = claims;
  // Several libraries write every aud as a list (RFC 7519 §4.1.3).
  const [only, ...more] = [aud].flat();
  const isForUs = only === ctx.issuer && more.length === 0;
  if (!isForUs && !isLegacyAudience(aud, client, ctx))
    throw refuse("aud of the client_assertion must be the issuer, and nothing else", {
      ...(aud === ctx.metadata.token_endpoint && settingHint("legacy_assertion_audience")),
    });
  if (exp === undefined || exp > ctx.now + LONGEST_LIFE + CLOCK_SKEW)
    throw refuse("exp of the client_assertion must be there, and at most an hour ahead");
  if (iat !== undefined && !(typeof iat === "number" && iat <= ctx.now + CLOCK_SKEW))
    throw refuse("iat of the client_assertion is not a time that has come");
  // A restored backup lacks assertions that were used later. The epoch is the time of the restore, so earlier
  // assertions are refused.
  if ((iat ?? exp - LONGEST_LIFE) < ctx.epoch)
    throw refuse("client_assertion was made before the server was restored, or its iat is missing");
  if (typeof jti !== "string" || jti === "" || jti.length > 512)
    throw refuse("jti of the client_assertion must be there, with at most 512 characters");
  // A NumericDate may have a fraction (RFC 7519 §2); the store keeps whole seconds.
  const times = { now: ctx.now, expires_at: Math.ceil(exp) + CLOCK_SKEW + REMEMBERED };
  // Encoded so that no other client's id and jti yield the same text.
  const id = JSON.stringify([client.client_id, jti]);
  return async () => {
    if (!(await ctx.store.claimOnce("client_assertion", id, times)))
      throw refuse("client_assertion was used already: make a new one for each request");
  };
}

/**
 * Older clients name the token endpoint (OpenID Connect Core §9). Another server that knows this address could get an
 * assertion for it, so a client or the server has to allow it.
 */
function isLegacyAudience(aud: unknown, { metadata }: ClientRecord, ctx: Context): boolean {
  const { legacy_assertion_audience = ctx.settings.legacy_assertion_audience } = metadata;
  return legacy_assertion_audience && aud === ctx.metadata.token_endpoint;
}

async function verified(
  { credential, newerKeys }: Presented,
  client: ClientRecord,
  ctx: Context,
): Promise<JWTPayload> {
  const { token_endpoint_auth_signing_alg: alg } = client.metadata;
  const required = ["iss", "sub", "aud", "exp", "jti"];
  try {
    return await verifiedByClient(credential ?? "", client, { alg, required, newerKeys, ctx });
  } catch (cause) {
    throw refuse("client_assertion is not valid for this client", explain(cause, client), cause);
  }
}

function refuse(
  description: string,
  reason: Record<string, unknown> = {},
  cause?: unknown,
): OAuthError {
  return new OAuthError("invalid_client", description, { reason, cause });
}
