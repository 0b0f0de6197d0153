/** Secrets of the server that were replaced or have leaked. */
import { type Guard, guardsOf } from "./guard.ts";

const LEAKED = "test/flows/leaked_secret.test.ts";
const SECRETS = "src/crypto/server_secret.test.ts";
const HANDLES = "src/tokens/handle.test.ts";
const SQLITE = "src/store/sqlite/driver.test.ts";

export const secretGuards: readonly Guard[] = [
  ...guardsOf("src/crypto/server_secret.ts", [SECRETS, LEAKED], {
    "a leaked secret opens nothing, though it is listed as an earlier one too": [
      "known.filter(({ secret_id }) => !lost.has(secret_id))",
      "known",
    ],
    "a leaked secret is not in use": ["if (lost.has(first.secret_id))", "if (false as boolean)"],
    "an earlier secret is refused once what it made has ended": [
      "return is_current || now < end ? secrets.find(secret_id, purpose) : null;",
      "return is_current || now < end || secret_id ? secrets.find(secret_id, purpose) : null;",
    ],
  }),
  ...guardsOf("src/dispatch.ts", [LEAKED], {
    "requests accept an earlier secret for a while only": [
      "ctx.secrets = boundedSecrets(server.secrets, { since, now, bounds: server.secret_bounds });",
      "void [since, boundedSecrets];",
    ],
  }),
  ...guardsOf("src/authorization_server.ts", [LEAKED], {
    "a start notes which secret is in use, so that the earlier secret ends": [
      "await store.noteSecret(secrets.current.secret_id, Math.floor(clock() / 1000));",
      "",
    ],
  }),
  ...guardsOf("src/store/sql/directory.ts", [SQLITE], {
    "a secret is in use since its first start, not the latest one": [
      "WHERE server_state.value < (SELECT max(value) FROM server_state WHERE name LIKE '${SECRET}%')`",
      "WHERE server_state.value > 0`",
    ],
  }),
  ...guardsOf("src/tokens/handle.ts", [HANDLES, LEAKED], {
    "a grant under a leaked secret gets another key": [
      "if (!leaked.has(secret_id)) return null;",
      "if (leaked.size >= 0) return null;",
    ],
    "the key instead of a leaked secret's has a salt of its own": [
      "return { salt: randomText(16), secret_id: current.secret_id, replaced_key };",
      "return { salt, secret_id: current.secret_id, replaced_key };",
    ],
    "the key of a leaked secret makes no later generation": [
      "generation < replaced_key.below ? replaced_key",
      "generation >= 0 ? replaced_key",
    ],
    "a handle names the secret that it was made under, and not a leaked secret instead": [
      "handle.secret_id === keyOf(grant, generation).secret_id;",
      'handle.secret_id !== "";',
    ],
  }),
  ...guardsOf("src/grants/authorization_code.ts", [LEAKED], {
    "a code of a leaked secret gives its grant another key": [
      "const fresh = freshKeyFor(grant, 1, ctx.secrets);",
      "const fresh = freshKeyFor(grant, 1, { ...ctx.secrets, leaked: new Set() });",
    ],
  }),
  ...guardsOf("src/grants/refresh_token.ts", [LEAKED], {
    "a refresh token of a leaked secret is replaced, for confidential clients too": [
      "(isRotated(client) || fresh !== null)",
      "isRotated(client)",
    ],
    "of two requests that replace the key of a leaked secret, the later one is judged again": [
      'return done ? null : "again";',
      "return null;",
    ],
  }),
  ...guardsOf("src/grants/grant.ts", [LEAKED, "test/security/refresh_tokens.test.ts"], {
    "only clients whose tokens are not rotated have a day to notice what a leaked secret did": [
      "!isRotated(client) && generation + 1",
      "generation + 1",
    ],
    "a token that was not replaced for a leaked secret is a leak itself when it comes again": [
      "generation + 1 === grant.replaced_key?.below;",
      "generation < grant.generation;",
    ],
  }),
  ...guardsOf("src/keys/retire_secret.ts", [LEAKED], {
    "signing keys that a leaked secret sealed are withdrawn": [
      "live.filter((key) => secrets.leaked.has(sealedUnder(key)));",
      "live.filter((key) => secrets.leaked.size < 0 && sealedUnder(key));",
    ],
    "the event of ending grants of a leaked secret is written": [
      'await store.appendAudit([eventOf("grants_ended", { by, details: { secret_ids } }, env)]);',
      "",
    ],
  }),
  ...guardsOf("src/store/sql/grants.ts", [SQLITE], {
    "the key of a leaked secret is replaced only while the grant has it": [
      'const SAME_KEY = " AND salt = ? AND secret_id = ?";',
      "const SAME_KEY = \" AND ? <> '' AND ? <> ''\";",
    ],
  }),
  ...guardsOf("src/store/sql/signing_keys.ts", [SQLITE], {
    "of two nodes that replace the keys of a leaked secret, one does": [
      "const withdrawn = [{ ...first, must_change: true }, ...others];",
      "const withdrawn = [first, ...others];",
    ],
  }),
  ...guardsOf("src/store/sql/grant_walks.ts", [SQLITE], {
    "grants that were under a leaked secret before end too": [
      "...(replaced ? [replaced.secret_id] : [])",
      "...(replaced ? [] : [])",
    ],
    "grants of other secrets than the leaked secret go on": [
      "secretsOf(row).some((id) => secret_ids.includes(id))",
      "secretsOf(row).some((id) => secret_ids.includes(id) || id)",
    ],
  }),
];
