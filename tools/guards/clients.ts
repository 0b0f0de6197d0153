/** Clients: authentication, and the rules of registration. */
import { type Guard, guardsOf } from "./guard.ts";

const DEAD_ENDS = "test/flows/dead_ends.test.ts";
const OPERATIONS = "src/clients/operations.test.ts";
const CLIENTS = "test/security/client_authentication.test.ts";

export const clientGuards: readonly Guard[] = [
  ...guardsOf("src/client_auth/client_auth.ts", [CLIENTS, "src/client_auth/client_auth.test.ts"], {
    "only the registered way to authenticate is taken": [
      "if (client && registered !== undefined && !method.serves.includes(registered))",
      "if (false)",
    ],
    "a client authenticates in one way at a time": [
      "else if (proving === undefined) proving = { method, presented };",
      "else proving = { method, presented };",
    ],
    "client_id names the client that authenticates": [
      "if (client_id !== undefined && client_id !== shown)",
      "if (false)",
    ],
    "a disabled client is nobody": [
      "if (!isEnabled(client, ctx))\n    throw refuse(",
      "if (false)\n    throw refuse(",
    ],
    "a client proves what it presents": ["if (!client || !proof)", "if (!client)"],
  }),
  ...guardsOf(
    "src/client_auth/client_secret_basic.ts",
    ["src/client_auth/client_auth.test.ts", CLIENTS],
    {
      "a secret in the header has to be the right one": [
        'return checkSecret(credential ?? "", client?.secrets ?? [], now) ? { method: name } : null;',
        "return { method: name };",
      ],
    },
  ),
  ...guardsOf(
    "src/client_auth/client_secret_post.ts",
    ["src/client_auth/client_auth.test.ts", CLIENTS],
    {
      "a secret in the form has to be the right one": [
        'return checkSecret(credential ?? "", client?.secrets ?? [], now) ? { method: name } : null;',
        "return { method: name };",
      ],
    },
  ),
  ...guardsOf("src/clients/client_secret.ts", ["src/clients/client_secret.test.ts", CLIENTS], {
    "a replaced secret ends": [
      "const live = kept.expires_at === null || kept.expires_at > now;",
      "const live = true;",
    ],
  }),
  ...guardsOf(
    "src/client_auth/client_secret_basic.ts",
    ["src/client_auth/client_secret_basic.test.ts", CLIENTS],
    {
      "Basic credentials are base64, and nothing beside it": [
        "!/^[A-Za-z0-9+/]*={0,2}$/.test(encoded) || ",
        "",
      ],
    },
  ),
  ...guardsOf(
    "src/client_auth/private_key_jwt.ts",
    ["src/client_auth/private_key_jwt.test.ts", CLIENTS],
    {
      "an assertion of before a restore is refused": [
        "if ((iat ?? exp - LONGEST_LIFE) < ctx.epoch)",
        "if (false)",
      ],
      "an assertion says of what type it is": [
        "if (assertion === undefined || type !== ASSERTION_TYPE)",
        "if (assertion === undefined)",
      ],
      "a key that comes with an assertion is not believed": [
        'if (read.problem === "header")',
        "if (false)",
      ],
      "an assertion is by and about one client": [" || claims.iss !== claims.sub", ""],
      "an assertion is for this server": [
        "const isForUs = only === ctx.issuer && more.length === 0;",
        "const isForUs = more.length === 0;",
      ],
      "an assertion is for no other server": [
        "const isForUs = only === ctx.issuer && more.length === 0;",
        "const isForUs = only === ctx.issuer;",
      ],
      "the token endpoint as an audience has to be allowed": [
        "return legacy_assertion_audience && aud === ctx.metadata.token_endpoint;",
        "return aud === ctx.metadata.token_endpoint;",
      ],
      "an assertion is no other kind of JWT": ['if (read.problem === "type")', "if (false)"],
      "an assertion was made already": [
        'if (iat !== undefined && !(typeof iat === "number" && iat <= ctx.now + CLOCK_SKEW))',
        "if (false)",
      ],
      "an assertion lives an hour at most": [
        "if (exp === undefined || exp > ctx.now + LONGEST_LIFE + CLOCK_SKEW)",
        "if (exp === undefined)",
      ],
      "an assertion has an id": [
        'if (typeof jti !== "string" || jti === "" || jti.length > 512)',
        'if (typeof jti !== "string")',
      ],
      "an assertion is used once": [
        'if (!(await ctx.store.claimOnce("client_assertion", id, times)))',
        "if (false)",
      ],
      "a used assertion is remembered per client": [
        "JSON.stringify([client.client_id, jti])",
        "jti",
      ],
    },
  ),
  ...guardsOf(
    "src/client_auth/client_jwt.ts",
    ["src/client_auth/private_key_jwt.test.ts", CLIENTS, "test/security/request_objects.test.ts"],
    {
      "a JWT of a client is signed with the registered algorithm": [
        "alg === undefined ? [...CLIENT_SIGNING_ALGS] : [...namesOfAlg(alg)]",
        "[...CLIENT_SIGNING_ALGS]",
      ],
      "a JWT of a client that has expired is refused": [
        "currentDate: new Date(ctx.now * 1000),",
        "currentDate: new Date(0),",
      ],
      "a key that comes with a JWT of a client is not believed": [
        '["jwk", "jku", "x5u", "x5c", "crit"].some((name) => name in header)',
        "false",
      ],
      "a JWT of another kind is not one of a client": ["isTyped(header.typ, types) ?", "true ?"],
    },
  ),
  ...guardsOf("src/oauth/jwks.ts", ["src/oauth/jwks.test.ts", CLIENTS], {
    "a symmetric key proves nothing": [
      "if (!KEY_TYPES.some((kty) => kty === key.kty))",
      "if (false)",
    ],
    "a private key is not registered": [
      "if (PRIVATE.some((name) => Object.hasOwn(key, name)))",
      "if (false)",
    ],
    "an RSA key is neither broken nor a burden": [
      "if (bits < RSA_BITS.least || bits > RSA_BITS.most)",
      "if (false)",
    ],
    "an RSA exponent protects something": [
      "if (exponent < 3n || exponent % 2n === 0n)",
      "if (false)",
    ],
    "an RSA exponent is small": ["if (exponent > MOST_EXPONENT)", "if (false)"],
    "keys of a broken generator are refused": ["if (isRoca(modulus))", "if (false)"],
  }),
  ...guardsOf("src/authorization/way_back.ts", [DEAD_ENDS], {
    "no page leads to an address that is no longer registered": [
      "redirect_uri !== null && matchesRedirectUri(redirect_uri, redirect_uris, application_type);",
      "redirect_uri !== null;",
    ],
    "no page leads to an app that is disabled": [
      "href: isEnabled(client, ctx) ? site : null",
      "href: site",
    ],
  }),
  ...guardsOf("src/clients/app_identity.ts", ["src/clients/app_identity.test.ts", DEAD_ENDS], {
    "a site that an app claims for itself is not shown as its own": [
      "const own = by_operator && client_uri !== undefined",
      "const own = client_uri !== undefined",
    ],
    "a page leads to no site that an app claims for itself": [
      'if (client.created_by === "operator" && client_uri !== undefined) return client_uri;',
      "if (client_uri !== undefined) return client_uri;",
    ],
    "a picture is not fetched from elsewhere": [
      "if (isInline(logo_uri)) return logo_uri;",
      "return logo_uri;",
    ],
    "only an operator's app has a logo": [
      "logo: by_operator ? logoOf(client) : null",
      "logo: logoOf(client)",
    ],
    "an app's documents are linked by https only": [
      'uri?.startsWith("https:") ? uri : null',
      "uri ?? null",
    ],
  }),
  ...guardsOf(
    "src/account/your_apps.ts",
    ["test/flows/your_apps.test.ts", "test/security/login_and_account.test.ts"],
    {
      "an app is changed by its owner only": [
        "if (!client || client.owner_sub !== session.person.sub)",
        "if (!client)",
      ],
      "a page claims no removal that did not happen": [
        'const removed = unseal(params.get("removed") ?? "", removedFor(sub), ctx);',
        'const removed = params.get("removed") ?? null;',
      ],
      "only an administrator sees what operators added": [
        "is_admin ? await appsOfOperators",
        "true ? await appsOfOperators",
      ],
    },
  ),
  ...guardsOf("src/clients/create_client.ts", [OPERATIONS, "test/flows/your_apps.test.ts"], {
    "one person adds a bounded number of apps": [
      "if (owner_sub !== null && (await appsOf(owner_sub, env)) >= MOST_APPS) return",
      "if (false) return",
      "apps are counted again after this one is created, and it is removed if it is one too many",
    ],
    "many forms at once add no more apps than one after the other": [
      "if (owner_sub !== null && (await appsOf(owner_sub, env)) > MOST_APPS)",
      "if (false)",
    ],
    "an app that a person registers is marked as theirs": [
      'const ORIGINS = { person: "user",',
      'const ORIGINS = { person: "operator",',
    ],
    "no client has the id of a person": [
      "if (client_id !== undefined && (await store.findAccount(client_id)))",
      "if (false)",
    ],
    "a new client is an event": ['events: [eventOf("client_created", about, env)], jobs', "jobs"],
  }),
  ...guardsOf("src/clients/rules.ts", ["src/clients/rules.test.ts", OPERATIONS], {
    "a public client has PKCE": ["if (!require_pkce)", "if (false)"],
    "an API proves itself before it looks into tokens": ["if (resource !== null)", "if (false)"],
    "credentials are for an API that there is": [
      "if (catalogue && resource !== catalogue.issuer && !findResource(catalogue, resource))",
      "if (false)",
    ],
    "a person's app gets nothing for itself": [
      'if (created_by === "user") found(() => checkAppOfPerson(metadata), undefined);',
      "",
    ],
    "a client is registered for APIs that there are": [
      'found(() => checkKnown("resources", uri, env.catalogue), undefined);',
      "void uri;",
    ],
    "a person decides nothing that is an operator's": [
      'if (by.kind !== "person") return;',
      "return;",
    ],
    "a person takes no scheme that any app could take": [
      'by.kind === "operator" ? "any" : []',
      '"any"',
    ],
    "a person changes their own clients only": [
      "by.id !== null && owner === by.id",
      "by.id !== null",
    ],
  }),
  ...guardsOf("src/client_auth/client_auth.ts", ["test/cli/hints.test.ts"], {
    "no hint gives a secret to a public client": [
      'if (!proves) return ownClientHint("send its client_id, and no secret or assertion");',
      "",
    ],
  }),
  ...guardsOf("src/client_auth/client_auth.ts", ["test/security/client_authentication.test.ts"], {
    "an assertion is remembered when everything else was judged": [
      "const proof = await method.prove(presented, client, ctx);",
      "const proof = await method.prove(presented, client, ctx);\n  await proof?.use?.();",
    ],
  }),
  ...guardsOf("src/clients/create_client.ts", ["test/flows/clients.test.ts"], {
    "a client with the id of a removed one inherits no tokens": [
      "client.ends_before = client.created_at;",
      "client.ends_before = null;",
    ],
  }),
  ...guardsOf("src/clients/create_client.ts", ["src/clients/operations.test.ts"], {
    "an app does not outlive an owner who was removed meanwhile": [
      "owner_sub !== null && (await store.findAccount(owner_sub)) !== null",
      "owner_sub !== null && owner_sub === client_id",
    ],
  }),
  ...guardsOf("src/store/sql/clients.ts", ["src/store/sqlite/driver.test.ts"], {
    "an account that is disabled gets no app": [" AND disabled_at IS NULL)${once}", ")${once}"],
  }),
];
