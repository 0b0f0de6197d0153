/** Codes and tokens: the rules for issuing them, and their validity. */
import { type Guard, guardsOf } from "./guard.ts";

const CODE = "test/security/authorization_code.test.ts";
const REFRESH = "test/security/refresh_tokens.test.ts";
const ASKING = "test/security/introspection_revocation_userinfo.test.ts";
const MODEL = "test/properties/model.test.ts";
const RESOURCES = "test/flows/resources.test.ts";
const ALLOWED = "test/flows/allowed_resources.test.ts";

export const tokenGuards: readonly Guard[] = [
  ...guardsOf("src/endpoints/token.ts", ["test/flows/clients.test.ts", CODE], {
    "a client uses only the grants that it is registered for": [
      "if (!client.metadata.grant_types.includes(grant.grant_type))",
      "if (false)",
    ],
    "nothing is issued that has not passed the gate": [
      "const allowed = mayIssue(decision, ctx);",
      'const allowed = { ...decision, granted: decision.subject.kind === "person" ? decision.subject.facts : null };',
    ],
    "nothing is answered that was not written": [
      "const outcome = await allowed.commit();",
      "const outcome = null as Awaited<ReturnType<typeof allowed.commit>>;",
    ],
    "nothing is answered when somebody else was faster": [
      'if (outcome !== "again") return punish(outcome, ctx);',
      'if (outcome !== "again") return response;',
    ],
  }),
  ...guardsOf(
    "src/grants/authorization_code.ts",
    [CODE, "test/flows/codes.test.ts", "test/security/pkce.test.ts"],
    {
      "a code is one of ours": ["isGenuine(handle, grant, ctx.secrets)", "true"],
      "a refresh token is no code": ['handle?.kind !== "vkc"', "!handle"],
      "a code is for the client that it was issued to": [
        "if (grant.client_id !== client.client_id)",
        "if (false)",
      ],
      "a code needs its verifier": [
        '  checkCodeVerifier(code.code_challenge, params.get("code_verifier"), sha256);\n',
        "",
      ],
      "the verifier is looked at before a leak is punished": [
        '  checkCodeVerifier(code.code_challenge, params.get("code_verifier"), sha256);\n  checkSameRedirectUri(params, code);\n  if (grant.generation > 0) return reused(grant);\n',
        '  if (grant.generation > 0) return reused(grant);\n  checkCodeVerifier(code.code_challenge, params.get("code_verifier"), sha256);\n  checkSameRedirectUri(params, code);\n',
      ],
      "a code comes with the redirect URI of its request": [
        "  checkSameRedirectUri(params, code);\n",
        "",
      ],
      "without PKCE the redirect URI has to be sent": [
        "sent === undefined ? needed : sent !== code.redirect_uri",
        "sent !== undefined && sent !== code.redirect_uri",
      ],
      "a code is known as used, however late": [
        "  if (grant.generation > 0) return reused(grant);\n",
        "",
      ],
      "a code ends": ["if (grant.code_expires_at <= ctx.now)", "if (false)"],
      "of two redemptions at once one fails": [
        "return done ? null : reused(grant);",
        "return null;",
      ],
    },
  ),
  ...guardsOf("src/tokens/leak.ts", [CODE], {
    "a code that is used again revokes what it gave": [
      "await ctx.store.revokeGrant(grant_id, ctx.now, {",
      "void ({",
    ],
  }),
  ...guardsOf("src/tokens/leak.ts", [REFRESH], {
    "a leak revokes the grant": [
      "await ctx.store.revokeGrant(grant_id, ctx.now, { events: [audit(event, about, ctx)] });",
      "audit(event, about, ctx);",
    ],
  }),
  ...guardsOf(
    "src/grants/refresh_token.ts",
    [REFRESH, "test/flows/refresh_tokens.test.ts", MODEL],
    {
      "a code is no refresh token": ['if (handle?.kind !== "vkr")', "if (!handle)"],
      "a refresh token is one of ours": ["isGenuine(handle, grant, ctx.secrets)", "true"],
      "a refresh token is for the client that it was issued to": [
        "if (grant.client_id !== client.client_id)",
        "if (false)",
      ],
      "an old refresh token is a leak": [
        'if (reuse === "reused") return isOutdated(presented) ? outdated() : leak(grant);',
        "",
      ],
      "a request that lost a race is judged again, and gets nothing of a grant that was revoked": [
        'return done ? null : "again";',
        "return null;",
      ],
      "a refresh token is rotated in one write": [
        "const done = await ctx.store.advanceGrant(grant.grant_id, generation, ctx.now, fresh);",
        "const done = grant.generation >= 0;",
      ],
    },
  ),
  ...guardsOf("src/grants/grant.ts", [REFRESH], {
    "refresh tokens of public clients are rotated": [
      "!isConfidential(client.metadata);",
      "!client.client_id;",
    ],
  }),
  ...guardsOf(
    "src/grants/client_credentials.ts",
    [ALLOWED, "test/flows/clients.test.ts", RESOURCES],
    {
      "a client's own token has no more than it is allowed": [
        "known.length === scope.length && isWithin(scope, allowed)",
        "known.length === scope.length",
      ],
      "a client's own token has no OpenID Connect scope": [
        "allowedOwnScope(client, catalogue);",
        "registeredScope(client) ?? [];",
        "the gate refuses the same again (`checkOwnAccess`), where it is tested",
      ],
      "a client's own token is for APIs that it may ask for": [
        "![...resources, ...permissions.map(resourceOf)].every((uri) => mayAsk(uri, client, catalogue))",
        "false",
      ],
      "with require_resource a client names one of several APIs for itself": [
        "if (settings.require_resource && several)",
        "if (false)",
      ],
    },
  ),
  ...guardsOf("src/tokens/reuse.ts", ["src/tokens/reuse.test.ts", REFRESH], {
    "the replay window ends": ["&& now - advanced_at <= refresh_replay", ""],
    "the replay window is for the last token only": [
      "const isLast = presented > 0 && presented === generation - 1;",
      "const isLast = presented > 0;",
    ],
    "a code has no replay window": [
      "presented > 0 && presented === generation - 1",
      "presented === generation - 1",
    ],
  }),
  ...guardsOf("src/tokens/authorization.ts", ["src/tokens/authorization.test.ts", MODEL], {
    "a revoked grant holds no more": [
      'if (grant.revoked_at !== null) return lapsed("revoked");',
      "",
    ],
    "a grant of before a restore holds no more": [
      'if (grant.epoch !== ctx.epoch) return lapsed("earlier epoch");',
      "",
    ],
    "a grant ends": ['if (grant.expires_at <= ctx.now) return lapsed("expired");', ""],
    "a grant that is not used ends": [
      "if (grant.generation > 0 && grant.used_at + lifetimes.refresh_token_idle <= ctx.now)",
      "if (false)",
    ],
    "a grant holds no more while its client is disabled": [
      "if (!client || !isEnabled(client, ctx))",
      "if (!client)",
    ],
    "a grant holds no more while its person is disabled": [
      "if (!person || person.disabled)",
      "if (!person)",
    ],
    "a grant ends with the session that it is tied to": [
      "if (grant.session_id !== null && !(session && isSessionLive(session, person, ctx)))",
      "if (false)",
    ],
    "a session that has ended holds nothing": [
      "!(session && isSessionLive(session, person, ctx))",
      "!session",
    ],
    "the gate lets no disabled client pass": [
      'if (!isEnabled(client, ctx))\n    throw new OAuthError("invalid_client", "client is disabled",',
      'if (false)\n    throw new OAuthError("invalid_client", "client is disabled",',
    ],
    "the gate lets no grant of another client pass": [
      "if (grant.client_id !== client.client_id)",
      "if (false)",
    ],
    "the gate lets nothing pass that has ended": ["if (!status.holds)", "if (false)"],
    "the gate lets no scope pass that was not agreed": [
      "if (!isAgreed(audience, grant))",
      "if (false)",
    ],
    "only an operator's client gets a token for itself": [
      'if (client.created_by !== "operator")',
      "if (false)",
    ],
    "OpenID Connect scopes need a person": [
      "if (audience.scope.some(isOpenIdScope))",
      "if (false)",
    ],
  }),
  ...guardsOf(
    "src/tokens/audience.ts",
    [REFRESH, RESOURCES, ALLOWED, "test/flows/access_tokens.test.ts", MODEL],
    {
      "a token has no more scope than its grant": [
        "if (!isWithin(scope, [...granted, ...grant.left_out, ...scopesOf(grant.permissions)]))",
        "if (false)",
      ],
      "a scope that an operator took from a client is no longer issued": [
        "(scope === null || scopes.includes(scope)) && ",
        "",
      ],
      "an API that a client may no longer ask for gets no tokens": [
        " && mayAsk(resourceOf(each), client, catalogue)",
        "",
      ],
    },
  ),
  ...guardsOf(
    "src/oauth/resource_indicator.ts",
    ["src/oauth/resource_indicator.test.ts", "test/flows/resources.test.ts"],
    {
      "a resource that is not known is refused": [
        "if (!findResource(catalogue, uri))",
        "if (false)",
      ],
    },
  ),
  ...guardsOf("src/oauth/audience.ts", ["src/oauth/audience.test.ts", RESOURCES], {
    "a token is for one API": ["if (more.length > 0)", "if (false)"],
    "a token is for an API of its grant": [" && apis.includes(uri) && ", " && "],
    "the scope of a token is cut to its API": [
      "scope: scopesAt(granted, uri), format",
      "scope: granted.flatMap((each) => scopeOf(each) ?? []), format",
    ],
    "with openid the scope of a token is cut to its API and the issuer": [
      "[uri, issuer].includes(resourceOf(each)) ? (scopeOf(each) ?? []) : []",
      "scopeOf(each) ?? []",
    ],
  }),
  ...guardsOf("src/tokens/access_token.ts", ["src/tokens/access_token.test.ts", ASKING, MODEL], {
    "an access token ends": [
      "if (!claims || claims.exp <= ctx.now) return null;",
      "if (!claims) return null;",
    ],
    "an access token ends with its grant": ["grant ? Math.min(end, grant.expires_at) : end", "end"],
    "a client's own token holds no more while it is disabled": [
      "if (!isEnabled(client, ctx) || claims.iat <",
      "if (claims.iat <",
    ],
    "a client's own token can be revoked": [
      " || (await ctx.store.isClaimed(REVOKED, claims.jti))) return null;",
      ") return null;",
    ],
    "a client's own token of before a restore holds no more": [
      "if (claims.iat < ctx.epoch || ",
      "if (",
    ],
    "a client's own token holds no more than the client may have": [
      "const held = heldByClient(claims, client, ctx.catalogue);",
      "const held = { ...claims, ...(heldByClient(claims, client, ctx.catalogue) ? {} : {}) };",
    ],
    "an access token holds no more than its grant": [
      "const part = heldByGrant(claims, held);",
      "const part = { ...claims, ...(heldByGrant(claims, held) ? {} : {}) };",
    ],
    "an access token is of the client that its grant is for": [
      "if (!status.holds || client?.client_id !== claims.client_id) return null;",
      "if (!status.holds || !client) return null;",
    ],
    "a revoked access token holds no more": [
      "if (!facts || facts.grant.access_epoch !== claims.access_epoch) return null;",
      "if (!facts) return null;",
    ],
    "an access token holds no more when its grant does not": [
      "const status = grantStatus(facts, ctx);",
      "const { person } = facts; if (!person) return null; const status = { ...grantStatus(facts, ctx), holds: true, person };",
    ],
    "an access token is by this issuer": [
      "if (read?.iss !== ctx.issuer) return null;",
      "if (!read) return null;",
    ],
    "no claim of a person takes the place of what an access token says": [
      "{ ...about, ...claims }",
      "{ ...claims, ...about }",
    ],
  }),
];
