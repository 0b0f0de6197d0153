/** The store: conditional writes, of which one wins. */
import { type Guard, guardsOf } from "./guard.ts";

const SQLITE = "src/store/sqlite/driver.test.ts";

export const storeGuards: readonly Guard[] = [
  ...guardsOf("src/store/sql/grants.ts", [SQLITE, "test/flows/consent.test.ts"], {
    "a generation is spent once": [
      "WHERE grant_id = ? AND generation <= ? AND revoked_at IS NULL`,\n        [from + 1, now, now, grant_id, from],",
      "WHERE grant_id = ? AND revoked_at IS NULL`,\n        [from + 1, now, now, grant_id],",
    ],
    "a revoked grant does not move on": [
      "WHERE grant_id = ? AND generation <= ? AND revoked_at IS NULL`",
      "WHERE grant_id = ? AND generation <= ?`",
    ],
    "there is no grant without a consent": [
      "WHERE EXISTS (SELECT 1 FROM consent WHERE sub = ? AND client_id = ?${for_key_share})",
      "WHERE CAST(? AS TEXT) <> CAST(? AS TEXT)",
    ],
    "a request is granted once": [
      "ON CONFLICT (grant_id) DO NOTHING`;",
      "ON CONFLICT (grant_id) DO UPDATE SET revoked_at = NULL`;",
    ],
    "an answer that is sent again does not bring a consent back": [
      "WHERE NOT EXISTS (SELECT 1 FROM authorization_grant WHERE grant_id = ?)",
      "WHERE CAST(? AS TEXT) IS NOT NULL",
    ],
    "a consent that is removed takes its grants along": [
      "sql: `UPDATE authorization_grant SET revoked_at = ?\n                WHERE sub = ? AND client_id = ? AND revoked_at IS NULL`",
      "sql: `UPDATE authorization_grant SET used_at = used_at\n                WHERE ? > 0 AND sub = ? AND client_id = ?`",
    ],
    "of two revocations of an access token one counts": [
      "WHERE grant_id = ? AND access_epoch = ? AND revoked_at IS NULL`,\n        [from + 1, grant_id, from],",
      "WHERE grant_id = ? AND revoked_at IS NULL`,\n        [from + 1, grant_id],",
    ],
  }),
  ...guardsOf("src/store/sql/sessions.ts", [SQLITE], {
    "a session is renewed from what it was": [
      "await db.write(`${sql} AND secret_hash = ?`, [...args, secret_hash]);",
      "await db.write(sql, args); void secret_hash;",
    ],
    "other sessions are those of the same person": [
      '"DELETE FROM session WHERE sub = ? AND session_id <> ?"',
      '"DELETE FROM session WHERE sub <> ? AND session_id <> ?"',
    ],
  }),
  ...guardsOf("src/store/sql/single_use.ts", [SQLITE, "test/security/login_and_account.test.ts"], {
    "an id is claimed once": [
      "\n         WHERE claimed_id.expires_at <= ?`,\n        [keyOf(kind, id), expires_at, now],",
      "`,\n        [keyOf(kind, id), expires_at], now,",
    ],
    "an id of one kind is not one of another": ["sha256(JSON.stringify([kind, id]))", "sha256(id)"],
    "who waits is not counted": ["WHERE c.wait_until <= ?", "WHERE ? >= 0"],
  }),
  ...guardsOf("src/store/sql/directory.ts", [SQLITE], {
    "a client that is removed takes its grants along": [
      'sql: "UPDATE authorization_grant SET revoked_at = ? WHERE client_id = ? AND revoked_at IS NULL"',
      'sql: "UPDATE authorization_grant SET used_at = used_at WHERE ? > 0 AND client_id = ?"',
    ],
    "a person who is removed leaves no session": [
      '{ sql: "DELETE FROM session WHERE sub = ?", args: [sub] },',
      "",
    ],
    "the first administrator is the first": [
      "WHERE NOT EXISTS (SELECT 1 FROM account)`",
      "WHERE 1 = 1`",
    ],
    "a client is changed from what it was": [
      "change(CLIENT.update(client, before))",
      "change(CLIENT.update(client))",
    ],
    "of two new keys at once one is made": [
      "WHERE NOT EXISTS (SELECT 1 FROM signing_key WHERE alg = ? AND signs_at > ? AND retired_at IS NULL)`",
      "WHERE ? <> '' AND ? > 0`",
    ],
  }),
  ...guardsOf("src/store/cached_store.ts", ["src/store/cached_store.test.ts"], {
    "what was read before a change is not kept after it": [
      "if (found !== null && before === generation)",
      "if (found !== null)",
    ],
    "what another node changed is seen": [
      "if (found.version !== state.version || found.epoch !== state.epoch) changed();",
      "",
    ],
  }),
  ...guardsOf("src/store/sql/sweep.ts", [SQLITE], {
    "a grant stays while its request could come back": [
      "created_at <= ? AND (revoked_at IS NOT NULL",
      "? > 0 AND (revoked_at IS NOT NULL",
    ],
  }),
  ...guardsOf(
    "src/store/key_file.ts",
    ["test/flows/restart.test.ts", "src/store/open_store.test.ts"],
    {
      "the key file is for its owner alone": ['{ mode: 0o600, flag: "wx" }', '{ flag: "wx" }'],
      "a lost key is not replaced in silence": [
        "if (sqliteExists(path) || existsSync(keyFileOf(path)))",
        "if (existsSync(keyFileOf(path)))",
      ],
    },
  ),
];
