/** People: signing in and out, accounts, the first administrator. */
import { type Guard, guardsOf } from "./guard.ts";

const PEOPLE = "src/people/operations.test.ts";
const PASSWORD_RACE = "test/security/password_race.test.ts";
const BROWSER = "test/security/browser_session_and_consent.test.ts";
const LOGIN = "test/security/login_and_account.test.ts";

const BOUNDS = "test/security/bounds.test.ts";

export const peopleGuards: readonly Guard[] = [
  ...guardsOf("src/authentication/sign_in.ts", [LOGIN, BROWSER], {
    "a sign-in form comes from a page of ours": ["  checkForm(request, params, page);\n", ""],
    "nobody hashes a password without end": [
      "if (password.length > ctx.settings.limits.password || login.length > 256)",
      "if (false)",
    ],
  }),
  ...guardsOf("src/authentication/sign_out.ts", ["test/security/logout.test.ts"], {
    "another site signs nobody out": ["  checkForm(request, params, { browser, ctx });\n", ""],
  }),
  ...guardsOf(
    "src/people_features.ts",
    ["test/flows/features.test.ts", "test/flows/accounts.test.ts"],
    {
      "accounts are made where that is offered": ["    on: ({ sign_up }) => sign_up,\n", ""],
    },
  ),
  ...guardsOf("src/authentication/taken_name.ts", ["test/flows/accounts.test.ts"], {
    "a form with other mistakes tells of a bounded number of names": [
      " || !(await mayAskForName(address, ctx))",
      "",
    ],
  }),
  ...guardsOf("src/authentication/sign_up.ts", ["test/flows/accounts.test.ts", LOGIN], {
    "new accounts are limited": ["if (seconds !== null)\n", "if (false)\n"],
    "a visitor becomes no administrator": [
      "{ is_admin: false, only_as_first: false }",
      "{ is_admin: true, only_as_first: false }",
    ],
  }),
  ...guardsOf("src/authentication/setup.ts", ["test/flows/accounts.test.ts", LOGIN], {
    "the link to the first administrator is ours, and ends": [
      "link !== undefined && text !== null && Number(text) > ctx.now",
      "link !== undefined && text !== null",
    ],
    "the link to the first administrator can't be made up": [
      "link !== undefined && text !== null && Number(text) > ctx.now",
      "link !== undefined",
    ],
    "there is one first administrator": [
      "{ is_admin: true, only_as_first: true }",
      "{ is_admin: true, only_as_first: false }",
    ],
    "the link is spent when there is an account": [
      "if (!holds || (await ctx.store.hasAccounts()))",
      "if (!holds)",
    ],
  }),
  ...guardsOf("src/authentication/return_to.ts", [LOGIN, BROWSER, "test/flows/sessions.test.ts"], {
    "a sign-in leads to no address that a stranger chose": [
      'const page = accountPages.find((each) => ACCOUNT_PAGES[each] === params.get("to"));',
      'const page = params.get("to") as (typeof accountPages)[number];',
    ],
  }),
  ...guardsOf("src/authentication/new_account.ts", ["src/authentication/new_account.test.ts"], {
    "a name that looks like another one is refused": [
      "(refuseUsername(username) !== null || poses)",
      "poses",
    ],
    "nobody signs up as an address": ["judged_here && posesAsAddress(username, null)", "false"],
    "a common password is refused": ["return problem && PASSWORD_ERROR[problem];", "return null;"],
  }),
  ...guardsOf("src/people/built_in_users.ts", ["src/people/built_in_users.test.ts", LOGIN], {
    "an address that nobody has confirmed signs nobody in": [
      "login_email: null, now_ms: now_ms()",
      "login_email: account.email ?? null, now_ms: now_ms()",
    ],
  }),
  ...guardsOf("src/people/built_in_users.ts", [PEOPLE, PASSWORD_RACE], {
    "a new password goes over none but the one that was verified": [
      "before === null || markOf(before.password_hash) !== mark",
      "before === null",
    ],
    "a new password does not undo what others do at this moment": [
      "const change = { before, ...",
      "const change = { ...",
    ],
    "a disabled account gets no new password": [
      "if (before.disabled_at !== null) return false;",
      "",
    ],
    "a session that has ended changes no password": ["...(session && { session }), ", ""],
    "a session that the account says has ended changes no password": [
      "session?.proofs.some(({ at }) => at < (before.sessions_end_before ?? 0))",
      "session?.proofs.some(({ at }) => at < 0)",
    ],
  }),
  ...guardsOf("src/people/change_password.ts", [PEOPLE, PASSWORD_RACE], {
    "a new password ends every other session": ["sessions: { except: session_id },", ""],
    "a person who changes the password may end all that apps may do": [
      "    grants: revoke,\n  });",
      "  });",
    ],
    "a session that has ended changes no password that is kept elsewhere": [
      "if ((await store.findSession(session_id))?.secret_hash !== secret_hash) return null;",
      "",
    ],
    "an operator's password ends every session": [
      "const ends = { now: secondsNow(env), sessions: true, grants: revoke } as const;",
      "const ends = { now: secondsNow(env), grants: revoke } as const;",
    ],
    "an operator's password undoes nothing that others do at this moment": [
      "{ before, ends, events })",
      "{ ends, events })",
    ],
  }),
  ...guardsOf("src/people/create_person.ts", [PEOPLE], {
    "only an operator says whose an address is, and more": [
      'const by_operator = by.kind === "operator";',
      'const by_operator = by.kind !== "client";',
    ],
  }),
  ...guardsOf("src/people/end_person.ts", [PEOPLE, "test/flows/clients.test.ts"], {
    "the account says since when its access has ended": [
      "const change = { before, ends: all, events: events() };",
      "await store.endPerson(sub, all); const change = { before, events: events() };",
    ],
  }),
  ...guardsOf("src/people/rules.ts", ["src/people/rules.test.ts"], {
    "a user name poses as nobody's address": [
      "if (posesAsAddress(username, login_email))",
      "if (false)",
    ],
    "a person's claims are not those of the server": ["if (reserved.length > 0)", "if (false)"],
  }),
  ...guardsOf("src/people/login.ts", ["src/people/login.test.ts"], {
    "one account has one name, however it is written": [
      '.toLowerCase().toUpperCase().toLowerCase().normalize("NFKC")',
      "",
    ],
    "a name hides no character": [" || UNSEEN.test(plain)", ""],
  }),
  ...guardsOf("src/people/password.ts", ["src/people/password.test.ts", LOGIN], {
    "nobody has no password": ["return fits && phc !== null;", "return fits;"],
    "waiting passwords are bounded": ["if (queue.length >= WAITING)", "if (false)"],
    "a short password is refused": ['if ([...password].length < SHORTEST) return "too_short";', ""],
  }),
  ...guardsOf("src/account/visit.ts", [BROWSER, LOGIN, "test/flows/sessions.test.ts"], {
    "a form of an account page comes from a page of ours": [
      "  checkForm(request, params, page_visit);\n",
      "",
    ],
    "apps are registered by those who may": [
      "if (!frame.pages.includes(page))\n    throw",
      "if (false) throw",
    ],
    "apps are registered by administrators, unless everybody may": [
      'person.is_admin || settings.your_apps === "everyone"',
      "true",
    ],
  }),
  ...guardsOf("src/account/change_limit.ts", [LOGIN], {
    "one person changes a bounded number of things": ["if (retry_after > 0)", "if (false)"],
  }),
  ...guardsOf("src/http/counter_slot.ts", ["src/http/counter_slot.test.ts"], {
    "a visitor who signs up makes nobody wait who signs in": [
      "KINDS.indexOf(kind) * SLOTS +",
      "0 +",
    ],
  }),
  ...guardsOf("src/account/own_sessions.ts", [LOGIN], {
    "a person ends their own sessions only": [
      'const chosen = own.find(({ session_id }) => session_id === params.get("session"));',
      'const chosen = own.length > 0 && { session_id: params.get("session") ?? "", sub: session.record.sub };',
      "a session ends by its id together with its person, which is tested where that stands",
    ],
  }),
  ...guardsOf("src/account/own_password.ts", [LOGIN, PASSWORD_RACE], {
    "a change of the password takes the old one": [
      'if (!("person" in verdict) || verdict.person.sub !== person.sub)',
      "if (false)",
    ],
    "a password that was replaced meanwhile begins no session": [
      "const proved = { person, proof, proofs, holds: changed.holds };",
      "const proved = { person, proof, proofs };",
    ],
  }),
  ...guardsOf("src/http/just_done.ts", ["test/flows/true_sentences.test.ts"], {
    "no link claims that a password was changed or a browser signed out": [
      'unseal(sealed ?? "", purposeFor(whom), ctx)?.split(" ") ?? []',
      '[sealed ?? "", `${ctx.now + JUST_NOW}`, unseal]',
    ],
    "a change is told for a minute, and no longer": [
      "Number(until) > ctx.now ?",
      "until !== undefined ?",
    ],
  }),
  ...guardsOf("src/account/connected_apps.ts", ["test/flows/consent.test.ts", BROWSER], {
    "no address can claim a removal that did not happen, or ask what an app is called": [
      "client_id === null ? null : await ctx.store.findClient(client_id)",
      'await ctx.store.findClient(client_id ?? readQuery(request, ctx).get("removed") ?? "")',
    ],
  }),
  ...guardsOf(
    "src/account/app_form.ts",
    ["test/flows/your_apps.test.ts", LOGIN, "test/security/redirect_uri.test.ts"],
    {
      "a person registers no scheme without a dot": [
        "redirectUriProblem(uri, { application_type, short_schemes: [] });",
        'redirectUriProblem(uri, { application_type, short_schemes: "any" });',
        "the parser of all metadata refuses the same again",
      ],
    },
  ),
  ...guardsOf("src/authorization/approve.ts", [BOUNDS], {
    "what one person answers is limited": ['takeFrom("changes", sub, ctx);', ""],
    "the grants of a person to a client are bounded": [
      "await endSurplus(grant, { address: request.address }, ctx);",
      "",
    ],
  }),
  ...guardsOf("src/store/sql/grants.ts", [BOUNDS, "src/store/sqlite/driver.test.ts"], {
    "a code that nobody redeemed pushes no grant out": [
      "AND NOT (generation = 0 AND code_expires_at <= ?)",
      "AND 0 <> ?",
    ],
  }),
  ...guardsOf("src/authentication/finish_proof.ts", [BOUNDS], {
    "the sign-ins of one person are limited": ['takeFrom("changes", sub, ctx);', ""],
  }),
  ...guardsOf("src/endpoints/revocation.ts", [BOUNDS], {
    "the revoked grants of one person are limited": [
      'takeFrom("changes", grant.sub, ctx);\n    const',
      "const",
    ],
    "the revoked access tokens of one person are limited": [
      'if (grant) takeFrom("changes", grant.sub, ctx);',
      "",
    ],
  }),
  ...guardsOf("src/people/password.ts", ["src/people/password.test.ts"], {
    "known browsers come before strangers": [
      "const queue = is_known ? known : others;",
      "const queue = others;",
    ],
  }),
];
