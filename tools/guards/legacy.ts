/** Legacy grants: tokens in the redirect, and passwords that clients pass on. */
import { type Guard, guardsOf } from "./guard.ts";

const FLOW = "test/flows/legacy_grants.test.ts";

export const legacyGuards: readonly Guard[] = [
  ...guardsOf("src/features.ts", [FLOW, "test/flows/features.test.ts"], {
    "tokens in the redirect have to be switched on": [
      'name: "implicit",\n    on: ({ legacy_grants }) => legacy_grants,',
      'name: "implicit",',
    ],
    "the password grant has to be switched on": [
      '{ name: "password", on: ({ legacy_grants }) => legacy_grants, grant',
      '{ name: "password", grant',
    ],
  }),
  ...guardsOf("src/oauth/metadata_conditions.ts", [FLOW], {
    "grant types and response types of a client fit": [
      'return fit ? null : refuse("response_types"',
      'return true ? null : refuse("response_types"',
    ],
    "tokens in the redirect of a web app go to its own server": [
      'grant_types.includes("implicit") &&',
      "false &&",
    ],
  }),
  ...guardsOf("src/account/connected_apps.ts", ["test/flows/initiated_login.test.ts"], {
    "an app that no operator knows is opened at the host that the page names": [
      'if (created_by !== "operator" && new URL(uri).host !== host) return null;',
      "",
    ],
    "an app that is opened learns no name that the person has not agreed to tell": [
      'if (permissions.includes(permissionOf(issuer, "profile"))) return username;',
      "return username;",
    ],
  }),
  ...guardsOf("src/authorization/from_redirect.ts", [FLOW], {
    "an access token of a redirect ends with the session": [
      'ends_with_session: has_code && !parts.includes("token") ? "usually" : "always",',
      'ends_with_session: "usually",',
    ],
    "a request that began before the switch was turned off is not answered": [
      "if (!to.ctx.accepted_metadata.response_types.includes(response_type))",
      "if (false)",
    ],
    "a request is answered by the types that are still registered": [
      "if (!response_types.includes(response_type))",
      "if (false)",
    ],
  }),
  ...guardsOf("src/grants/implicit.ts", [FLOW], {
    "tokens of the redirect pass the gate": [
      "const allowed = mayIssue(\n    {",
      "const allowed = ((d: Parameters<typeof mayIssue>[0]) => ({ ...d, granted: facts.person && { grant, person: facts.person } }))(\n    {",
    ],
    "claims about a person are in an ID token of the redirect only where there is no userinfo": [
      "const scope = parts.length === 1 ? id_token.scope : [];",
      "const scope = id_token.scope;",
    ],
  }),
  ...guardsOf("src/grants/password.ts", [FLOW], {
    "a client that needs more than a password learns nothing about one": [
      "if (required_acr !== undefined && !isAtLeast(reached(proofs).level, required_acr))",
      "if (false as boolean)",
    ],
    "only clients of operators pass on passwords": [
      'if (client.created_by !== "operator")',
      "if (false as boolean)",
    ],
    "a password brings back no permission that the person refused": [
      "without(asked.permissions, consent?.refused ?? []);",
      "asked.permissions;",
    ],
    "a password that changed while it was checked gives nothing": [
      "if (!(await proved.holds()))",
      "if (false as boolean)",
    ],
    "the grants of a password are bounded": ["await endSurplus(grant, { address }, ctx);", ""],
  }),
  ...guardsOf("src/authentication/check_password.ts", [FLOW], {
    "a wrong password gives nothing, and a throttled one neither": [
      'if ("person" in verdict) return alone(verdict, ctx);',
      'if ("person" in verdict || verdict.problem === "wrong") return { person: (await ctx.users.findByLogin(login)) as never, holds: async () => true };',
    ],
    "the length of a password is bounded before it is hashed": [
      "checkLengths({ login, password }, ctx);\n  // The",
      "// The",
    ],
    "a password alone is not enough where a second factor is": [
      "if (needs_more)\n",
      "if (false)\n",
    ],
    "a password alone is not enough where the operator wants two factors": [
      " || policyFor(person, ctx) !== null;",
      ";",
    ],
    "a factor that is added while a password is judged ends what was judged without it": [
      "(await holds()) && (await same())",
      "await holds()",
    ],
  }),
];
