/** The SDK of web apps: sign-ins in progress, sessions, and their cookies. */
import { type Guard, guardsOf } from "./guard.ts";

const SIGN_IN = "test/sdk/web/sign_in.test.ts";
const SESSION = "test/sdk/web/session.test.ts";
const OPTIONS = "test/sdk/web/options.test.ts";
const BACKCHANNEL = "test/sdk/web/backchannel.test.ts";
const ADAPTERS = "test/sdk/web/adapters.test.ts";

export const sdkWebGuards: readonly Guard[] = [
  ...guardsOf("src/sdk/client/web/options.ts", [OPTIONS], {
    "an app without baseUrl believes loopback hosts only": [
      "if (isSecure(http)) return url.origin;",
      "return url.origin;",
    ],
    "the address of an app is https": [
      "if (url && isSecure(url) && url.href",
      "if (url && url.href",
    ],
    "each provider has a callback of its own": [
      'return id === "" ? `${prefix}/${name}` : `${prefix}/${name}/${id}`;',
      "return `${prefix}/${name}`;",
    ],
  }),
  ...guardsOf("src/sdk/client/web/seal.ts", ["src/sdk/client/web/seal.test.ts"], {
    "a short secret seals nothing": ["if (short || bytes.length === 0)", "if (bytes.length === 0)"],
    "each use of a secret has a key of its own": [
      "info: encoder.encode(`valetkey web ${use}`)",
      'info: encoder.encode("valetkey web")',
    ],
    "a sealed value is written in one way only": [
      "|| [iv, ciphertext, tag].map(base64url).join() !== parts.join())",
      ")",
    ],
  }),
  ...guardsOf("src/sdk/client/web/return_path.ts", ["src/sdk/client/web/return_path.test.ts"], {
    "a return path has one slash in front": [
      "!/^\\/(?!\\/)/.test(path)",
      "!/^\\//.test(path)",
      "its origin is compared, too",
    ],
    "a return path has no backslash and no control character": [
      " || DANGEROUS.test(path)) return",
      ") return",
    ],
    "a return path is of this origin": [
      'if (url?.origin !== origin) return "/";',
      'if (!url) return "/";',
      "what begins with one slash, without backslashes, is of this origin",
    ],
    "a return path is no host without its dots": ['written.startsWith("//") || ', ""],
    "a return path is short": ["written.length > LONGEST", "false"],
    "a return path leads into no other sign-in": ["return isOwn || ", "return "],
  }),
  ...guardsOf("src/sdk/client/web/login.ts", [SIGN_IN], {
    "scripts and frames begin no sign-in": ["if (!isNavigation(request))", "if (false)"],
    "a prefetch begins no sign-in": ["if (isPrefetch(request))", "if (false)"],
    "a page does not ask again after a denial": [
      "if (isRefused !== null && o.returnTo === undefined)",
      "if (false)",
    ],
  }),
  ...guardsOf("src/sdk/client/web/recover.ts", ["test/sdk/web/recover.test.ts"], {
    "a sign-in that did not help is not repeated": ["session?.recovers === true &&", "false &&"],
    "only some errors lead to a sign-in": [
      "error instanceof AuthError && isOne(error.code)",
      "error instanceof AuthError",
    ],
  }),
  ...guardsOf("src/sdk/client/web/flow_state.ts", [SIGN_IN], {
    "a sign-in ends in the browser that began it": [
      "isMine: (await shortHash(browser)) === state.browser",
      "isMine: true",
    ],
    "a sign-in takes an hour at most": ["seconds() - at > LIFETIME", "false"],
    "the verifier depends on the browser": [
      "`verifier ${id} ${browser}`",
      "`verifier ${id}`",
      "the hash of the browser in the state is compared first; the verifier would stop a forged comparison",
    ],
  }),
  ...guardsOf("src/sdk/client/web/callback.ts", [SIGN_IN, OPTIONS], {
    "a callback is of the provider that was asked": [
      "if (flow?.state.by !== (at.id || undefined) || !flow)",
      "if (!flow)",
    ],
    "a reloaded callback sends its code once": [
      "if (session?.id === state.id) return seeOther(to);",
      "",
      "the session is found by the sign-in a few lines below, too",
    ],
    "an ended session does not come back by its callback": [
      'if (known && visit.cookie("ended") !== state.id)',
      "if (known)",
      "a session that was ended is not found",
    ],
    "a sign-in restarts once": ["if (state.again) throw failed;", ""],
  }),
  ...guardsOf("src/sdk/client/web/cookies.ts", [SIGN_IN], {
    "cookies are for this host alone": ["return `__Host-vk_${name}`;", "return `vk_${name}`;"],
    "scripts can't read the cookies of an app": ["; HttpOnly; SameSite=Lax", "; SameSite=Lax"],
    "cookies go to https only": ['? "; Secure" : ""', '? "" : ""'],
  }),
  ...guardsOf("src/sdk/client/web/visit.ts", [SESSION], {
    "a logout makes the callback that began the session useless": [
      '      visit.setCookie("browser", { value: "", maxAge: 0 });\n',
      "",
    ],
    "a session is of its client": ["(await registered.mark) !== session.mark", "false"],
    "a session ends in time": ["if (endOf(session, settings) <= seconds()) return null;", ""],
    "a late answer brings no session back": [
      'if (cookie("ended") === session.id) return null;',
      "",
    ],
    "no cache keeps a session": ['changed.headers.set("cache-control", "no-store");', ""],
  }),
  ...guardsOf("src/sdk/client/web/session_cookie.ts", [SESSION], {
    "a session cookie has a bound": ["if (sealed.length <= MOST) return sealed;", "return sealed;"],
    "a refused refresh token ends the session here": [
      "if (refused.get(nameOf(session))) return null;",
      "",
    ],
  }),
  ...guardsOf("src/sdk/client/web/stored_session.ts", [SESSION], {
    "a stored session is in its own row": [
      " || opened.value.id !== id) return null",
      ") return null",
    ],
    "stored sessions are sealed": [
      'const value = await seals.seal("store", session);',
      "const value = JSON.stringify(session);",
    ],
  }),
  ...guardsOf("src/sdk/client/same_person.ts", [SESSION], {
    "a refresh is for the same person": [
      "if (claimsOf(before).sub === claimsOf(after).sub) return;",
      "return;",
    ],
  }),
  ...guardsOf("src/sdk/client/web/refresh.ts", [SESSION], {
    "one refresh at a time in a process": [
      "const other = running.get(session.id);",
      "const other = running.get(String(performance.now()));",
    ],
    "one refresh at a time among processes": [
      "const claimed = isClaimed ? null : await keeper.claim(session);",
      "const claimed = session;",
    ],
    "only the provider's word ends a session": [
      'if (!(error instanceof AuthError) || error.code !== "session_over")',
      "if (!(error instanceof AuthError))",
    ],
  }),
  ...guardsOf("src/sdk/client/web/access.ts", [SESSION], {
    "a token for a scope is none for a resource": [
      "scope ? `${api} ${scope}` : api",
      '[api, scope].filter(Boolean).join(" ")',
    ],
    "tokens are not sent in the clear": ["if (!isSecure(to))", "if (false)"],
    "an outage signs nobody out": [
      'if (error.code === "session_over") return false;',
      "return false;",
    ],
  }),
  ...guardsOf("src/sdk/client/web/logout.ts", [SESSION], {
    "other sites sign nobody out": ["if (!isOwn(visit)) return", "if (false) return"],
    "a prefetch signs nobody out": ["&& !isPrefetch(request);", ";"],
    "a logout leads to this app only": [
      "const to = returnPath(returnTo, { origin, prefix: app.settings.prefix });",
      'const to = returnTo ?? "/";',
    ],
  }),
  ...guardsOf("src/sdk/client/web/logout_token.ts", ["src/sdk/client/web/logout_token.test.ts"], {
    "a logout token is of this issuer": ["if (iss !== issuer) throw", "if (false) throw"],
    "a logout token is for this client": [
      "if (![aud].flat().includes(client.client_id)) throw",
      "if (false) throw",
    ],
    "a logout token was made just now": [
      'if (typeof iat !== "number" || iat > now + SKEW || iat < now - OLDEST)',
      "if (false)",
    ],
    "a logout token has the event": [
      "if (!isJsonObject(events) || !isJsonObject(events[EVENT])) throw",
      "if (false) throw",
    ],
    "an ID token is no logout token": ["if (nonce !== undefined) throw", "if (false) throw"],
    "another kind of token is no logout token": [
      "jwt$/i.test(String(typ)))",
      "jwt$/i.test('jwt'))",
    ],
    "a logout token is signed by the issuer": [
      "if (await isSignedBy(party, { alg, kid }, { signed, signature })) return ended;",
      "if (signed) return ended;",
    ],
  }),
  ...guardsOf("src/sdk/client/web/provider_keys.ts", ["src/sdk/client/web/logout_token.test.ts"], {
    "a provider's keys verify signatures": [
      "if (await verify(data, bytes)) return true;",
      "if (verify) return true;",
    ],
  }),
  ...guardsOf("src/sdk/client/web/backchannel_logout.ts", [BACKCHANNEL], {
    "a logout token works once": ["if (await store.get(name))", "if (false)"],
  }),
  ...guardsOf("src/sdk/client/web/node_message.ts", [ADAPTERS], {
    "a host with a path is no path": ["/^[\\w.:[\\]-]+$/.exec(", "/.*/.exec("],
    "a parameter that came twice is seen twice": ["[value].flat().flatMap(", "[value].flatMap("],
    "a path that looks like a host stays a path": [
      "URL.parse(`http://${host}${path}`) ?? new URL(`http://unknown${path}`)",
      'new URL(path ?? "/", `http://${host}`)',
    ],
  }),
  ...guardsOf("src/sdk/client/web/next.ts", [ADAPTERS], {
    "components see no session that has ended": [
      "if (!isSignedIn) for (const name",
      "if (false) for (const name",
    ],
  }),
];
