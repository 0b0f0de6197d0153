/** The SDK of an API: which tokens are accepted, and what ends them. */
import { type Guard, guardsOf } from "./guard.ts";

const FOLDER = "src/sdk/resource_server";
const JWT = "test/sdk/resource_server/jwt.test.ts";
const AWAY = "test/sdk/resource_server/outages.test.ts";
const ENDED = "test/sdk/resource_server/ended.test.ts";
const PROTECT = "test/sdk/resource_server/protect.test.ts";
const ADAPTERS = "test/sdk/resource_server/adapters.test.ts";
const MCP = "test/sdk/resource_server/mcp.test.ts";

export const resourceServerGuards: readonly Guard[] = [
  ...guardsOf(`${FOLDER}/jwt.ts`, [JWT, AWAY, PROTECT], {
    "an API accepts known algorithms only": [
      'if (typeof alg !== "string" || !algorithmOf(alg))',
      'if (typeof alg !== "string")',
      "no key fits an unknown algorithm",
    ],
    "an API refuses extensions that it does not know": [
      "if (crit !== undefined)",
      "if (false)",
      "the signature covers the header",
    ],
    "an ID token opens no API": ['if (type === "at+jwt") return alg;', "if (true) return alg;"],
    "an ID token opens no API of an older issuer either": [
      'if ("nonce" in claims || "at_hash" in claims || "events" in claims)',
      "if (false)",
    ],
    "a token of another issuer opens no API": ["if (iss !== issuer)", "if (false)"],
    "a token for another API is refused": ["if (![aud].flat().includes(audience))", "if (false)"],
    "an expired token is refused": [
      'if (typeof exp !== "number" || exp + SKEW <= now)',
      "if (false)",
    ],
    "a token from the future is refused": ["if (from > now + SKEW)", "if (false)"],
    "a bound token is no Bearer token": ["if (cnf !== undefined)", "if (false)"],
    "a request can't change a token for others": ["return Object.freeze(value);", "return value;"],
    "a JWT needs a signature of the issuer": [
      "if (await verify(data, bytes)) return access;",
      "if (await (verify(data, bytes), true)) return access;",
    ],
  }),
  ...guardsOf("src/sdk/signature.ts", [JWT], {
    "a published key for encryption verifies no token": [
      'jwk.use !== undefined && jwk.use !== "sig"',
      "false",
    ],
    "a key for one algorithm verifies no other": ["jwk.alg !== undefined && !is_same", "false"],
    "a short RSA key verifies nothing": [
      'algorithm.kty !== "RSA" || String(jwk.n).length >= SHORTEST_MODULUS',
      "true",
    ],
    "a key verifies its own algorithm only": [
      "if (!algorithm || jwk.kty !== algorithm.kty) return false;",
      "if (!algorithm) return true;",
      "alg of the key is compared too, and an RSA key has a modulus",
    ],
  }),
  ...guardsOf("src/sdk/keys.ts", [AWAY], {
    "a damaged key makes no other key useless": [".catch(() => null)", ""],
  }),
  ...guardsOf("src/sdk/kept.ts", [AWAY, "src/sdk/client/web/logout_token.test.ts"], {
    "known keys hold for a bounded time in an outage": ["now - known.at >= STALE", "false"],
    "one request for keys at a time": ["loading ??=", "loading ="],
    "strangers' keys do not make an API ask again and again": [
      "seconds() - tried < PACE ? Promise.resolve(document)",
      "false ? Promise.resolve(document)",
    ],
  }),
  ...guardsOf(`${FOLDER}/ended_names.ts`, [ENDED], {
    "a revoked token, epoch or key is dead": [
      "always.some((hash) => times.has(hash)) ||",
      "false ||",
    ],
    "a token that was issued before the end is dead": [
      "earlier.some((hash) => iat <",
      "earlier.some((hash) => iat < 0 &&  iat <",
    ],
    "a token without a time is dead": [
      'iat: typeof claims.iat === "number" ? claims.iat : 0',
      'iat: typeof claims.iat === "number" ? claims.iat : Number.POSITIVE_INFINITY',
    ],
    "a list is asked for from a minute before the last answer": [
      "Math.floor(known.now - LATE)",
      "Math.floor(known.now)",
    ],
    "what ended during a pause is asked for": [
      "firstOf(known);\n",
      "firstOf(known && { now: known.now + began - known.at });\n",
    ],
    "a list whose rest did not come is read again": [
      "      let first: Page | null = null;\n",
      "      let first: Page | null = null;\n      if (known) known = { ...known, now: known.now + began - known.at, at: began };\n",
    ],
    "the rest of a long list is asked for": ["after = page?.next ?? null;", "after = null;"],
    "an endless list counts as no answer": ["if (after !== null) throw endless(endpoint);\n", ""],
  }),
  ...guardsOf(`${FOLDER}/ended.ts`, [ENDED, PROTECT], {
    "the list of ended tokens is recent": [
      "if (now - fresh_at <= every + PATIENCE / 2000)",
      "if (fresh_at > 0)",
    ],
  }),
  ...guardsOf(`${FOLDER}/introspection.ts`, [AWAY, PROTECT], {
    "a token that does not hold is refused": ["if (!answer.active)", "if (false)"],
    "a bound token is refused, whoever says that it holds": [
      'if (String(answer.token_type ?? "bearer").toLowerCase() !== "bearer")',
      "if (false)",
    ],
  }),
  ...guardsOf(`${FOLDER}/protect.ts`, [ENDED, AWAY, PROTECT, ADAPTERS], {
    "a known token is looked up in the list each time": [
      'if (issuer.ended.isEnded(ends)) throw refused("the token was revoked");\n',
      "",
    ],
    "a strict API refuses while the list is stale": [
      'if (age <= revocation.maxStale || revocation.whenStale === "accept") return access;',
      "if (age >= 0) return access;",
    ],
    "an answer about a token counts for a moment": [
      "found.ends !== null || seconds() - found.at <= counts",
      "found.at >= 0 || counts",
    ],
    "an issuer is one of those that the API accepts": [
      "const issuer = issuers.get(String(jwt.claims.iss));",
      "const issuer = issuers.get(String(jwt.claims.iss)) ?? [...issuers.values()][0];",
      "the claim is compared once more",
    ],
    "an address that is no URL ends no program": [
      'URL.parse(request.url, "http://localhost")?.pathname',
      'new URL(request.url, "http://localhost").pathname',
    ],
    "a request needs its scopes": [
      "return missing ? refusalResponse(missing, how) : access;",
      "return access;",
    ],
  }),
  ...guardsOf(`${FOLDER}/options.ts`, [PROTECT], {
    "an API has an audience": ['typeof audience !== "string" || ', ""],
    "the cache of an API is bounded": ["if (!(cache >= 0))", "if (cache < 0)"],
  }),
  ...guardsOf(`${FOLDER}/challenge.ts`, ["src/sdk/resource_server/challenge.test.ts"], {
    "a challenge is short": ["description?.slice(0, 300)", "description"],
    "texts of tokens stay within their quotes": [
      'text.replaceAll(/[^\\x20-\\x7e]|["\\\\]/g, "\'")',
      "text",
    ],
  }),
  ...guardsOf(`${FOLDER}/need.ts`, [PROTECT], {
    "a weak sign-in is refused": [
      "acr !== undefined && !acr.includes(String(claims.acr))",
      "false",
    ],
    "an old sign-in is refused": [
      "maxAge !== undefined && !(Number(claims.auth_time) + maxAge >= now)",
      "false",
    ],
  }),
  ...guardsOf(`${FOLDER}/mcp.ts`, [MCP], {
    "a request without a token that is enough reaches no MCP server": [
      "if (access instanceof Response) return access;\n    const token",
      "if (access instanceof Response) return handler.fetch(request, Object(access));\n    const token",
    ],
    "a tool needs its scopes": ["if (enough instanceof Response) return enough;\n", ""],
    "a body that can't be read is not handed on": [
      "if (parsedBody instanceof Response) return parsedBody;\n",
      "",
    ],
    "a verifier checks the needs of its guard": [
      "const access = await guard({ url: resource.url.href, headers });",
      "const access = await guard.verify(headers.get().slice(7)).catch(() => guard({ url: '', headers }));",
    ],
    "an issuer that is away makes no token of MCP bad": [
      "if (access.status !== 503) throw refuse",
      "if (access.status !== 0) throw refuse",
    ],
  }),
  ...guardsOf(`${FOLDER}/mcp_message.ts`, [MCP], {
    "a body of MCP has a bound": ["if (size > MOST)", "if (size < 0)"],
    "a batch is looked through": ["Array.isArray(body) ? body : [body]", "[body]"],
    "a tool's name is a text": [
      'typeof name !== "string" || !Object.hasOwn(tools, name)',
      'typeof name !== "string" || !(name in tools)',
    ],
  }),
  ...guardsOf(`${FOLDER}/mcp_auth_info.ts`, [MCP], {
    "a tool can't widen the scopes of a token": ["scopes: [...scopes]", "scopes"],
    "a tool can't change the claims of a token": ["extra: { ...claims, sub }", "extra: claims"],
  }),
];
