/** Authorization requests: redirect URIs, PKCE, allowed scopes and resources. */
import { type Guard, guardsOf } from "./guard.ts";

const REQUESTS = "test/flows/authorization_request.test.ts";
const AUTHENTICATION = "test/flows/authentication.test.ts";
const HINT = "test/flows/id_token_hint.test.ts";

export const authorizationGuards: readonly Guard[] = [
  ...guardsOf("src/oauth/next_step.ts", ["src/oauth/next_step.test.ts"], {
    "nobody signs in for a level that no sign-in reaches": [
      "if (!silent && !isReachable(level, situation.reachable)) return unmet();",
      "",
    ],
    "a demanded level is reached before anything is issued": [
      "if (level !== null && !isReached(level, proofs)) {",
      "if (level === undefined) {",
    ],
    "the client's own level counts beside that of the request": [
      "stronger(asked.required_level, situation.client.required_acr)",
      "asked.required_level",
    ],
  }),
  ...guardsOf("src/oauth/next_step.ts", ["src/oauth/next_step.test.ts"], {
    "a person who declines gets no more than the request can do without": [
      'if (level === "unknown" || declined) return unmet();',
      'if (level === "unknown") return unmet();',
    ],
    "the operator's policy is a demand": ["    situation.policy,\n", "    null,\n"],
  }),
  ...guardsOf("src/oauth/authorization_request.ts", ["src/oauth/authorization_request.test.ts"], {
    "acr_values of a request for an API are a demand": [
      "of_api ? weakestOf(values, names) : null",
      "null",
    ],
    "an essential acr is a demand": [
      "acr?.essential ? weakestOf(acr.values, names) : null",
      "null",
    ],
  }),
  ...guardsOf("src/tokens/authorization.ts", ["src/tokens/authorization.test.ts"], {
    "a grant of a weak sign-in ends when its client needs more": [
      "if (required_acr !== undefined &&",
      "if (required_acr === null &&",
    ],
  }),
  ...guardsOf(
    "src/oauth/optional_metadata.ts",
    ["src/clients/rules.test.ts", "src/oauth/client_id_metadata_document.test.ts"],
    {
      "only an operator decides on the level of a client": [
        '  "legacy_assertion_audience",\n  "required_acr",\n] as const',
        '  "legacy_assertion_audience",\n] as const',
      ],
      "only an operator says which APIs a client may ask for": [
        '= [\n  "resources",\n  "id_token_claims",',
        '= [\n  "id_token_claims",',
      ],
    },
  ),
  ...guardsOf(
    "src/oauth/redirect_uri.ts",
    ["src/oauth/redirect_uri.test.ts", "test/security/redirect_uri.test.ts"],
    {
      "a redirect URI has no fragment": [
        'if (uri.includes("#")) return { kind: "fragment", problem: "must not have a fragment" };',
        "",
      ],
      "a redirect URI has no character that a parser reads in two ways": [
        String.raw`if (!/^[\x21-\x7e]+$/.test(uri) || /[\\*<>"{}|^${"`"}]/.test(uri))`,
        "if (false)",
      ],
      "a redirect URI is in normal form": [
        "if (url.href !== inOneSpelling(uri, scheme))",
        "if (false)",
      ],
      "only a spelling that would be accepted is named": [
        ".test(uri) || problemOf(write_as, rules))",
        ".test(uri))",
      ],
      "a redirect URI has no user name": ["if (url.username || url.password ||", "if (false &&"],
      "a registered query holds nothing that could pass for an answer": [
        "if (RESERVED.some((name) => url.searchParams.has(name)))",
        "if (false)",
      ],
      "http is for loopback only": [
        'scheme !== "http" || LOOPBACK.test(uri)',
        'scheme !== "http" || uri !== ""',
      ],
      "schemes that a browser runs are never allowed": ["if (NEVER.has(scheme))", "if (false)"],
      "private-use schemes are for native apps": [
        'if (application_type !== "native")',
        "if (false)",
      ],
      "a scheme without a dot has to be written down": [
        'if (!scheme.includes(".") && short_schemes !== "any" && !short_schemes.includes(scheme))',
        "if (false)",
      ],
      "a redirect URI that could not be registered today matches nothing": [
        "return match !== undefined && REGISTRABLE[application_type](match);",
        "return match !== undefined;",
      ],
      "on localhost only native apps choose their port": [
        'if (!asked || (asked.host === "localhost" && application_type !== "native")) return false;',
        "if (!asked) return false;",
      ],
      "on loopback the path stays as registered": [
        "known.host === asked.host && known.rest === asked.rest",
        "known.host === asked.host",
      ],
      "on loopback the host stays as registered": [
        "known.host === asked.host && known.rest === asked.rest",
        "known.rest === asked.rest",
      ],
    },
  ),
  ...guardsOf(
    "src/oauth/response_target.ts",
    ["src/oauth/authorization_request.test.ts", REQUESTS, "test/security/redirect_uri.test.ts"],
    {
      "an answer goes to a registered redirect URI only": [
        "if (!matchesRedirectUri(redirect_uri, client.redirect_uris, client.application_type))",
        "if (false)",
      ],
      "a redirect URI may be left out only where there is one, and no OpenID Connect": [
        "if (only === undefined || more.length > 0 || asksOpenId)",
        "if (only === undefined)",
      ],
      "an answer with tokens is delivered outside of the query, also when the query was asked for":
        [
          "if (asked === null || !mayUseMode(asked, otherwise)) return otherwise;",
          "if (asked === null) return otherwise;",
        ],
    },
  ),
  ...guardsOf(
    "src/oauth/requested_permissions.ts",
    ["src/oauth/authorization_request.test.ts", REQUESTS],
    {
      "a scope that the server does not know is left out": [
        "const known = wanted.filter((name) => knowsScope(catalogue, name));",
        "const known = wanted;",
        "the next line leaves out the same, since no client is allowed unknown scopes; this one gives the reason in the log",
      ],
      "a client gets no more scope than it is allowed": [
        "const allowed = within(known, client.allowed_scope);",
        "const allowed = known;",
      ],
      "a request of which no scope is left is refused": ["if (scope.length === 0)", "if (false)"],
      "a client names only resources that it may ask for": [
        "if (!resources.every(mayAsk))",
        "if (false)",
      ],
      "a scope means no API that the client may not ask for": [
        ".filter((each) =>\n    mayAsk(resourceOf(each)),\n  );",
        ";",
      ],
      "with require_resource one of several APIs has to be named": [
        "if (require_resource && resources.length === 0 &&",
        "if (false &&",
      ],
    },
  ),
  ...guardsOf(
    "src/oauth/authorization_request.ts",
    ["src/oauth/authorization_request.test.ts", REQUESTS, "test/security/redirect_uri.test.ts"],
    {
      "the metadata of a self-issued provider are refused": ["  refuseRegistration(params);\n", ""],
      "only response types that are on are spoken": [
        "if (!type || !response_types.includes(type.name))",
        "if (!type)",
      ],
      "a client gets answers of the types that it is registered for": [
        "if (!client.response_types.includes(type.name))",
        "if (false)",
      ],
      "a request for tokens in the query is refused": [
        "if (known !== null && !mayUseMode(known, type.default_mode))",
        "if (false)",
      ],
      "an ID token in the redirect belongs to one request of the client": [
        'if (type.parts.includes("id_token") && params.get("nonce") === undefined)',
        "if (false)",
      ],
      "an ID token is for requests with openid": [
        'if (parts.includes("id_token") && !permissions.includes(permissionOf(issuer, "openid")))',
        "if (false)",
      ],
      "lasting access needs a code": [
        'if (parts.includes("code") || !permissions.includes(lasting))',
        "if (true)",
      ],
      "the length of each carried parameter is bounded": [
        "if ((params.get(name)?.length ?? 0) > longest)",
        "if (false)",
      ],
      "PKCE is a duty": ["if (client.require_pkce || method !== undefined)", "if (false)"],
      "prompt=none goes with no other prompt": [
        'if (prompt.includes("none") && new Set(asked).size > 1)',
        "if (false)",
      ],
    },
  ),
  ...guardsOf(
    "src/clients/client_scope.ts",
    ["test/security/pkce.test.ts", "src/clients/client_scope.test.ts"],
    {
      "a public client can't be let off PKCE": [
        "require_pkce || !isConfidential(metadata)",
        "require_pkce",
      ],
      "apps of people and of metadata documents get no tokens in the redirect": [
        'name === "code" || ANSWERED_IN_FRONT.includes(created_by)',
        "true",
      ],
      "an app that a person registered may ask for open APIs only": [
        'if (client.created_by === "operator") return [',
        "if (true) return [",
      ],
      "an app that a person registered names open APIs only": [
        'if (client.created_by === "operator" && resources === undefined) return null;',
        "if (resources === undefined) return null;",
      ],
      "a client that is registered for some APIs asks for no other": [
        "return [...(resources ?? []), ...open.map(([uri]) => uri)];",
        "return resources ? null : open.map(([uri]) => uri);",
      ],
    },
  ),
  ...guardsOf("src/oauth/pkce.ts", ["src/oauth/pkce.test.ts", "test/security/pkce.test.ts"], {
    "only S256 is a challenge method": ['if (method !== "S256")', "if (false)"],
    "a challenge has the form of a SHA-256": ["if (!CHALLENGE.test(code_challenge))", "if (false)"],
    "a verifier has the form that RFC 7636 gives it": ["!VERIFIER.test(code_verifier) || ", ""],
    "a verifier is the one of the challenge": [" || sha256(code_verifier) !== code_challenge", ""],
    "a challenge asks for a verifier": [
      'if (code_verifier === undefined) throw wrongVerifier("is missing");',
      "if (code_verifier === undefined) return;",
    ],
    "a verifier without a challenge is refused: PKCE can't be taken out on the way": [
      "if (code_verifier === undefined) return;",
      "return;",
    ],
  }),
  ...guardsOf("src/config.ts", ["test/flows/embedding.test.ts"], {
    "each level of sign-in has a name of its own": [
      "if (new Set([single, multi, phishing_resistant]).size < 3)",
      "if (false)",
    ],
  }),
  ...guardsOf("src/config_resources.ts", ["test/flows/embedding.test.ts"], {
    "no scope gives a claim that only the server sets": [
      "  if (reserved.length > 0)\n",
      "  if (false)\n",
    ],
  }),
  ...guardsOf("src/oauth/assurance.ts", ["src/oauth/assurance.test.ts"], {
    "a recovery code raises no level": ['if (second?.kind === "recovery") return "single";', ""],
    "a code by mail is no part of two factors": [' && first.kind !== "email"', ""],
    "the time of a sign-in is that of its oldest proof": [
      "Math.min(first.at, second.at)",
      "Math.max(first.at, second.at)",
    ],
    "a second factor signs nobody in alone": [
      "if (!before) throw new Error(`${proof.kind} proves nothing without a first factor`);",
      "if (!before) return [proof];",
    ],
  }),
  ...guardsOf("src/oauth/authorization_response.ts", ["src/oauth/authorization_response.test.ts"], {
    "every answer names its issuer": ['    ["iss", issuer],\n', ""],
  }),
  ...guardsOf("src/endpoints/authorization.ts", [AUTHENTICATION], {
    "anything else than an ID token for this client is refused as a hint": [
      "if (hint) return hint.sub;\n",
      "return hint?.sub ?? null;\n",
    ],
  }),
  ...guardsOf("src/tokens/id_token_hint.ts", [HINT, AUTHENTICATION], {
    "a hint is an ID token of this issuer": [
      "if (claims?.iss !== ctx.issuer) return null;",
      "if (!claims) return null;",
    ],
    "a hint is for the client that shows it": [
      "if (client_id !== null && aud !== client_id) return null;\n",
      "",
    ],
    "a signed answer of userinfo is no hint": [
      'if (typeof sid !== "string" || typeof exp !== "number" || typeof jti !== "string") return null;',
      'if (typeof sid !== "string" && typeof jti !== "string") return null;',
    ],
    "a rotated key verifies hints for the life of a session only": [
      "publishedKeys(await ctx.keys(), ctx.now, Math.max(session, id_token))",
      "publishedKeys(await ctx.keys(), ctx.now, Number.POSITIVE_INFINITY)",
    ],
  }),
];
