/**
 * Resource owner password credentials grant (RFC 6749 §4.3): a client passes on the password that a person gave it. OAuth
 * 2.1 leaves it out, since people should tell their password to nobody but this server; `legacy_grants` turns it on.
 */
import { faceOf } from "../clients/client_face.ts";
import { requestingClient } from "../clients/client_scope.ts";
import type { Context } from "../context.ts";
import { uuidv7 } from "../crypto/hash.ts";
import { isAtLeast, type Proofs, reached } from "../oauth/assurance.ts";
import { NO_NAMED_CLAIMS } from "../oauth/claims_request.ts";
import { OAuthError } from "../oauth/errors.ts";
import { required } from "../oauth/params.ts";
import { scopesOf, without } from "../oauth/permission.ts";
import { readPermissions } from "../oauth/requested_permissions.ts";
import type { Person } from "../people/users.ts";
import { withPlace } from "../store/place.ts";
import type { ConsentRecord, GrantRecord } from "../store/records.ts";
import { audienceOf, heldPermissions } from "../tokens/audience.ts";
import type { Decision } from "../tokens/authorization.ts";
import { consentWrite } from "../tokens/consent_write.ts";
import type { Facts } from "../tokens/facts.ts";
import { issueHandle } from "../tokens/handle.ts";
import { decideIdToken } from "../tokens/id_token.ts";
import { endSurplus, newGrant } from "../tokens/new_grant.ts";
import { type Asking, type GrantType, mayUse } from "./grant.ts";

/** A person whose password was right. */
export interface Proved {
  person: Person;
  /** Whether the password still holds; called after the grant is written, since it may be changed meanwhile. */
  holds(): Promise<boolean>;
}

/**
 * Counts the try with those of the sign-in page, and checks the password.
 * @throws OAuthError `invalid_grant`; RateLimited or TooBusy when it was not checked
 */
export type CheckPassword = (
  credentials: { login: string; password: string; address: string },
  ctx: Context,
) => Promise<Proved>;

/** The first generation of a grant that begins without a code is a refresh token. */
const GENERATION = 1;

export const password = (check: CheckPassword): GrantType => ({
  grant_type: "password",
  asks_person: true,
  confidential_only: true,
  grant_in: null,

  async read(asking, ctx) {
    const { params, client, address } = asking;
    if (client.created_by !== "operator")
      throw new OAuthError("unauthorized_client", "password is not for this client");
    const { required_acr } = client.metadata;
    const proofs: Proofs = [{ kind: "pwd", at: ctx.now }];
    // Told before the password is checked, so that the answer says nothing about it.
    if (required_acr !== undefined && !isAtLeast(reached(proofs).level, required_acr))
      throw invalidGrant("a password alone is not enough for this client");
    const login = required(params, "username");
    const credentials = { login, password: required(params, "password"), address };
    // A request that can't succeed costs no try.
    const asked = askedOf(asking, ctx);
    const proved = await check(credentials, ctx);
    const { sub } = proved.person;
    const consent = await ctx.store.findConsent(sub, client.client_id);
    const grant = grantFor(sub, { asking, asked, consent, proofs }, ctx);
    const facts = { grant, client, session: null, person: proved.person };
    return {
      grant_id: null,
      proves: () => false,
      decide: () => decide({ asking, facts, consent, proved }, ctx),
    };
  },
});

const askedOf = ({ params, client }: Asking, { catalogue, settings }: Context) => {
  const { require_resource } = settings;
  const rules = { client: requestingClient(client, catalogue), catalogue, require_resource };
  return readPermissions(params, rules);
};

interface Answered {
  asking: Asking;
  asked: ReturnType<typeof askedOf>;
  consent: ConsentRecord | null;
  proofs: Proofs;
}

function grantFor(
  sub: string,
  { asking: { client }, asked, consent, proofs }: Answered,
  ctx: Context,
): GrantRecord {
  const { now, now_ms, settings } = ctx;
  // A password does not bring back what the person took from this app.
  const permissions = without(asked.permissions, consent?.refused ?? []);
  const refused = scopesOf(without(asked.permissions, permissions));
  if (permissions.length === 0)
    throw new OAuthError("invalid_scope", "the person has refused this scope to the client");
  return newGrant(
    {
      grant_id: withPlace(uuidv7(now_ms), sub),
      client_id: client.client_id,
      sub,
      session_id: null,
      sid: null,
      permissions,
      claims: NO_NAMED_CLAIMS,
      left_out: [...asked.left_out, ...refused],
      generation: GENERATION,
      code: null,
      proofs,
      snapshot: null,
      code_expires_at: now + settings.lifetimes.authorization_code,
      refreshes: mayUse("refresh_token", client, ctx),
      session_expires_at: null,
    },
    ctx,
  );
}

interface Deciding {
  asking: Asking;
  facts: Facts;
  consent: ConsentRecord | null;
  proved: Proved;
}

function decide({ asking, facts, consent, proved }: Deciding, ctx: Context): Decision {
  const { params, client, address } = asking;
  const { grant } = facts;
  const refreshes = mayUse("refresh_token", client, ctx);
  return {
    client,
    subject: { kind: "person", facts },
    audience: audienceOf({ grant, client }, params, ctx),
    token_type: "Bearer",
    refresh_token: refreshes ? issueHandle("vkr", grant, GENERATION, ctx.secrets) : null,
    id_token: decideIdToken(
      heldPermissions(grant, client, ctx),
      { grant, nonce: null, params },
      ctx,
    ),
    async commit() {
      const { sub, client_id, permissions } = grant;
      const about = { actor: "client", sub, client_id, address } as const;
      // The person was not asked, so this is a waiver: the connected apps list it.
      const answer = {
        consent,
        agreement: { agreed: permissions, refused: [] },
        how: "waived",
        seen: faceOf(client),
      } as const;
      const { write, alongside } = consentWrite(answer, about, ctx);
      if ((await ctx.store.approve({ grant, ...write }, alongside)) !== "approved")
        throw invalidGrant("the consent has changed meanwhile: try again");
      if (!(await proved.holds())) {
        await ctx.store.revokeGrant(grant.grant_id, ctx.now);
        throw invalidGrant("the password has changed meanwhile");
      }
      await endSurplus(grant, { address }, ctx);
      return null;
    },
  };
}

const invalidGrant = (description: string): OAuthError =>
  new OAuthError("invalid_grant", description);
