/**
 * Implicit grant and hybrid flow: tokens in the authorization response (RFC 6749 §4.2, OpenID Connect Core §3.2 and §3.3).
 * OAuth 2.1 leaves them out, since addresses end up in logs and histories; `legacy_grants` turns them on.
 */
import type { Context } from "../context.ts";
import type { SigningKey } from "../crypto/signing_key.ts";
import { OAuthError } from "../oauth/errors.ts";
import { NO_PARAMS } from "../oauth/params.ts";
import type { ResponsePart } from "../oauth/response_type.ts";
import type { ClientRecord, GrantRecord } from "../store/records.ts";
import { audienceOf, heldPermissions } from "../tokens/audience.ts";
import { type Authorization, mayIssue } from "../tokens/authorization.ts";
import { loadFacts } from "../tokens/facts.ts";
import { decideIdToken, mintIdToken } from "../tokens/id_token.ts";
import { mintTokens } from "../tokens/mint.ts";
import { withSigningKeys } from "../tokens/sign.ts";
import type { GrantType } from "./grant.ts";

const grant_type = "implicit";

/** Clients register it; no request to the token endpoint names it. */
export const implicit: GrantType = {
  grant_type,
  asks_person: false,
  confidential_only: false,
  grant_in: null,
  read() {
    throw new OAuthError("unsupported_grant_type", "implicit has no request to the token endpoint");
  },
};

interface InRedirect {
  parts: readonly ResponsePart[];
  grant: GrantRecord;
  /** The code that comes with the tokens; null: there is none. */
  code: string | null;
  nonce: string | null;
}

/**
 * Reads, judges and mints like the token endpoint. It writes nothing, since the grant is stored already.
 * @returns the members of the response beside the code
 * @throws OAuthError when the grant has ended meanwhile
 */
export async function tokensInRedirect(
  { parts, grant: { grant_id }, code, nonce }: InRedirect,
  client: ClientRecord,
  ctx: Context,
): Promise<Record<string, string>> {
  if (parts.every((part) => part === "code")) return {};
  const facts = await loadFacts(grant_id, ctx);
  if (!facts) throw new OAuthError("invalid_grant", "the access that this belongs to has ended");
  const { grant } = facts;
  const held = heldPermissions(grant, client, ctx);
  const id_token = decideIdToken(held, { grant, nonce, params: NO_PARAMS }, ctx);
  const allowed = mayIssue(
    {
      client,
      subject: { kind: "person", facts },
      audience: audienceOf({ grant, client }, NO_PARAMS, ctx),
      token_type: "Bearer",
      refresh_token: null,
      id_token,
      commit: async () => null,
    },
    ctx,
  );
  const minting = { parts, code, allowed };
  const members = await withSigningKeys((keys) => mint(minting, keys, ctx), ctx);
  ctx.observer.issued(grant_type, client.client_id);
  return members;
}

function mint(
  {
    parts,
    code,
    allowed,
  }: Pick<InRedirect, "parts" | "code"> & {
    allowed: Authorization;
  },
  keys: readonly SigningKey[],
  ctx: Context,
): Record<string, string> {
  const { client, id_token, granted } = allowed;
  const tokens = parts.includes("token")
    ? mintTokens({ ...allowed, id_token: null }, keys, ctx)
    : null;
  const members: Record<string, string> = {};
  for (const [name, value] of Object.entries(tokens ?? {})) members[name] = String(value);
  if (parts.includes("id_token") && id_token && granted) {
    // Userinfo has the claims of scopes, except where no access token is ever issued (OpenID Connect Core §5.4).
    const scope = parts.length === 1 ? id_token.scope : [];
    const access_token = tokens?.access_token ?? null;
    // With a code, the ID token of the token endpoint has the claims that were asked for by name.
    const claims = code === null ? id_token.claims : [];
    const about = { ...id_token, ...granted, scope, claims, client, access_token, code };
    members.id_token = mintIdToken(about, keys, ctx);
  }
  return members;
}
