/** Authorization requests: redirect URIs, PKCE, the steps on the way, consent. */
import { type Guard, guardsOf } from "./guard.ts";

const BROWSER = "test/security/browser_session_and_consent.test.ts";
const REQUESTS = "test/flows/authorization_request.test.ts";
const AUTHENTICATION = "test/flows/authentication.test.ts";

export const authorizationGuards: readonly Guard[] = [
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
        "if (url.href !== uri && url.href !== `${uri}/`)",
        "if (false)",
      ],
      "a redirect URI has no user name": ["if (url.username || url.password ||", "if (false &&"],
      "a registered query holds nothing that could pass for an answer": [
        "if (RESERVED.some((name) => url.searchParams.has(name)))",
        "if (false)",
      ],
      "http is for loopback only": ["return LOOPBACK.test(uri)\n", 'return uri !== ""\n'],
      "schemes that a browser runs are never allowed": ["if (NEVER.has(scheme))", "if (false)"],
      "private-use schemes are for native apps": [
        'if (application_type !== "native")',
        "if (false)",
      ],
      "a scheme without a dot has to be written down": [
        'if (!scheme.includes(".") && short_schemes !== "any" && !short_schemes.includes(scheme))',
        "if (false)",
      ],
      "what could not be registered today matches nothing": [
        "return match !== undefined && redirectUriProblem(match, rules) === null;",
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
    "src/oauth/authorization_request.ts",
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
      "request objects that are not understood are refused": [
        "  refuseRequestObjects(params);\n",
        "",
      ],
      "only the code flow is spoken": [
        "if (!response_types.includes(response_type))",
        "if (false)",
      ],
      "a client that is not registered for codes gets none": [
        "if (!client.uses_code)",
        "if (false)",
      ],
      "what travels with a request is bounded": [
        "if ((params.get(name)?.length ?? 0) > longest)",
        "if (false)",
      ],
      "a scope that the server does not know is refused": [
        "if (unknown.length > 0)",
        "if (false)",
        "the next check refuses the same, since no client is allowed what is not known; this one says why in the log",
      ],
      "a client asks for no more than it is allowed": [
        "if (!isWithin(wanted, client.allowed_scope))",
        "if (false)",
      ],
      "PKCE is a duty": ["if (client.require_pkce || method !== undefined)", "if (false)"],
      "prompt=none goes with no other prompt": [
        'if (prompt.includes("none") && prompt.length > 1)',
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
      "an app that a person registered may ask for open APIs only": [
        'if (client.created_by === "operator")',
        "if (true)",
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
  ...guardsOf("src/oauth/next_step.ts", ["src/oauth/next_step.test.ts", AUTHENTICATION], {
    "prompt=none shows no sign-in page": [
      'silent ? refusal("login_required", "the person has to sign in") : { step }',
      "({ step })",
    ],
    "who signs in is whom the id_token_hint names": [
      "if (isSomebodyElse(situation, session))\n    return",
      "if (false)\n    return",
    ],
    "an answer counts for the person who gave it": [
      "if (answer && answer.sub === session.sub)",
      "if (answer)",
    ],
    "a refusal of everything is a refusal": ["if (answer.scope.length === 0)", "if (false)"],
    "prompt=consent asks again": [' && !request.prompt.includes("consent")', ""],
    "prompt=login asks again": ['request.prompt.includes("login") || ', ""],
    "max_age=0 asks again": ["if (request.max_age === 0) return true;", ""],
    "max_age is kept": ["now - reached(session.proofs).auth_time > request.max_age", "false"],
    "a public app on this computer is asked for each time": [
      "if (!client.confidential && isOnThisComputer(request.redirect_uri)) return null;",
      "",
    ],
    "only an operator's word skips consent": ["if (client.trusted)", "if (true)"],
    "a remembered consent is for the APIs that it named": [
      "if (!consent || !isWithin(resources, consent.resources)) return null;",
      "if (!consent) return null;",
    ],
    "more than was agreed is asked for": [
      "if (!isWithin(scope, [...consent.scope, ...consent.declined])) return null;",
      "",
    ],
    "what was declined is not issued": [
      "const agreed = within(scope, consent.scope);",
      "const agreed = scope;",
    ],
  }),
  ...guardsOf("src/oauth/authorization_response.ts", ["src/oauth/authorization_response.test.ts"], {
    "every answer names its issuer": ['    ["iss", issuer],\n', ""],
  }),
  ...guardsOf(
    "src/endpoints/authorization.ts",
    [REQUESTS, "test/security/redirect_uri.test.ts", BROWSER, AUTHENTICATION],
    {
      "a disabled client starts no request": [
        'if (client.disabled_at !== null) throw new PageError("app_disabled", { status: 403 });',
        "",
      ],
      "the redirect URI is looked at again when the code is issued": [
        "  checkStillRegistered(pending, client);\n",
        "",
      ],
      "a hint is an ID token of ours, for this client": [
        "claims?.iss === ctx.issuer && claims.aud === client_id",
        "true",
      ],
    },
  ),
  ...guardsOf(
    "src/authorization/approve.ts",
    [
      ...["test/flows/consent.test.ts", BROWSER, "test/flows/resources.test.ts"],
      "test/flows/sessions.test.ts",
    ],
    {
      "a code that was used is not given out again": [
        "grant.generation === 0 && grant.code_expires_at > ctx.now",
        "true",
      ],
      "a code is given again only to whom it was given": [
        "const own = grant.sub === session.person.sub && grant.client_id === client.client_id;",
        "const own = true;",
      ],
      "a code of a grant that ended is not given out again": [
        "return own && fresh && (await grantStatus(grant, client, ctx)).holds;",
        "return own && fresh;",
      ],
      "a grant of an OpenID Connect sign-in ends with the session": [
        'const tied = scope.includes("openid") && !scope.includes("offline_access");',
        "const tied = false;",
      ],
      "a consent that stands is not written again, and so not brought back": [
        "const stands = consent !== null && isSame(consent, agreed);",
        "const stands = false;",
      ],
      "an API at which everything was refused is not in the grant": [
        "return within(scope, scopes).length > 0 || within(declined, scopes).length === 0;",
        "return true;",
      ],
    },
  ),
  ...guardsOf(
    "src/authorization/transaction.ts",
    ["src/authorization/transaction.test.ts", BROWSER],
    {
      "a request in progress belongs to one browser": [
        "if (bound && pending.browser !== browser.id)",
        "if (false)",
      ],
      "a request in progress gets its browser in one place only": [
        "const bound = pending.browser !== null || !unbound;",
        "const bound = pending.browser !== null;",
      ],
      "a request in progress ends": ["if (pending.expires_at <= ctx.now)", "if (false)"],
      "a request in progress is bounded": [
        "if (Buffer.byteLength(JSON.stringify(pending)) > LARGEST)",
        "if (false)",
      ],
    },
  ),
  ...guardsOf("src/authorization/consent_page.ts", [BROWSER, "test/flows/consent.test.ts"], {
    "a consent form answers the request that it was shown for": [
      "if (shown?.id !== pending.id)",
      "if (!shown)",
    ],
    "a consent form answers for the person and session that saw it": [
      "if (session?.record.session_id !== shown.session_id || session.person.sub !== shown.sub)",
      "if (!session)",
    ],
    "nothing is agreed to that was not on the page": [
      "if (!isWithin(scope, shown.scope))",
      "if (false)",
    ],
    "to deny is to agree to nothing": [
      'const agreed = decision === "allow" ? allowed : [];',
      "const agreed = allowed;",
    ],
    "unticked is not agreed": [
      "shown.scope.filter((name) => required.includes(name) || scope.includes(name))",
      "shown.scope",
    ],
    "a consent form says allow or deny": [
      'if (decision !== "allow" && decision !== "deny")',
      "if (false)",
    ],
  }),
];
