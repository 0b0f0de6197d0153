/** The rim: parameters, forms, cookies, headers, addresses. */
import { type Guard, guardsOf } from "./guard.ts";

const HYGIENE = "test/security/http_hygiene.test.ts";
const BROWSER = "test/security/browser_session_and_consent.test.ts";

export const httpGuards: readonly Guard[] = [
  ...guardsOf("src/oauth/hint.ts", ["src/oauth/hint.test.ts"], {
    "a hint in the log can be copied into a shell": [
      "/^\\w[\\w.:/-]*$/.test(text) ? text : otherwise",
      "text",
    ],
  }),
  ...guardsOf("src/oauth/params.ts", ["src/oauth/params.test.ts", HYGIENE], {
    "a parameter is sent once": [
      'else throw malformed("a parameter is repeated", name.slice(0, 100));',
      "",
    ],
    "the number of parameters is bounded": [
      "if (first.size + others.length === most)",
      "if (false)",
    ],
    "a value in a JSON body is a string": ['if (typeof each !== "string")', "if (false)"],
  }),
  ...guardsOf("src/http/body.ts", ["src/http/body.test.ts", HYGIENE], {
    "parameters in the query are refused where they belong in the body": [
      'if (query !== "")',
      "if (false)",
    ],
    "a JSON document is sent as JSON": [
      'if (mediaType(request.header("content-type") ?? "") !== JSON_TYPE)',
      "if (false)",
    ],
    "the members of a JSON document are bounded": [
      "if (Object.keys(document).length > ctx.settings.limits.parameters)",
      "if (false)",
    ],
    "a form is sent as a form": ["if (media === FORM)", 'if (media !== "application/json")'],
  }),
  ...guardsOf("src/http/fetch_adapter.ts", [HYGIENE, "test/flows/json_bodies.test.ts"], {
    "a body is bounded": ["if (size > most) return null;", ""],
    "an address is bounded": [
      "if (url.search.length + url.pathname.length > limits.header)",
      "if (false)",
    ],
  }),
  ...guardsOf("src/http/node_adapter.ts", [HYGIENE], {
    "a body over the network is bounded by what it says": [
      'Number(incoming.headers["content-length"] ?? 0) > most',
      "false",
      "the next check counts the received bytes, and stops as early",
    ],
    "a body over the network is bounded by what comes": [
      "else if (before <= most) done(null);",
      "else chunks.push(chunk);",
    ],
    "an address over the network is bounded": ["if (url.length > rim.limits.header)", "if (false)"],
    "two Authorization headers are none": [
      'if (name === "authorization" && value !== undefined)',
      "if (false)",
    ],
  }),
  ...guardsOf("src/http/node_adapter.ts", ["test/flows/body_parsers.test.ts"], {
    "a body that the app has parsed is bounded": [
      "done(Buffer.byteLength(body) > most ? null : body);",
      "done(body);",
    ],
    "a body that is gone is answered": [
      "if (reader === null) return finish(alreadyRead(rim));",
      "if (reader === null) return finish(json({}, 200));",
    ],
  }),
  ...guardsOf("src/http/parsed_body.ts", ["test/flows/body_parsers.test.ts"], {
    "a parameter that a body parser saw twice stays twice": [
      "form.append(name, each);",
      "form.set(name, each);",
    ],
  }),
  ...guardsOf("src/http/router.ts", ["src/http/router.test.ts"], {
    "a segment of a path is read in one way only": ["|| !SEGMENT.test(text)", ""],
    "a segment of a path is no step in it": ["|| isStep ", ""],
    "a segment of a path is bounded": ["value.length > LONGEST || ", ""],
    "a segment of a path holds no control character": [" || /\\p{Cc}/u.test(value)", ""],
    "no two routes answer the same path": [
      "if (exact.has(route.path) || (!isExact && others.some((other) => overlap(pattern, other))))",
      "if (false)",
    ],
  }),
  ...guardsOf("src/http/proxy.ts", ["src/http/proxy.test.ts"], {
    "only proxies of ours are believed": [
      "if (trusted.length === 0 || !isTrusted(address)) return { ...peer, address };",
      "",
    ],
    "an address to the left of a stranger's address is not trusted": [
      "if (!isTrusted(address)) return nearest;",
      "",
    ],
  }),
  ...guardsOf("src/http/network.ts", ["src/http/network.test.ts"], {
    "the addresses that one line of IPv6 has are one network": [
      '`${plain.slice(0, 4).join(":")}::/64`',
      "address",
    ],
  }),
  ...guardsOf("src/http/address.ts", [HYGIENE, "test/flows/embedding.test.ts"], {
    "pages answer under the issuer's origin only": [
      "if (request.origin === expected.origin) return null;",
      "return null;",
    ],
    "only a loopback name is sent on to another": ["if (own && request", "if (request"],
  }),
  ...guardsOf(
    "src/http/browser.ts",
    ["src/http/browser.test.ts", BROWSER, "test/flows/issuer_with_path.test.ts"],
    {
      "a form comes from a page of ours in this browser": [
        '!isOwnForm(params.get("csrf") ?? "", browser, ctx)',
        "false",
      ],
      "a form that another site sends is refused": ["if (foreign || ", "if ("],
      "the token of a form is for one browser": [
        "`csrf ${issuer} ${id}`",
        "`csrf ${issuer} ${typeof id}`",
      ],
      "the token of a form is for one issuer": [
        "`csrf ${issuer} ${id}`",
        "`csrf ${typeof issuer} ${id}`",
      ],
      "the id of a browser is one of ours": ["&& /^[A-Za-z0-9_-]{22}$/.test(known)", ""],
    },
  ),
  ...guardsOf("src/http/cookies.ts", ["src/http/cookies.test.ts", BROWSER], {
    "scripts can't read cookies": ['    "HttpOnly",\n', ""],
    "cookies stay at home": ['    "SameSite=Lax",\n', ""],
    "cookies go over TLS only": ['...(isSecure(issuer) ? ["Secure"] : []),', ""],
    "no other host can set our cookies": [
      'isSecure(issuer) ? "__Host-valetkey_" : "valetkey_"',
      '"valetkey_"',
    ],
    "issuers of one origin have cookies of their own": [
      "path && sha256(path).slice(0, 8)",
      "path && sha256(path).slice(0, 0)",
    ],
    "issuers on the ports of one host have cookies of their own": [
      ", port].filter(Boolean)",
      "].filter(Boolean)",
    ],
  }),
  ...guardsOf("src/context.ts", ["src/sessions/session.test.ts", "test/flows/sessions.test.ts"], {
    "a session that is not used ends": [
      "expires_at > now && seen_at + settings.lifetimes.session_idle > now",
      "expires_at > now",
    ],
    "a session rests on no proof from before its person's sessions ended": [
      "if (proofs.some(({ at }) => at < (sessions_end_before ?? 0))) return false;",
      "",
    ],
    "a session ends, used or not": [
      "expires_at > now && seen_at + settings.lifetimes.session_idle > now",
      "seen_at + settings.lifetimes.session_idle > now",
    ],
  }),
  ...guardsOf("src/authentication/known_people.ts", ["test/security/login_and_account.test.ts"], {
    "the list of people known in a browser is sealed": [
      'sealed === null ? null : unseal(sealed, "known people", ctx)',
      'sealed === null ? null : (unseal(sealed, "known people", ctx) ?? Buffer.from(sealed, "base64url").toString().replace(/^(?!\\[.*\\]$).*$/, "[]"))',
    ],
  }),
  ...guardsOf("src/http/page.ts", [BROWSER, HYGIENE], {
    "no other site can put a page of ours into a frame": ['["x-frame-options", "DENY"],', ""],
    "pages say what a browser may load": [
      '["content-security-policy", content_security_policy],',
      "",
    ],
    "pages send no referrer": ['["referrer-policy", "no-referrer"],', ""],
    "pages are kept nowhere": ["      ...NO_STORE,\n", ""],
    "a browser does not guess what a page is": ['["x-content-type-options", "nosniff"],', ""],
    "no other window reaches into a page of ours": [
      '["cross-origin-opener-policy", "same-origin"],',
      "",
    ],
  }),
  ...guardsOf("src/http/message.ts", [HYGIENE, "src/http/message.test.ts"], {
    "a redirect sends no referrer": ['    ["referrer-policy", "no-referrer"],\n', ""],
    "a browser does not guess what an answer of ours is": [
      'const NO_SNIFF = ["x-content-type-options", "nosniff"] as const;',
      'const NO_SNIFF = ["x-nothing", "nosniff"] as const;',
    ],
    "a browser sends no form on to where it is redirected": ["status: 303,", "status: 307,"],
  }),
  ...guardsOf("src/dispatch.ts", [HYGIENE], {
    "browsers come back over TLS": ['server.issuer.startsWith("https:") ? HSTS : []', "[]"],
    "scripts of other sites read no page": [
      "(route ? route.cors : isWellKnown(request, server)) ? withCors : always",
      "withCors",
    ],
    "a word that a stranger chose is no method": [
      "Object.hasOwn(route.methods, method) ? route.methods[method] : undefined",
      "route.methods[method]",
    ],
    "HEAD consumes nothing": [
      'method === "HEAD" && document ? "GET" : method',
      'method === "HEAD" ? "GET" : method',
    ],
    "an internal error is not shown": [
      'const code = busy ? "temporarily_unavailable" : "server_error";',
      "const code = String(error);",
    ],
  }),
  ...guardsOf("src/features.ts", [HYGIENE, "test/flows/introspection.test.ts"], {
    "scripts of other sites do not introspect": [
      'limited: true, cors: false, advertised_as: "introspection_endpoint"',
      'limited: true, advertised_as: "introspection_endpoint"',
    ],
  }),
  ...guardsOf(
    "src/pages/html.ts",
    ["src/pages/html.test.ts", "src/pages/consent.test.ts", BROWSER],
    {
      "text in a page is text": [
        "text += toMarkup(values[i]) + strings[i + 1];",
        'text += (typeof values[i] === "string" ? values[i] : toMarkup(values[i])) + strings[i + 1];',
      ],
    },
  ),
  ...guardsOf("src/pages/foreign.ts", ["src/pages/foreign.test.ts"], {
    "a foreign name can't turn a line around": ['    .replace(unseen, "")\n', ""],
    "a link that an app gave is a web address": [
      'return parsed && (parsed.protocol === "https:" || parsed.protocol === "http:")',
      "return parsed",
    ],
  }),
  ...guardsOf(
    "src/http/language.ts",
    ["src/http/language.test.ts", "test/flows/language.test.ts"],
    {
      "a choice of language leads back to this server": [
        "const url = new URL(issuer);\n  url.pathname = path;",
        "const url = new URL(path, issuer);",
      ],
      "only a language of the pages is chosen": [
        "languages.find(({ tag }) => wanted === PARAMETER + tag);",
        "wanted === undefined ? undefined : { tag: wanted.slice(PARAMETER.length) };",
      ],
      "only a language of the pages is read from a cookie": [
        "languages.find(({ tag }) => tag === chosen)?.tag ?? null",
        "chosen",
      ],
      "a link to another language holds no password": [
        ".filter(([name]) => IN_ADDRESS.includes(name))",
        "",
      ],
      "a link to another language has a bounded length": [
        "if (query.length > MOST) return [];",
        "",
      ],
    },
  ),
  ...guardsOf("src/dispatch.ts", ["test/flows/language.test.ts"], {
    "only pages take a choice of language": [
      '!route || route.kind === "page" ? switchLanguage(request, ctx) : null',
      "switchLanguage(request, ctx)",
    ],
  }),
  ...guardsOf("src/pages/account/app_secret.ts", ["test/flows/language.test.ts"], {
    "a choice of language loses no secret": ["shown_once: true", "shown_once: false"],
  }),
  ...guardsOf("src/pages/foot.ts", ["src/cli/settings.test.ts"], {
    "a path in the foot leads to this server": [
      "return URL.parse(address, OWN)?.origin === OWN;",
      "return true;",
    ],
    "a link in the foot runs no script": [
      'return protocol === "https:" || (protocol === "http:" && LOOPBACK.test(hostname ?? ""));',
      "return protocol !== undefined;",
    ],
  }),
  ...guardsOf("src/pages/document.ts", ["src/pages/document.test.ts", HYGIENE], {
    "a policy can't be ended by what is put into it": [
      'list.filter((source) => /^[a-z0-9:/.\'+*[\\]-]+$/i.test(source)).join(" ")',
      'list.join(" ")',
    ],
    "a policy lets nobody frame a page": ["    \"frame-ancestors 'none'\",\n", ""],
  }),
];
