/** The store: conditional writes, of which only one succeeds. */
import { type Guard, guardsOf } from "./guard.ts";

const SQLITE = "src/store/sqlite/driver.test.ts";

export const storeGuards: readonly Guard[] = [
  ...guardsOf("src/store/sql/grants.ts", [SQLITE, "test/flows/consent.test.ts"], {
    "a generation is spent once": [
      "WHERE ${ONE} AND generation <= ? AND revoked_at IS NULL${fresh",
      "WHERE ${ONE} AND ? >= 0 AND revoked_at IS NULL${fresh",
    ],
    "a revoked grant does not move on": [
      "AND generation <= ? AND revoked_at IS NULL${fresh",
      "AND generation <= ?${fresh",
    ],
    "there is no grant without a consent": [
      "WHERE EXISTS (SELECT 1 FROM consent WHERE ${ONE_CONSENT} AND version = ?${for_share})",
      "WHERE CAST(? AS BIGINT) >= 0 AND CAST(? AS TEXT) <> CAST(? AS TEXT) AND CAST(? AS TEXT) <> ''",
    ],
    "a grant is made under the consent that was read": [
      "AND version = ?${for_share})",
      "AND CAST(? AS TEXT) <> ''${for_share})",
    ],
    "a grant is changed as what it was read: used or not": [
      "AND CASE WHEN generation = 0 THEN 1 ELSE 0 END = ?`",
      "AND CAST(? AS BIGINT) >= 0`",
    ],
    "a permission that is taken back holds in no other grant": [
      "narrowed_at === undefined\n    ? []",
      "narrowed_at !== null\n    ? []",
    ],
    "a request is granted once": [
      "ON CONFLICT (grant_id, place) DO NOTHING`;",
      "ON CONFLICT (grant_id, place) DO UPDATE SET revoked_at = NULL`;",
    ],
    "an answer that is sent again does not bring a consent back": [
      '" ON CONFLICT (grant_id, place) DO NOTHING"),\n  must_change: true,',
      '" ON CONFLICT (grant_id, place) DO NOTHING"),',
    ],
    "of two revocations of an access token one counts": [
      "WHERE ${ONE} AND access_epoch = ? AND revoked_at IS NULL`,\n      args: [from + 1, ...key(grant_id), from],",
      "WHERE ${ONE} AND revoked_at IS NULL`,\n      args: [from + 1, ...key(grant_id)],",
    ],
  }),
  ...guardsOf("src/store/sql/consents.ts", [SQLITE, "test/flows/consent.test.ts"], {
    "a consent that is removed takes its grants along": [
      "sql: `UPDATE authorization_grant SET revoked_at = ?\n                  WHERE ${ONE_CONSENT} AND revoked_at IS NULL`",
      "sql: `UPDATE authorization_grant SET used_at = used_at\n                  WHERE ? > 0 AND ${ONE_CONSENT}`",
    ],
    "a consent is changed from what it was": [
      "[{ sql: `${sql} AND version = ?`, args: [...args, before.version], must_change: true }]",
      "[{ sql, args, must_change: true }]",
    ],
    "of two first answers at once one is judged anew": [
      "return [{ ...insert, must_change: true }];",
      "return [insert];",
    ],
    "a grant is changed under the consent that was read": [
      "SET version = version WHERE ${ONE_CONSENT} AND version = ?`",
      "SET version = version WHERE ${ONE_CONSENT} AND CAST(? AS TEXT) <> ''`",
    ],
  }),
  ...guardsOf("src/store/sql/sessions.ts", [SQLITE], {
    "a session is renewed from what it was": [
      "sql: `${sql} AND secret_hash = ?`,\n        args: [...args, secret_hash],",
      "sql, args,",
    ],
    "other sessions are those of the same person": [
      '"DELETE FROM session WHERE place = ? AND sub = ? AND session_id <> ?"',
      '"DELETE FROM session WHERE place <> ? AND sub <> ? AND session_id <> ?"',
    ],
  }),
  ...guardsOf("src/store/sql/single_use.ts", [SQLITE, "test/security/login_and_account.test.ts"], {
    "an id is claimed once": [
      "\n  WHERE claimed_id.expires_at <= ?`",
      "\n  WHERE CAST(? AS BIGINT) > 0`",
    ],
    "an id of one kind is not one of another": ["sha256(JSON.stringify([kind, id]))", "sha256(id)"],
    "a try during a wait is not counted": ["WHERE c.wait_until <= ?", "WHERE ? >= 0"],
  }),
  ...guardsOf("src/store/sql/clients.ts", [SQLITE], {
    "a client that is removed takes its grants along": [
      "endClients([ended], { now, grants: true, consents: true })",
      "endClients([ended], { now, consents: true })",
    ],
    "a client is changed from what it was": [
      "CLIENT.update(endedClient(client, ends), before)",
      "CLIENT.update(endedClient(client, ends))",
    ],
  }),
  ...guardsOf("src/store/sql/clients.ts", ["test/flows/clients.test.ts"], {
    "a client with the id of a removed one inherits no consents": [
      "...forgetConsents(client.client_id),",
      "",
    ],
    "consents that a change ends count for nobody from then on": [
      "...(ends?.consents ? forgetConsents(client_id) : []),",
      "",
    ],
  }),
  ...guardsOf("src/store/sql/accounts.ts", [SQLITE], {
    "a person who is removed leaves no session": [
      "...endPerson(sub, of_person),",
      "...endPerson(sub, ends),",
    ],
    "the first administrator is the first": [
      "WHERE NOT EXISTS (SELECT 1 FROM account)`",
      "WHERE 1 = 1`",
    ],
    "an account is changed from what it was": [
      "ACCOUNT.update(endedAccount(account, ends), before)",
      "ACCOUNT.update(endedAccount(account, ends))",
    ],
    "a change that a session asks for needs it alive": [
      "...(session && !isSpread() ? [requireSession(session)] : []),",
      "",
    ],
    "a change that a session asks for needs its secret": [
      "WHERE session_id = ? AND place = ? AND secret_hash = ?`,\n  args: [session_id, placeIn(session_id), secret_hash],",
      "WHERE session_id = ? AND place = ?`,\n  args: [session_id, placeIn(session_id)],",
    ],
  }),
  ...guardsOf("src/store/sql/accounts.ts", ["test/postgres/distributed.test.ts"], {
    "over several nodes, a change that a session asks for needs it alive": [
      "if (session && isSpread() && !(await stands(session))) return false;",
      "",
    ],
  }),
  ...guardsOf("src/store/sql/endings.ts", [SQLITE], {
    "with a person end their grants": [
      'if (grants) statements.push(end(revoke, "created_at", now, ...at_client));',
      "",
    ],
    "a person's grants from before an end hold no longer": [
      "...(ends?.grants && { ends_before: endsBefore(ends) }),",
      "",
    ],
    "a person's sessions from before an end hold no longer": [
      "...(ends?.sessions === true && { sessions_end_before: endsBefore(ends) }),",
      "",
    ],
    "a client's grants and tokens from before an end hold no longer": [
      "ends?.grants ? { ...client, ends_before: endsBefore(ends) } : client",
      "ends?.now ? client : client",
    ],
    "a grant that is made in the second of an end ends too": ["=> now + 1;", "=> now;"],
    "an end at one client ends nothing at others": [
      'client_id === undefined ? ["", []] : [" client_id = ? AND", [client_id]];',
      'client_id !== "" ? ["", []] : [" client_id = ? AND", [client_id]];',
    ],
    "an end that comes late ends nothing that began after it": [
      'sql: `${sql} place = ? AND sub = ?${late ? ` AND ${began} <= ?` : ""}`,\n    args: [...args, placeOf(sub), sub, ...(late ? [now] : [])],',
      'sql: `${sql} place = ? AND sub = ?`, args: [...args, placeOf(sub), sub, ...(late && began === "" ? [now] : [])],',
    ],
  }),
  ...guardsOf("src/store/sql/grant_walks.ts", [SQLITE], {
    "the late end of a client spares grants that began after it": [
      "grant_id <= ? AND created_at <= ? AND revoked_at IS NULL AND client_id IN`",
      "grant_id <= ? AND ? > 0 AND revoked_at IS NULL AND client_id IN`",
    ],
    "the end of a client ends no grants of others": [
      "(${marks})`, args",
      "(${marks}) OR grant_id >= ?`, [...args, String(first.grant_id)]",
    ],
  }),
  ...guardsOf("src/store/ending_jobs.ts", [SQLITE], {
    "the rows of a client end to the last one": [
      "while (next !== null && !signal?.aborted)",
      "if (next !== null && !signal?.aborted)",
    ],
  }),
  ...guardsOf("src/store/sql/alongside.ts", [SQLITE], {
    "the event of a change to a person is written with it": [
      "...events.map((event) => PERSON_EVENT.insert(event)),",
      "...(events.length < 0 ? [] : []),",
    ],
    "the event of a change to the directory is written with it": [
      "...events.map((event) => DIRECTORY_EVENT.insert(event)),",
      "...(events.length < 0 ? [] : []),",
    ],
  }),
  ...guardsOf("src/store/sql/jobs.ts", [SQLITE], {
    "a node whose lease was taken over can't finish the job": [
      '["job_id = ? AND place = ? AND lease_no = ?", [job_id, place, lease_no]]',
      '["job_id = ? AND place = ? AND lease_no >= ?", [job_id, place, 0]]',
    ],
    "a job is taken by one node": [
      "if (await change(job, mine)) taken.push({ ...job, ...mine });",
      "await change(job, mine); taken.push({ ...job, ...mine });",
    ],
  }),
  ...guardsOf("src/store/sql/signing_keys.ts", [SQLITE], {
    "of two new keys at once one is made": [
      "WHERE NOT EXISTS (SELECT 1 FROM signing_key WHERE alg = ? AND signs_at > ? AND retired_at IS NULL)`",
      "WHERE ? <> '' AND ? > 0`",
    ],
  }),
  ...guardsOf("src/store/cached_store.ts", ["src/store/cached_store.test.ts"], {
    "a record that was read before a change is not cached after it": [
      "if (found !== null && before === generation && mayKeep(found))",
      "if (found !== null && mayKeep(found))",
    ],
  }),
  ...guardsOf(
    "src/store/version_watch.ts",
    ["src/store/version_watch.test.ts", "src/store/cached_store.test.ts"],
    {
      "a change by another node is seen": [
        "DIRECTORY_KINDS.filter((kind) => found.versions[kind] !== state.versions[kind])",
        "[]",
      ],
      "with another epoch everything is read anew": ["found.epoch === state.epoch", "true"],
    },
  ),
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
