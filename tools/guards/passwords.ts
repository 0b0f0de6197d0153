/** Judging passwords: how many, and what the answer reveals about who has an account. */
import { type Guard, guardsOf } from "./guard.ts";

const LOGIN = "test/security/login_and_account.test.ts";
const UNKNOWN_NAMES = "test/security/unknown_names.test.ts";

export const passwordGuards: readonly Guard[] = [
  ...guardsOf(
    "src/authentication/sign_in_limit.ts",
    ["src/authentication/sign_in_limit.test.ts", LOGIN],
    {
      "a network that has to wait gets no password checked": [
        "if (!result.counted) {",
        "if (false) {",
      ],
      "a password has to be the right one": [
        "if (!fits || !asked || asked.disabled)",
        "if (!asked || asked.disabled)",
      ],
      "a disabled person does not sign in": [
        "if (!fits || !asked || asked.disabled)",
        "if (!fits || !asked)",
      ],
      "a known browser is one of that person": [
        "attempt.known.includes(person.sub)",
        "attempt.known.length > 0",
      ],
      "a stranger's tries make no other network wait": [
        "counterSlot(kind, `${of} ${who}`, ctx)",
        "counterSlot(kind, of, ctx)",
      ],
      "tries for many accounts are counted together": ["[of_address, of_login]", "[of_login]"],
      "a wait does not tell which names belong to one account": [
        "if (!silenced) counted.push(of_account);",
        'if (silenced) return { problem: "throttled", seconds: WAIT };',
      ],
      "an account with several names is counted once": [
        "const asked = silenced ? null : person;",
        "const asked = person;",
      ],
      "without an address nobody waits long": [
        "const strict = has_network || is_known;",
        "const strict = true;",
      ],
      "typed names fill up no counter of a person": [
        'slotOf("sign_in_nobody", name)',
        'slotOf("sign_in_account", name)',
      ],
    },
  ),
  ...guardsOf("src/authentication/sign_in_limit.ts", [UNKNOWN_NAMES], {
    "a name that nobody has is counted like an account": [
      "const silenced = !(await count(of_account, ctx)).counted;",
      "const silenced = person !== null && !(await count(of_account, ctx)).counted;",
    ],
  }),
  ...guardsOf("src/people/judge_password.ts", [UNKNOWN_NAMES], {
    "a known name costs one read, as an unknown one": [
      "  const found = await users.findWithPassword(login);\n",
      "  const found = await users.findWithPassword(login);\n  if (found) await users.findByLogin(login);\n",
    ],
  }),
  ...guardsOf("src/people/judge_password.ts", ["src/authentication/sign_in_limit.test.ts"], {
    "an app is asked for a mark whether it has the person or not": [
      "(await users.passwordMark?.(asked?.sub ?? null)) ?? null",
      "(asked && (await users.passwordMark?.(asked.sub))) ?? null",
    ],
  }),
  ...guardsOf("src/people/password.ts", [UNKNOWN_NAMES], {
    "a password of nobody costs a hash": [
      "  const against = phc ?? NOBODYS_HASH;\n",
      "  const against = phc;\n  if (against === null) return false;\n",
    ],
  }),
  ...guardsOf("src/people/kept_elsewhere.ts", ["test/flows/embedding.test.ts"], {
    "a change that the app tells of ends sign-ins in progress": [
      "    await env.store.raiseFactorVersion(sub);\n",
      "",
    ],
    "a change that the app tells of ends the sessions": ["{ sessions: true }, env", "{}, env"],
    "a person whom the app has removed leaves no factors": [
      "    await env.store.removeFactors(sub);\n",
      "",
    ],
    "a person whom the app has removed leaves no access": [
      "{ sessions: true, grants: true, consents: true }",
      "{ sessions: true, consents: true }",
    ],
    "an app tells of its own people only": ["if (keepsPeople(users))\n", "if (false)\n"],
  }),
];
