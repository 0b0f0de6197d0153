/** Databases: transactions, PostgreSQL's pool, statements of one key each, migrations, restore. */
import { type Guard, guardsOf } from "./guard.ts";

const SQLITE = "src/store/sqlite/driver.test.ts";
const RACES = "test/store/processes.test.ts";
const DISTRIBUTED = "test/postgres/distributed.test.ts";
const POOL = "test/postgres/pool.test.ts";
const BATCH = "test/postgres/batch.test.ts";
const WRITE_BATCH = "test/postgres/write_batch.test.ts";
const TRANSACTIONS = "test/postgres/transactions.test.ts";
const FORGETS = "test/postgres/connections_that_forget.test.ts";
const MOVE = "test/postgres/transfer.test.ts";

export const databaseGuards: readonly Guard[] = [
  ...guardsOf("src/store/sqlite/group_commit.ts", [SQLITE], {
    "on SQLite, of what fails half way nothing stays": [
      'db.exec("ROLLBACK TO one; RELEASE one")',
      'db.exec("RELEASE one")',
    ],
    "on SQLite, what had to change something and did not undoes the rest": [
      "if (must_change && changed === 0) throw new NothingChanged();",
      "",
    ],
  }),
  ...guardsOf("src/store/sqlite/file.ts", [SQLITE, "src/store/open_store.test.ts"], {
    "an answer is durable before it is given": [
      "PRAGMA synchronous = FULL",
      "PRAGMA synchronous = OFF",
    ],
    "the database file is for its owner alone": [
      'closeSync(openSync(path, "a", 0o600))',
      'closeSync(openSync(path, "a", 0o644))',
    ],
  }),
  ...guardsOf(
    "src/store/sqlite/writer_channel.ts",
    ["src/store/sqlite/writer_channel.test.ts", "test/workers/stories.test.ts"],
    {
      "writes that wait for the process that writes are bounded": [
        "if (sent.count() + turn.length >= most)",
        "if (false)",
      ],
      "a statement's must_change reaches the process that writes": [
        "[indexOf(sql), args, must_change]",
        "[indexOf(sql), args, false]",
      ],
    },
  ),
  ...guardsOf("src/store/postgres/transaction.ts", [TRANSACTIONS], {
    "on PostgreSQL, of what fails half way nothing stays": [
      "await send(client, ROLLBACK, rest()).catch(discard);",
      "await send(client, COMMIT, rest()).catch(discard);",
    ],
    "on PostgreSQL, what had to change something and did not undoes the rest": [
      "if (nothingChanged()) throw new NothingChanged();",
      "",
    ],
    "on PostgreSQL, nothing is committed before what must change has changed": [
      "...(must_look ? [] : [COMMIT])",
      "COMMIT",
    ],
    "a transaction whose batch failed is not committed": [
      "if (!is_undone && !isOfStatement(error)) throw error;",
      "if (!is_undone) return answers;",
    ],
  }),
  ...guardsOf("src/store/postgres/attempt.ts", [TRANSACTIONS], {
    "a write whose answer was lost is not repeated": ["(reads && isLost(error))", "isLost(error)"],
  }),
  ...guardsOf("src/store/postgres/attempt.ts", [POOL], {
    "a transaction that met another one is repeated": ["(isWorthAnotherTry(error) ||", "("],
  }),
  ...guardsOf("src/store/postgres/attempt.ts", [BATCH], {
    "a statement that others kept from its answer is repeated": [
      "error instanceof NotAnswered ||",
      "",
    ],
    "nothing is tried again when its time is over": [
      "performance.now() - began < repeat_within",
      "true",
    ],
  }),
  ...guardsOf("src/store/postgres/statements.ts", [BATCH], {
    "a full queue says no at once": [
      "if (Math.max(0, others) + waiting >= limits.waiting)",
      "if (false)",
    ],
    "a full queue of transactions refuses reads too": [
      "if (Math.max(0, others) + waiting",
      "if (waiting",
    ],
    "over several nodes, no read waits for another node": [
      "gates.timeoutOf([statement]) === undefined",
      "true",
    ],
  }),
  ...guardsOf("src/store/postgres/statements.ts", [WRITE_BATCH], {
    "over several nodes, no write shares a transaction with that of another node": [
      "is_distributed || statement.patient",
      "statement.patient",
    ],
    "housekeeping of many rows holds up no write of a request": [
      "placeNamedBy(statement.sql, statement.args) === null",
      "false",
    ],
  }),
  ...guardsOf("src/store/postgres/write_batch.ts", [WRITE_BATCH], {
    "of writes that share a transaction, each gets its own outcome": [
      "sorted[i]?.resolve(answer)",
      "sorted[0]?.resolve(answer)",
    ],
    "a write whose commit may have come through is not repeated": [
      "if (isOfStatement(error) || isStale(error))",
      "if (error)",
    ],
    "a write that meets a locked row holds up no others": [
      "SET LOCAL lock_timeout = 50",
      "SET LOCAL lock_timeout = 0",
    ],
    "of writes that share a transaction, one that changes nothing undoes no other": [
      "({ statement: { sql, args } }) => ({ sql, args })",
      "({ statement }) => statement",
    ],
  }),
  ...guardsOf("src/store/postgres/read_batch.ts", [BATCH], {
    "each reader gets the answer to its own read": [
      "left.shift()?.resolve(answer)",
      "left.pop()?.resolve(answer)",
    ],
    "an error of one read is not that of the others": [
      "left.shift()?.reject(error);\n      leave();",
      "",
    ],
    "reads that together take too long are repeated": [
      "reads.length > 1 ? setTimeout(leave, give_up) : undefined",
      "undefined",
    ],
  }),
  ...guardsOf("src/store/postgres/batch.ts", [BATCH], {
    "statements that take long hold up no others": ["if (sent_at !== null) slow.add(batch);", ""],
    "what waits to be sent counts": ["waiting += 1;", ""],
  }),
  ...guardsOf("src/store/postgres/transaction.ts", [FORGETS], {
    "a transaction that could not be undone takes its connection with it": [
      "await send(client, ROLLBACK, rest()).catch(discard);",
      "await send(client, ROLLBACK, rest()).catch(() => {});",
    ],
  }),
  ...guardsOf("src/store/postgres/attempt.ts", [FORGETS], {
    "every connection may have lost its statements": ["TRIES + connections", "TRIES"],
  }),
  ...guardsOf("src/store/postgres/errors.ts", [FORGETS], {
    "a connection that lost its statements is replaced": [
      'const STALE = new Set(["26000", "42P05", "0A000"]);',
      "const STALE = new Set<string>();",
    ],
  }),
  ...guardsOf("src/store/postgres/errors.ts", ["src/store/postgres/errors.test.ts"], {
    "what a connection was sent before it ended is not taken for undone": [
      'new Set(["FATAL", "PANIC"])',
      "new Set<string>()",
    ],
  }),
  ...guardsOf("src/store/postgres/query.ts", [FORGETS], {
    "a statement that was skipped is not taken for prepared": [
      "if (memory) forgetUnconfirmed(memory);",
      "",
    ],
    "a statement that was skipped gets another name": ["prepared.delete(sql);", "void sql;"],
  }),
  ...guardsOf("src/store/postgres/query.ts", [BATCH, POOL], {
    "a database that does not answer is given up": ["reject(new AnswerTimeout(timeout))", "{}"],
    "a write is confirmed only when its commit is": ["at += 1;", "at += 1;\n        resolve();"],
    "a text with a NUL is no failure": [
      'typeof value === "string" && value.includes("\\0")',
      "false",
    ],
  }),
  ...guardsOf("src/store/postgres/pool.ts", [POOL], {
    "a statement that takes too long is ended": [
      "statement_timeout: limits.statement_timeout,",
      "",
    ],
    "a connection that broke serves nobody else": [
      "if (!isOfStatement(error) && !(error instanceof NothingChanged)) broken = true;",
      "",
    ],
  }),
  ...guardsOf("src/store/sql/grants.ts", [DISTRIBUTED, RACES], {
    "over several nodes, there is no grant without a consent": [
      "return [insertGrant(grant), { sql, args, must_change: true }];",
      "return [insertGrant(grant)];",
    ],
    "over several nodes, a request is granted once": [
      "return [insertGrant(grant), { sql",
      "return [{ ...insertGrant(grant), must_change: false }, { sql",
      "a consent that stands is written with nothing beside it, so a grant that exists leaves nothing to undo",
    ],
  }),
  ...guardsOf("src/store/sql/grants.ts", [RACES], {
    "over several nodes, a consent is not removed while a grant is made": [
      "WHERE ${ONE_CONSENT} AND version = ? FOR SHARE`",
      "WHERE ${ONE_CONSENT} AND version = ?`",
    ],
  }),
  ...guardsOf("src/store/postgres/driver.ts", ["test/postgres/store.test.ts", RACES], {
    "on PostgreSQL, a consent is not removed while a grant is made": [
      'for_share: " FOR SHARE"',
      'for_share: ""',
    ],
  }),
  ...guardsOf(
    "src/store/postgres/node_gates.ts",
    ["src/store/postgres/node_gates.test.ts", "test/postgres/silent_node.test.ts"],
    {
      "over several nodes, one that is silent does not hold all connections": [
        "if (gate.running < (gate.silent ? 1 : most)) {",
        "if (gate.running < 1000) {",
      ],
      "over several nodes, a full pool makes no silent node an answering one": [
        "if (is_asked) gate.silent = isSlow(error);",
        "gate.silent = isSlow(error);",
      ],
      "over several nodes, one that is silent is not asked by everybody": [
        "(gate.silent ? 1 : most)",
        "most",
      ],
    },
  ),
  ...guardsOf("src/store/sql/apart.ts", [DISTRIBUTED], {
    "over several nodes, no transaction goes to two places": [
      "const parts = is_spread",
      "const parts = is_spread && statements.length < 0",
    ],
  }),
  ...guardsOf("src/store/sql/directory_writes.ts", [DISTRIBUTED], {
    "over several nodes, no transaction goes to the directory and to people": [
      "if (isSpread()) return [personJob(sub, ends)];",
      "",
    ],
  }),
  ...guardsOf("src/store/sql/schema.ts", [SQLITE, MOVE], {
    "a database of a much newer version is left alone": [
      "if (before > NEWEST_SCHEMA)",
      "if (false)",
    ],
    "no server starts on a copy that is not finished": [
      "if (before > 0 && (await db.read(db.dialect.tableExists, [COPY_MARK])).length > 0)",
      "if (false)",
    ],
  }),
  ...guardsOf("src/store/copy/transfer.ts", [MOVE], {
    "a restored backup revives nothing that was revoked": [
      "last: keep_grants ? [] : [epoch]",
      "last: []",
    ],
    "a restored backup brings no session back": ['skipped: ["session"]', "skipped: []"],
    "a backup that is restored twice begins two epochs": [
      "SET value = CASE WHEN name = 'epoch' AND value < ? THEN ? ELSE value + 1 END",
      "SET value = CASE WHEN name = 'epoch' AND ? + ? > 0 THEN 2 ELSE value + 1 END",
    ],
    "nothing is copied over a database that is in use": [
      "if ((await schemaVersion(target)) > 0) await assertEmpty(target, to);",
      "",
    ],
    "a backup is for its owner alone": [
      'closeSync(openSync(unfinished, "wx", 0o600))',
      'closeSync(openSync(unfinished, "wx", 0o644))',
    ],
  }),
  ...guardsOf("src/store/copy/copy_rows.ts", [MOVE], {
    "a copy is compared with what it was made of": [
      "if (wanted.rows !== found.rows || wanted.checksum !== found.checksum)",
      "if (false)",
    ],
  }),
  ...guardsOf("src/store/sqlite/driver.ts", ["src/store/sqlite/driver.test.ts"], {
    "a write of another process does not stop the event loop": ["  waitElsewhere(db);\n", ""],
  }),
  ...guardsOf("src/store/sqlite/group_commit.ts", ["src/store/sqlite/driver.test.ts"], {
    "a write waits for that of another process": [
      "if (waiting.length > 0) setTimeout(commitAll, TRY_AGAIN_EVERY);",
      "for (const { reject } of waiting.splice(0)) reject(explainSqlite(error));",
    ],
  }),
];
