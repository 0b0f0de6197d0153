/** The list of ended access tokens: what ends is listed, and APIs see it. */
import { type Guard, guardsOf } from "./guard.ts";

const STORE = "src/store/sqlite/driver.test.ts";
const LIST = "src/tokens/ended_tokens.test.ts";
const FLOW = "test/flows/ended_tokens.test.ts";

export const endedTokenGuards: readonly Guard[] = [
  ...guardsOf("src/store/sql/grants.ts", [STORE, FLOW], {
    "the end of a grant is listed": [
      "db.writeAll([revoke, ...withPerson(alongside), list])",
      "db.writeAll([revoke, ...withPerson(alongside), ...(list ? [] : [])])",
    ],
    "a revoked access token is listed": [
      "db.writeAll([raise, ...withPerson(alongside), list])",
      "db.writeAll([raise, ...withPerson(alongside), ...(list ? [] : [])])",
    ],
    "an answer that takes something back is listed": [
      "const list = endedBy(approval, listed);",
      "const list = endedBy(approval, listed).slice(9);",
    ],
  }),
  ...guardsOf("src/store/sql/consents.ts", [STORE], {
    "removed consent lists its grants": [
      "          listed.grants(`${ONE_CONSENT} AND revoked_at = ?`, [...consentKey(which), now]),\n",
      "",
    ],
  }),
  ...guardsOf("src/store/sql/sessions.ts", [STORE], {
    "an ended session lists its grants": [
      "...forget, ...withPerson(alongside), list]",
      "...forget, ...withPerson(alongside), ...(list ? [] : [])]",
    ],
  }),
  ...guardsOf("src/store/sql/single_use.ts", [STORE, FLOW], {
    "a revoked token of a client is listed": [
      "db.writeAll([claim, listed.name(ends, key[1])])",
      "db.writeAll([claim])",
    ],
  }),
  ...guardsOf("src/store/sql/grant_walks.ts", [STORE], {
    "grants under a leaked secret are listed": [
      "writeApart(db, [...revocations, ...lists], isSpread())",
      "writeApart(db, lists.length === 0 ? [] : revocations, isSpread())",
    ],
  }),
  ...guardsOf("src/store/sql/endings.ts", [STORE], {
    "a disabled person or client is listed": [
      "disabled_at !== null && (before?.disabled_at ?? null) === null",
      "disabled_at !== null && before === null",
    ],
    "the ended grants of a person are listed": [
      'if (ends.grants && client_id === undefined) add("revoked_at = ?", now);',
      "",
    ],
    "the grants of ended sessions are listed": [
      'else if (sessions) add("session_id IS NOT NULL");',
      "",
    ],
  }),
  ...guardsOf("src/store/sql/clients.ts", [STORE, FLOW], {
    "an ended client is listed": [
      "...(ends?.grants || ends?.access_tokens ? listNames([clientName(client_id)]) : []),",
      "",
    ],
    "a removed client is listed": ["        ...listNames([clientName(client_id)]),\n", ""],
  }),
  ...guardsOf("src/store/sql/signing_keys.ts", [STORE, FLOW], {
    "a retired key is listed": [", ...listNames([keyName(kid)])]", "]"],
    "a replaced key is listed": [", ...listNames(kids.map(keyName))]", "]"],
  }),
  ...guardsOf("src/store/sql/ended_tokens.ts", [STORE, FLOW], {
    "names stay while tokens may live": [
      "const until = now - endedWindow(Object.fromEntries(lives), now) - SLACK;",
      "const until = now - endedWindow({}, now) - SLACK;",
    ],
  }),
  ...guardsOf("src/store/postgres/pool.ts", ["test/postgres/ended_tokens.test.ts"], {
    "a transaction that waits for its commit is undone": [
      "    idle_in_transaction_session_timeout: Math.min(commit_timeout, statement_timeout * 2),\n",
      "",
    ],
  }),
  ...guardsOf("src/store/postgres/driver.ts", ["test/postgres/ended_tokens.test.ts"], {
    "a name has the time of its statement": [
      "statement_timestamp()))",
      "transaction_timestamp()))",
    ],
  }),
  ...guardsOf("src/tokens/ended_tokens.ts", [LIST], {
    "names that are committed late are found": [
      "Math.max(start, seen - LATE)",
      "Math.max(start, seen)",
    ],
    "a second with news is read again": [
      "known[kind].get(each.ended_at)?.length !== each.count * NAME_BYTES",
      "known[kind].get(each.ended_at) === undefined",
    ],
    "a longer window is read": ["start < covered ? start : ", ""],
    "strangers fill no memory with lists": ["|| kept + list.ended.length > MOST_KEPT", ""],
    "a list of ended tokens is bounded": ["if (names >= MOST_NAMES) {", "if (names < 0) {"],
  }),
];
