/** From an authorization request to a grant: the steps, the person's answer, and the resulting permissions. */
import { type Guard, guardsOf } from "./guard.ts";

const BROWSER = "test/security/browser_session_and_consent.test.ts";
const REQUESTS = "test/flows/authorization_request.test.ts";
const AUTHENTICATION = "test/flows/authentication.test.ts";
const CONSENT = "test/flows/consent.test.ts";
const REVIEW = "test/security/review.test.ts";

export const consentGuards: readonly Guard[] = [
  ...guardsOf("src/oauth/next_step.ts", ["src/oauth/next_step.test.ts", AUTHENTICATION], {
    "prompt=none shows no sign-in page": [
      'silent ? refusal("login_required", "the person has to sign in") : { step }',
      "({ step })",
    ],
    "the id_token_hint names the person who has to sign in": [
      "if (isSomebodyElse(situation, session))\n    return",
      "if (false)\n    return",
    ],
    "an answer counts for the person who gave it": [
      "if (answer && answer.sub === session.sub)",
      "if (answer)",
    ],
    "a refusal of everything is a refusal": ["if (answer.agreed.length === 0)", "if (false)"],
    "prompt=consent asks again": ['asked.prompt.includes("consent") ? null : ', ""],
    "prompt=login asks again": ['asked.prompt.includes("login") || ', ""],
    "max_age=0 asks again": ["if (asked.max_age === 0) return true;", ""],
    "max_age is kept": ["now - reached(session.proofs).auth_time > asked.max_age", "false"],
    "a public app on this computer is asked for each time": [
      "if (!client.confidential && on_this_computer) return null;",
      "",
    ],
    "only an operator's word skips consent": ["if (client.trusted)", "if (true)"],
    "a person is asked about an app that has changed, also if it is trusted": [
      "if (client.changed) return null;",
      "if (!client.trusted && client.changed) return null;",
    ],
    "more than was agreed is asked for": [" || !isPermitted(agreed, consent.agreed)", ""],
    "where everything was refused, the person is asked again": [
      "agreed.length === 0 || !isPermitted",
      "!isPermitted",
    ],
    "a refused permission is not issued": [
      "const agreed = without(permissions, consent.refused);",
      "const agreed = permissions;",
    ],
  }),
  ...guardsOf("src/oauth/permission.ts", ["src/oauth/permission.test.ts", BROWSER], {
    "a remembered consent is for the APIs that it named": [
      "permissions.includes(wanted) ||",
      "permissions.some((each) => scopeOf(each) === scopeOf(wanted)) ||",
    ],
    "an API is permitted with scopes of its own only": [
      "permissions.some((each) => resourceOf(each) === wanted)",
      "permissions.length > 0",
    ],
  }),
  ...guardsOf("src/oauth/consent.ts", ["src/oauth/consent.test.ts", REVIEW], {
    "a waiver is kept apart from consent": [
      "waived: ({ agreed, refused, waived }, now) => ({\n    agreed,",
      "waived: ({ agreed, refused, waived }, now) => ({\n    agreed: union(agreed, now.agreed),",
    ],
    "an answer takes back what was agreed before": [
      "agreed: without(union(agreed, now.agreed), now.refused),",
      "agreed: union(agreed, now.agreed),",
    ],
    "an answer that takes something back is known as narrower": [
      'how === "answered" && agreement.refused.some((each) => held.includes(each))',
      "false",
    ],
  }),
  ...guardsOf("src/authorization/proceed.ts", [REQUESTS, CONSENT, BROWSER, REVIEW], {
    "the redirect URI is looked at again when the code is issued": [
      "    origin.checkStillAllowed(client);\n",
      "",
    ],
    "a refusal takes back what this very request was granted": [
      'if (next.error === "access_denied" && session) await takeBack(tx, session, ctx);',
      "",
    ],
  }),
  ...guardsOf("src/authorization/from_redirect.ts", [CONSENT, BROWSER], {
    "a redirect URI that is no longer registered gets no code": [
      "if (!matchesRedirectUri(redirect_uri, redirect_uris, application_type))",
      "if (false)",
    ],
  }),
  ...guardsOf(
    "src/authorization/approve.ts",
    [REVIEW, CONSENT, BROWSER, "test/flows/resources.test.ts", "test/flows/sessions.test.ts"],
    {
      "a code that was used is not given out again": [
        'if (same) return used ? { outcome: "done" } : { outcome: "granted", grant };',
        'if (same) return { outcome: "granted", grant };',
      ],
      "a code that has expired is not given out again": [
        'if (!used && grant.code_expires_at <= ctx.now) return { outcome: "done" };',
        "",
      ],
      "a code is given again only to whom it was given": [
        "if (grant.sub !== session.person.sub || grant.client_id !== client.client_id)",
        "if (false)",
        "the request is sealed with its client, and another account begins a transaction of its own (`forAccount`), where it is tested",
      ],
      "a code of a grant that ended is not given out again": [
        'if (!facts || !grantStatus(facts, ctx).holds) return { outcome: "done" };',
        'if (!facts) return { outcome: "done" };',
      ],
      "a code that was used can only be narrowed": [
        "? permitted(grant.permissions, agreement.agreed)",
        "? [...agreement.agreed]",
      ],
      "with a narrower answer end the access tokens of before": [
        "access_epoch: grant.access_epoch + (takes_back ? 1 : 0),",
        "access_epoch: grant.access_epoch,",
      ],
      "a code that is redeemed while its answer is narrowed gives no token for more": [
        "const takes_back = !isPermitted(grant.permissions, permissions);",
        "const takes_back = used;",
      ],
      "a remembered answer that lost a race is judged again": [
        'if (approving.how === "remembered") return { outcome: "changed" };',
        "",
      ],
      "a grant of an OpenID Connect sign-in ends with the session": [
        "const tied = endsWithSession(origin, agreement.agreed);",
        "const tied = false;",
      ],
      "an API at which everything was refused is not in the grant": [
        "    permissions: [...agreement.agreed],",
        '    permissions: [...agreement.agreed, ...tx.asked.permissions.map((each) => each.split(" ")[0] ?? "")],',
      ],
    },
  ),
  ...guardsOf(
    "src/tokens/consent_write.ts",
    [REVIEW, CONSENT, BROWSER, "test/flows/resources.test.ts"],
    {
      "a narrower answer revokes the other grants": [
        "...(merged.narrowed && { narrowed_at: ctx.now }),",
        "",
      ],
      "a consent that stands is not written again": [
        "if (consent && !merged.changed && is_seen)",
        "if (false)",
      ],
    },
  ),
  ...guardsOf(
    "src/authorization/transaction.ts",
    ["src/authorization/transaction.test.ts", BROWSER],
    {
      "a request in progress belongs to one browser": [
        "if (bound && tx.browser !== browser.id)",
        "if (false)",
      ],
      "a request in progress gets its browser in one place only": [
        "const bound = tx.browser !== null || !unbound;",
        "const bound = tx.browser !== null;",
      ],
      "a request in progress ends": ["if (tx.expires_at <= ctx.now)", "if (false)"],
      "a request in progress is bounded": [
        "if (!isSmall(tx) && Buffer.byteLength(JSON.stringify(tx)) > LARGEST)",
        "if (false)",
      ],
      "another account begins a transaction of its own": [
        "return { ...tx, sub, id, answer: null, declined: false };",
        "return { ...tx, sub };",
      ],
    },
  ),
  ...guardsOf(
    "src/authorization/consent_page.ts",
    [BROWSER, "test/flows/consent.test.ts", "test/flows/several_accounts.test.ts"],
    {
      "a consent form answers the request that it was shown for": [
        "if (shown?.id !== tx.id)",
        "if (!shown)",
      ],
      "a consent form answers for the person and session that saw it": [
        "if (session?.record.session_id !== shown.session_id || session.person.sub !== shown.sub)",
        "if (!session)",
      ],
      "a consent page is shown again after somebody else signed in": [
        "if (besideOf(session, known).some((each) => !shown.beside.includes(each)))",
        "if (false)",
      ],
      "nothing is agreed to that was not on the page": [
        "if (!ticked.every((each) => permissions.includes(each)))",
        "if (false)",
      ],
      "to deny is to agree to nothing": [
        'const agreed = decision === "allow" ? allowed : [];',
        "const agreed = allowed;",
      ],
      "unticked is not agreed": [
        "permissions.filter((each) => isRequired(each, ctx) || ticked.includes(each));",
        "permissions;",
      ],
      "a consent form says allow or deny": [
        'if (decision !== "allow" && decision !== "deny")',
        "if (false)",
      ],
    },
  ),
];
