/** Sessions, sign-out, and the choice between the accounts of a browser. */
import { type Guard, guardsOf } from "./guard.ts";

const BROWSER = "test/security/browser_session_and_consent.test.ts";
const LOGOUT = "test/security/end_session.test.ts";
const SEVERAL = "test/flows/several_accounts.test.ts";

export const sessionGuards: readonly Guard[] = [
  ...guardsOf(
    "src/sessions/session.ts",
    ["src/sessions/session.test.ts", BROWSER, "test/flows/sessions.test.ts"],
    {
      "a session needs its secret": [
        "if (!record || !equalSecrets(record.secret_hash, sha256(secret))) return null;",
        "if (!record) return null;",
      ],
      "a session ends": [" || !isSessionLive(record, person, ctx)", ""],
      "a disabled person has no session": ["!person || person.disabled || ", "!person || "],
      "no person has the id of a client": [
        'if (await ctx.store.findClient(sub)) throw new PageError("disabled", { status: 403 });',
        "",
      ],
      "a session counts under the name of its own account": [
        "if (accountKey(record.sub) !== key) return null;",
        "",
      ],
      "a browser shows a bounded number of sessions": [".slice(0, MOST_READ);", ";"],
      "a browser holds a bounded number of accounts": [".slice(MOST_ACCOUNTS - 1);", ".slice(50);"],
      "the account that a browser no longer holds is signed out": [
        'await endSessions(record, { reason: "replaced", by }, ctx);',
        "void record;",
      ],
      "the secret of a session is new at each sign-in": [
        "secret_hash: sha256(secret),",
        "secret_hash: same?.secret_hash ?? sha256(secret),",
      ],
      "the session of one person is not gone on with by another": [
        "const same = here.find(({ person }) => person.sub === sub)?.record ?? null;",
        "const same = here[0]?.record ?? null;",
      ],
      "a password that is changed while it is checked signs nobody in": [
        "if (holds && !(await holds())) {",
        "if (false) {",
      ],
      "a proof that lapsed leaves no session": [
        'await endSessions({ sub, session_id }, { reason: "proof_lapsed", by }, ctx);',
        "",
      ],
      "a session keeps no whole address": [
        "network: knownNetwork(request.address),",
        "network: request.address,",
      ],
      "nor does a session in use": ["knownNetwork(address));", "address);"],
      "a person's sessions are bounded": [".slice(MOST_SESSIONS - 1)", ".slice(sub.length)"],
    },
  ),
  ...guardsOf(
    "src/sessions/end_sessions.ts",
    ["src/sessions/session.test.ts", "test/flows/audit.test.ts"],
    {
      "the event of an ended session holds no secret": [
        "? { session_id: which.session_id }",
        "? which",
      ],
      "sessions end with their event": ["{ events, jobs, told }", "{ jobs, told }"],
    },
  ),
  ...guardsOf("src/authentication/sign_out.ts", [LOGOUT, "test/flows/sessions.test.ts", SEVERAL], {
    "to sign out ends the session, and not just the cookie": [
      'await endSessions(record, { reason: "signed_out", by, client_id }, ctx);',
      "void [record, by];",
    ],
    "to sign out of one account leaves the others": [
      'which === "all" ? sessions : one',
      "sessions",
    ],
    "to sign out of one account, a form names it": [
      'if (which !== "all" && account === undefined)',
      "if (false)",
    ],
    "only the session that the hint names ends without a question": [
      "sidFor(client, record.session_id, ctx) === hinted.sid",
      "true",
    ],
    "an app's request to sign out ends nothing before the button": [
      'if (step !== "ask") return end(',
      "if (true) return end(",
    ],
  }),
  ...guardsOf("src/oauth/end_session.ts", ["src/oauth/end_session.test.ts", LOGOUT], {
    "without a genuine hint a logout asks": [
      'return hint === "genuine" && here.session ? "end" : "ask";',
      'return here.session || here.anybody ? "end" : "ask";',
    ],
    "a wrong hint never leads back": [
      'hint === "genuine" || (hint === "absent" && (by_operator || used))',
      'hint === "genuine" || by_operator || used',
    ],
    "without a hint only an app that the person knows is led to": ["(by_operator || used)", "true"],
  }),
  ...guardsOf("src/authentication/logout_request.ts", [LOGOUT, "test/flows/logout.test.ts"], {
    "after a logout only a registered address is led to": [
      "const registered = uri !== null && isRegistered(uri, client);",
      "const registered = uri !== null;",
    ],
    "a hint has to be for the client that client_id names": [
      "await readIdTokenHint(id_token_hint, client_id, ctx)",
      "await readIdTokenHint(id_token_hint, null, ctx)",
    ],
    "a disabled client's hint counts as wrong": [
      "return client && isEnabled(client, ctx) ? client : null;",
      "return client;",
    ],
    "without a hint somebody has to sign out before the app is led to": [
      'client.created_by === "operator" && sessions.length > 0',
      'client.created_by === "operator"',
    ],
    "a logout request of an app expires": [
      "request && request.expires_at > ctx.now ? request : null",
      "request",
    ],
  }),
  ...guardsOf("src/oauth/redirect_uri.ts", [LOGOUT], {
    "post-logout addresses are exact": [
      "registered.includes(requested) && REGISTRABLE[application_type](requested)",
      "matchesRedirectUri(requested, registered, application_type)",
    ],
  }),
  ...guardsOf(
    "src/sessions/end_sessions.ts",
    ["src/sessions/session.test.ts", "test/flows/backchannel_logout.test.ts"],
    {
      "the clients of a session are told of its end": [
        "store.endSessions(which, { events, jobs, told })",
        "store.endSessions(which, { events, told })",
      ],
    },
  ),
  ...guardsOf("src/sessions/client_sessions.ts", ["src/jobs/client_sessions.test.ts"], {
    "the clients of a session that nobody uses are told": [
      "Math.min(expires_at, seen_at + settings.lifetimes.session_idle)",
      "expires_at",
    ],
    "one session keeps a bounded number of clients": ["&& count <= MOST ?", "&& count > 0 ?"],
    "the clients of a disabled person are told": ["session && !all &&", "session &&"],
  }),
  ...guardsOf("src/jobs/backchannel_logout.ts", ["src/jobs/backchannel_logout.test.ts"], {
    "a stranger's client holds up no operator's logouts": [
      'created_by === "operator" ? "operator_logout" : "client_logout"',
      '"client_logout"',
    ],
    "a disabled client is not told of logouts": [
      "if (!client || !isEnabled(client, server)) return;",
      "if (!client) return;",
    ],
    "a client that fails is left alone": [
      'if ("wait" in turn)',
      'if ("wait" in turn && turn.wait < 0)',
    ],
    "a client does not decide how long it is tried": [
      "Math.min(LONGEST_PAUSE, Math.max(0, Math.ceil(seconds)))",
      "Math.max(0, Math.ceil(seconds))",
    ],
    "an address that may not be called is given up": [
      "if (PASSING.includes(error.kind)) throw error;",
      "throw error;",
    ],
    "an operator learns of a client that could not be told": [
      'await store.appendAudit([auditEvent("logout_not_told", about, kept)]);',
      "void [store, about, kept, auditEvent];",
    ],
  }),
  ...guardsOf("src/jobs/peers.ts", ["src/jobs/peers.test.ts"], {
    "a client that hangs holds up no others": [
      "if (peer.calls >= MOST_AT_ONCE) return { wait: BUSY };",
      "",
    ],
  }),
  ...guardsOf(
    "src/tokens/logout_token.ts",
    ["test/security/backchannel_logout.test.ts", "test/flows/backchannel_logout.test.ts"],
    {
      "a logout token passes for no ID token": ['"logout_token", {', '"id_token", {'],
      "a logout token holds for two minutes": ["const LIFE = 120;", "const LIFE = 3600;"],
    },
  ),
  ...guardsOf("src/store/sql/client_sessions.ts", ["src/store/sqlite/driver.test.ts"], {
    "two nodes tell a client once": [
      "const forget = { ...forgetClientSession(which), must_change: true };",
      "const forget = forgetClientSession(which);",
    ],
  }),
  ...guardsOf("src/store/sql/endings.ts", ["src/store/sqlite/driver.test.ts"], {
    "a change that ends sessions tells their clients": [
      "  if (!ends.sessions) return [];",
      "  if (ends) return [];",
    ],
  }),
  ...guardsOf("src/oauth/optional_metadata.ts", ["src/oauth/client_metadata.test.ts"], {
    "an address for logout tokens holds no password": [
      'uri.includes("#") || username !== "" || password !== ""',
      'uri.includes("#")',
    ],
  }),
  ...guardsOf("src/sessions/session.ts", [SEVERAL], {
    "to sign out of all accounts ends those of all tabs": [
      "const MOST_READ = 2 * MOST_ACCOUNTS;",
      "const MOST_READ = MOST_ACCOUNTS;",
    ],
    "the use of one account does not prolong the others": [
      "  return { record, person, consent };\n",
      "  await ctx.store.touchSession(session_id, ctx.now, null);\n  return { record, person, consent };\n",
    ],
  }),
  ...guardsOf("src/authentication/select_account.ts", [BROWSER, SEVERAL], {
    "another site chooses no account": ["  checkForm(request, params, visit);\n", ""],
  }),
  ...guardsOf("src/oauth/select_account.ts", ["src/oauth/select_account.test.ts", SEVERAL], {
    "no other account takes the place of the chosen one": [
      "if (chosen_sub !== null) return select(find(chosen_sub));",
      "if (find(chosen_sub)) return select(find(chosen_sub));",
    ],
    "prompt=select_account asks": [
      'if (asked.prompt.includes("select_account")) return { account: "several" };',
      "",
    ],
    "an id_token_hint decides about the account": [
      'return find(hinted_sub) ? select(find(hinted_sub)) : { account: "none" }',
      "return select(find(hinted_sub) ?? only)",
    ],
    "a request with several accounts is not answered for just any of them": [
      'select(find(last_sub)) : { account: "several" }',
      "select(find(last_sub) ?? only) : select(only)",
    ],
    "an ambiguous login_hint names nobody": ["found.length === 1", "found.length > 0"],
  }),
  ...guardsOf("src/oauth/next_step.ts", ["src/oauth/next_step.test.ts", SEVERAL], {
    "an account is chosen first": ["if (situation.must_select)", "if (false)"],
  }),
  ...guardsOf("src/account/visit.ts", [SEVERAL], {
    "a form acts for the account that it shows": [
      "accountIn(account, await sessionsOf(request, ctx))",
      "await currentSession(request, ctx)",
    ],
    "a form names its account": ["if (account === undefined)", "if (false)"],
  }),
  ...guardsOf("src/account/own_password.ts", ["test/security/password_race.test.ts"], {
    "another account does not stand in for one that was signed out": [
      "accountIn(visit.frame.account, await sessionsOf(request, ctx))",
      "(await sessionsOf(request, ctx))[0]",
    ],
  }),
];
