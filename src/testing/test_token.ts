/** Access tokens for tests of APIs: real ones of a stored grant, without a sign-in. */
import { faceOf } from "../clients/client_face.ts";
import { createClient } from "../clients/create_client.ts";
import { type Context, requestContext, type Server } from "../context.ts";
import { randomText, uuidv7 } from "../crypto/hash.ts";
import type { Audience } from "../oauth/audience.ts";
import { NO_NAMED_CLAIMS } from "../oauth/claims_request.ts";
import { type Permission, permissionOf } from "../oauth/permission.ts";
import { findResource } from "../oauth/resource_indicator.ts";
import { parseScope } from "../oauth/scope.ts";
import type { Person } from "../people/users.ts";
import { withPlace } from "../store/place.ts";
import type { ClientRecord, GrantRecord } from "../store/records.ts";
import { accessTokenClaims, mintAccessToken } from "../tokens/access_token.ts";
import { consentWrite } from "../tokens/consent_write.ts";
import { newGrant } from "../tokens/new_grant.ts";

export interface TokenOptions {
  /** The API: its `resource` identifier, as its `aud` says. It need not be in the configuration. */
  audience: string;
  /** Separated by spaces. Left out: none. */
  scope?: string;
  /** Seconds from now. Left out: 600, or `lifetimes.access_token` of the configuration. Negative: it has expired. */
  expiresIn?: number;
}

/** Makes tokens of a client that stands for all apps. It is added with the first token. */
export function tokenMaker(
  server: Server,
): (sub: string, options: TokenOptions) => Promise<string> {
  let client: ClientRecord | null = null;
  let last: Promise<unknown> = Promise.resolve();
  const make = async (sub: string, options: TokenOptions): Promise<string> => {
    client ??= await addOwnClient(server);
    const person = await server.users.find(sub);
    if (!person) throw new Error("the person was removed");
    return makeToken({ person, client }, options, server);
  };
  // One after the other, since each may add to the same consent.
  return (sub, options) => {
    const token = last.then(() => make(sub, options));
    last = token.catch(() => {});
    return token;
  };
}

const OWN = {
  client_name: "valetkey/testing",
  ...{ redirect_uris: [], response_types: [], grant_types: ["client_credentials"] },
};

async function addOwnClient(server: Server): Promise<ClientRecord> {
  const by = { kind: "operator", id: null, via: "code" } as const;
  const input = { document: OWN, client_id: "valetkey-testing" };
  const made = await createClient(input, by, server);
  if (typeof made === "string") throw new Error(`the id ${input.client_id} is ${made}`);
  return made.client;
}

/** Writes a grant of the person to the client, and makes a token of it. @throws OAuthError for a malformed scope */
async function makeToken(
  whose: { person: Person; client: ClientRecord },
  { audience, scope = "", expiresIn }: TokenOptions,
  server: Server,
): Promise<string> {
  const ctx = await contextOf(server);
  const names = scope === "" ? [] : parseScope(scope);
  const permissions =
    names.length === 0
      ? [permissionOf(audience, null)]
      : names.map((name) => permissionOf(audience, name));
  const grant = grantOf(whose, { permissions, life: Math.max(0, expiresIn ?? 0) }, ctx);
  await write(grant, whose.client, ctx);
  const format = findResource(ctx.catalogue, audience)?.access_token ?? "jwt";
  const { person, client } = whose;
  const asked: Audience = { aud: [audience], scope: names, format };
  const claims = accessTokenClaims({ client, granted: { grant, person }, audience: asked }, ctx);
  if (expiresIn !== undefined) {
    claims.exp = ctx.now + expiresIn;
    // A token that has expired was made before that.
    if (claims.exp <= claims.iat) claims.iat = claims.exp - ctx.settings.lifetimes.access_token;
  }
  return mintAccessToken({ claims, audience: asked, person }, await ctx.keys(), ctx);
}

async function contextOf(server: Server): Promise<Context> {
  const arrival = { now_ms: server.clock(), event_id: randomText(9), address: "127.0.0.1" };
  const ctx = requestContext(server, { ...arrival, quotas: { tightest: null } });
  ctx.epoch = (await server.store.currentState()).epoch;
  return ctx;
}

function grantOf(
  { person, client }: { person: Person; client: ClientRecord },
  { permissions, life }: { permissions: Permission[]; life: number },
  ctx: Context,
): GrantRecord {
  return newGrant(
    {
      grant_id: withPlace(uuidv7(ctx.now_ms), person.sub),
      client_id: client.client_id,
      sub: person.sub,
      session_id: null,
      sid: null,
      permissions,
      claims: NO_NAMED_CLAIMS,
      left_out: [],
      generation: 1,
      code: null,
      proofs: [{ kind: "pwd", at: ctx.now }],
      snapshot: null,
      code_expires_at: ctx.now + life,
      refreshes: false,
      session_expires_at: null,
    },
    ctx,
  );
}

async function write(grant: GrantRecord, client: ClientRecord, ctx: Context): Promise<void> {
  const { sub, client_id, permissions } = grant;
  const about = { actor: "operator", via: "code", sub, client_id } as const;
  const consent = await ctx.store.findConsent(sub, client_id);
  const agreement = { agreed: permissions, refused: [] };
  const answer = { consent, agreement, how: "waived", seen: faceOf(client) } as const;
  const { write, alongside } = consentWrite(answer, about, ctx);
  const outcome = await ctx.store.approve({ grant, ...write }, alongside);
  if (outcome !== "approved") throw new Error(`the grant of the token is not made: ${outcome}`);
}
