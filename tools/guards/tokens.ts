/** Codes and tokens: what may be issued, and what still holds. */
import { type Guard, guardsOf } from "./guard.ts";

const CODE = "test/security/authorization_code.test.ts";
const REFRESH = "test/security/refresh_tokens.test.ts";
const ASKING = "test/security/introspection_revocation_userinfo.test.ts";
const MODEL = "test/properties/model.test.ts";

export const tokenGuards: readonly Guard[] = [
  ...guardsOf("src/endpoints/token.ts", ["test/flows/clients.test.ts", CODE], {
    "a client uses only the grants that it is registered for": [
      "if (!client.metadata.grant_types.includes(grant.grant_type))",
      "if (false)",
    ],
    "nothing is issued that has not passed the gate": [
      "const allowed = await mayIssue(decision, ctx);",
      "const allowed = { ...decision, person: null };",
    ],
    "nothing is answered that was not written": ["  await allowed.commit();\n", ""],
  }),
  ...guardsOf(
    "src/grants/authorization_code.ts",
    [CODE, "test/flows/codes.test.ts", "test/security/pkce.test.ts"],
    {
      "a code is one of ours": [" || !isGenuine(handle, grant, ctx.secrets)", ""],
      "a refresh token is no code": ['handle?.kind === "vkc"', "handle"],
      "a code is for the client that it was issued to": [
        "if (grant.client_id !== client.client_id)",
        "if (false)",
      ],
      "a code needs its verifier": [
        '    checkCodeVerifier(grant.code_challenge, params.get("code_verifier"), sha256);\n',
        "",
      ],
      "the verifier is looked at before a leak is punished": [
        '    checkCodeVerifier(grant.code_challenge, params.get("code_verifier"), sha256);\n    checkSameRedirectUri(params, grant);\n    if (grant.generation > 0) await reused(grant, ctx);\n',
        '    if (grant.generation > 0) await reused(grant, ctx);\n    checkCodeVerifier(grant.code_challenge, params.get("code_verifier"), sha256);\n    checkSameRedirectUri(params, grant);\n',
      ],
      "a code comes with the redirect URI of its request": [
        "    checkSameRedirectUri(params, grant);\n",
        "",
      ],
      "without PKCE the redirect URI has to be sent": [
        "sent === undefined ? required : sent !== grant.redirect_uri",
        "sent !== undefined && sent !== grant.redirect_uri",
      ],
      "a code that is used again revokes what it gave": [
        "await ctx.store.revokeGrant(grant_id, ctx.now, {",
        "void ({",
      ],
      "a code is known as used, however late": [
        "    if (grant.generation > 0) await reused(grant, ctx);\n",
        "",
      ],
      "a code ends": ["if (grant.code_expires_at <= ctx.now)", "if (false)"],
      "of two redemptions at once one fails": [
        "if (!(await ctx.store.advanceGrant(grant.grant_id, 0, ctx.now))) await reused(grant, ctx);",
        "await ctx.store.advanceGrant(grant.grant_id, 0, ctx.now);",
      ],
    },
  ),
  ...guardsOf(
    "src/grants/refresh_token.ts",
    [REFRESH, "test/flows/refresh_tokens.test.ts", MODEL],
    {
      "a code is no refresh token": ['if (handle?.kind !== "vkr")', "if (!handle)"],
      "a refresh token is one of ours": [" || !isGenuine(handle, grant, ctx.secrets)", ""],
      "a refresh token is for the client that it was issued to": [
        "if (grant.client_id !== client.client_id)",
        "if (false)",
      ],
      "an old refresh token is a leak": ['if (stands === "reused") await reused(grant, ctx);', ""],
      "a leak revokes the grant": [
        "await ctx.store.revokeGrant(grant_id, ctx.now, { events });",
        "void events;",
      ],
      "who lost a race gets what the winner got, and nothing of a grant that was revoked": [
        'if (again.grant.revoked_at !== null || again.stands !== "replayed")',
        "if (false)",
      ],
      "a refresh token is rotated in one write": [
        "if (await ctx.store.advanceGrant(grant.grant_id, handle.generation, ctx.now)) return;",
        "return;",
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
    ["test/flows/clients.test.ts", "test/flows/resources.test.ts"],
    {
      "a client's own token has no more than it is allowed": [
        "if (!isWithin(scope, allowed))",
        "if (false)",
      ],
      "a client's own token has no OpenID Connect scope": [
        "withoutOpenId(allowedScope(client, catalogue))",
        "allowedScope(client, catalogue)",
        "the gate refuses the same once more (`checkOwnAccess`), where it is tested",
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
      "if (!client || client.disabled_at !== null)",
      "if (!client)",
    ],
    "a grant holds no more while its person is disabled": [
      "if (!person || person.disabled)",
      "if (!person)",
    ],
    "a grant ends with the session that it is tied to": [
      "if (grant.session_id !== null && !(await sessionHolds(grant.session_id, person, ctx)))",
      "if (false)",
    ],
    "a session that has ended holds nothing": [
      "return session !== null && isSessionLive(session, person, ctx);",
      "return session !== null;",
    ],
    "the gate lets no disabled client pass": [
      'if (client.disabled_at !== null) throw new OAuthError("invalid_client", "client is disabled");',
      "",
    ],
    "the gate lets no grant of another client pass": [
      "if (grant.client_id !== client.client_id)",
      "if (false)",
    ],
    "the gate lets nothing pass that has ended": ["if (!holding.holds)", "if (false)"],
    "the gate lets no scope pass that was not agreed": [
      "if (!isWithin(audience.scope, grant.scope))",
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
    [REFRESH, "test/flows/resources.test.ts", "test/flows/access_tokens.test.ts", MODEL],
    {
      "a token has no more scope than its grant": [
        "if (!isWithin(scope, granted))",
        "if (false)",
        "the gate refuses the same once more, where it is tested",
      ],
      "what an operator took from a client is not issued any more": [
        "within(grant.scope, allowedScope(client, ctx.catalogue))",
        "grant.scope",
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
      "a token is for one API": ["if (more.length > 0)", "if (false)"],
      "of several APIs one has to be named": [
        "if (chosen === undefined && granted.resources.length > 1)",
        "if (false)",
      ],
      "a token is for an API of its grant": ["known.includes(uri) && ", ""],
      "the scope of a token is cut to its API": [
        "const scope = within(granted.scope, resource.scopes);",
        "const scope = [...granted.scope];",
      ],
    },
  ),
  ...guardsOf("src/tokens/access_token.ts", ["src/tokens/access_token.test.ts", ASKING, MODEL], {
    "an access token ends": [
      "if (!claims || claims.exp <= ctx.now) return null;",
      "if (!claims) return null;",
    ],
    "an access token ends with its grant": ["grant ? Math.min(end, grant.expires_at) : end", "end"],
    "a client's own token holds no more while it is disabled": [
      "client !== null && client.disabled_at === null && claims.iat >",
      "client !== null && claims.iat >",
    ],
    "a client's own token can be revoked": [
      "holds && !(await ctx.store.isClaimed(REVOKED, claims.jti))",
      "holds",
    ],
    "a revoked access token holds no more": [
      "if (!grant || grant.access_epoch !== claims.access_epoch) return null;",
      "if (!grant) return null;",
    ],
    "an access token holds no more when its grant does not": [
      "return (await grantStatus(grant, client, ctx)).holds ? { claims, grant } : null;",
      "return { claims, grant };",
    ],
    "an access token is by this issuer": ["read && read.iss === ctx.issuer", "read"],
  }),
  ...guardsOf("src/endpoints/introspection.ts", [ASKING, "test/flows/introspection.test.ts"], {
    "who introspects proves who it is": ["if (!isConfidential(client.metadata))", "if (false)"],
    "a refresh token is shown when it is one of ours": [
      "if (!handle || !grant || !isGenuine(handle, grant, ctx.secrets)) return null;",
      "if (!handle || !grant) return null;",
    ],
    "a refresh token is shown to its client only": [
      "if (grant.client_id !== client.client_id) return null;",
      "",
    ],
    "an old refresh token is not active": [
      'refresh_replay }) === "reused") return null;',
      'refresh_replay }) === "never") return null;',
    ],
    "a refresh token of a grant that ended is not active": [
      "if (!holding.holds) return null;",
      'if (!holding.holds) return { active: true, sub: "" };',
    ],
    "an access token is shown to its client and its APIs only": [
      "if (resource === null || !aud.includes(resource)) return null;",
      "if (resource === null) return answer;",
    ],
    "an API sees its own part of the scope": [
      'const own = within(scope?.split(" ") ?? [], findResource(ctx.catalogue, resource)?.scopes ?? []);',
      'const own = scope?.split(" ") ?? [];',
    ],
  }),
  ...guardsOf("src/endpoints/revocation.ts", [ASKING, MODEL], {
    "a refresh token is revoked by its client only": [
      "if (!grant || grant.client_id !== client.client_id) return;",
      "if (!grant) return;",
    ],
    "a guessed refresh token revokes nothing": [
      "if (!isGenuine(handle, grant, ctx.secrets)) return;",
      "",
    ],
    "an access token is revoked by its client only": [
      "if (found?.claims.client_id !== client.client_id) return;",
      "if (!found) return;",
    ],
  }),
  ...guardsOf("src/endpoints/userinfo.ts", ["test/flows/userinfo.test.ts", ASKING], {
    "an access token in the URL is refused": [
      'if (readQuery(request, ctx).get("access_token") !== undefined)',
      "if (false)",
    ],
    "an access token is sent once": [
      "if (posted !== undefined && authorization !== undefined)",
      "if (false)",
    ],
    "an access token for another API opens nothing here": [
      "if (![claims.aud].flat().includes(ctx.issuer))",
      "if (false)",
    ],
    "claims about a person need the openid scope": [
      'if (!grant || !scope.includes("openid"))',
      "if (!grant)",
    ],
  }),
];
