/**
 * Sorts the errors of PostgreSQL and its connections: those that pass by themselves, and those that an operator has to
 * fix.
 */
import { shownDatabase } from "../database_address.ts";
import { AlreadyThere, DatabaseError, DatabaseUnavailable } from "../sql/driver.ts";

/** The value violates a unique constraint. */
const THERE = "23505";
/** Serialization failure and deadlock: nothing was written. */
const AGAIN = new Set(["40001", "40P01"]);
/** Wrong password, no such database, role or schema, no right to do it. */
const REFUSED = /^(28|3D|3F|42501)/;
const REFUSED_WORDS = /^SASL/i;
/** Too many connections, disk full, out of memory, cancelled, read-only replica, prepared statements that are gone. */
const LATER = /^(53|57|55P03|25006|58|26000|42P05)/;
/** Connection lost, ended by a time-out of the server or by a pooler, or server shut down. */
const LOST = /^(0800\d|08P01|25P0[34]|57P0[1-5])|^E(PIPE|CONNRESET|CONNABORTED|NOTCONN)$/;
/** `pg` gives its own errors no code, so their messages are matched. */
const LOST_WORDS = /connection terminated|connection error|not queryable|connection ended/i;
/** PostgreSQL can't be reached. */
const AWAY = /^E[A-Z_]+$/;
const TIMEOUT_WORDS = /timeout|timed out/i;

/** There was no answer in time. The connection can't be used any more, since the answer may still come. */
export class AnswerTimeout extends Error {
  override readonly name = "AnswerTimeout";
  constructor(milliseconds: number) {
    super(`timeout after ${milliseconds} ms`);
  }
}

/** Nothing came of this statement, because of others in its batch. It can be repeated alone. */
export class NotAnswered extends DatabaseUnavailable {
  constructor() {
    super("other statements of the same batch failed or took too long");
  }
}

export const tooManyWait = (): DatabaseUnavailable =>
  new DatabaseUnavailable("too many requests wait for a database connection");

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";

/**
 * The connection has lost a prepared statement or its plan: a pooler or a failover took the statement away, or the
 * schema has changed. The statement did not run.
 */
const STALE = new Set(["26000", "42P05", "0A000"]);
export const isStale = (error: unknown): boolean => STALE.has(codeOf(error));

/** Given up in favour of another transaction. */
export const isWorthAnotherTry = (error: unknown): boolean => AGAIN.has(codeOf(error));

/** The connection ended under the statement; another one may well work. */
export function isLost(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== "") return LOST.test(code);
  return error instanceof Error && LOST_WORDS.test(error.message) && !isTimeout(error);
}

/** With these the server, or a pooler, ends the connection: what it was sent may have been written. */
const ENDS_CONNECTION = new Set(["FATAL", "PANIC"]);

/** An error of the statement itself: the connection can be used further. */
export const isOfStatement = (error: unknown): boolean =>
  error instanceof Error &&
  "severity" in error &&
  !ENDS_CONNECTION.has(String(error.severity)) &&
  !isLost(error) &&
  !isStale(error);

/**
 * PostgreSQL ended the statement, or nothing waits for its answer any more. Takes the error as it was thrown, or as
 * `postgresErrors` explains it.
 */
export function isSlow(error: unknown): boolean {
  const cause = error instanceof DatabaseUnavailable ? error.cause : error;
  return codeOf(cause) === "57014" || cause instanceof AnswerTimeout;
}

const NO_RIGHT = "42501";
const NO_DATABASE = "3D000";

function hintFor(code: string, message: string): string {
  if (code === NO_RIGHT)
    return "give the role its right; since PostgreSQL 15 a new one needs GRANT CREATE ON SCHEMA public TO the role";
  if (code === NO_DATABASE) return "make it with CREATE DATABASE, or name another one";
  if (/pg_hba\.conf/.test(message))
    return "pg_hba.conf of the server must let this role in from here; with “no encryption” in the message, add ?sslmode=verify-full";
  return "check user, password and database in postgres://user:password@host/database";
}

/** Errors of node's TLS, by code; `pg` gives its own error no code. */
const BY_TLS: readonly [RegExp, why: string, hint: string][] = [
  [
    /SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|CERT_UNTRUSTED/,
    "its certificate can't be verified: it is self-signed, or of an authority that is not known here",
    "add ?sslmode=verify-full&sslrootcert=FILE, where FILE holds the certificate of that authority; the provider of the database has it",
  ],
  [
    /ALTNAME_INVALID/,
    "its certificate is for another host name",
    "write the host name of the certificate in the address of the database",
  ],
  [/CERT_HAS_EXPIRED/, "its certificate has expired", "renew it at the server of the database"],
  [
    /CERT_NOT_YET_VALID/,
    "its certificate is not valid yet",
    "look at the clock of this machine and of that one",
  ],
  [
    /does not support SSL/,
    "it offers no TLS",
    "switch it on there (ssl = on), or write sslmode=disable if the network between is yours alone",
  ],
  [
    /^EPROTO|^ERR_SSL/,
    "no TLS connection comes about",
    "look whether host and port are those of PostgreSQL itself, and whether both sides have a TLS version in common",
  ],
];

function tlsProblem(code: string, message: string): { why: string; hint: string } | null {
  const text = code === "" ? message : code;
  const [, why, hint] = BY_TLS.find(([pattern]) => pattern.test(text)) ?? [];
  return why === undefined || hint === undefined ? null : { why, hint };
}

const isTimeout = ({ message }: Error): boolean => TIMEOUT_WORDS.test(message);

/**
 * @returns a function that turns an error of `pg` into a DatabaseError or DatabaseUnavailable; other errors stay as
 * they are
 */
export function postgresErrors(url: string): (error: unknown) => unknown {
  const shown = shownDatabase(url);
  const away = "check that PostgreSQL runs there and can be reached from here";
  return (error) => {
    if (!(error instanceof Error)) return error;
    if (error instanceof DatabaseUnavailable || error instanceof DatabaseError) return error;
    const code = codeOf(error);
    if (code === THERE) return new AlreadyThere(error.message, { cause: error });
    const unavailable = (why: string, hint: string) =>
      new DatabaseUnavailable(why, { cause: error, hint });
    const by_tls = tlsProblem(code, error.message);
    if (by_tls) return new DatabaseError(`${shown}: ${by_tls.why}`, by_tls.hint, { cause: error });
    if (REFUSED.test(code) || (code === "" && REFUSED_WORDS.test(error.message)))
      return new DatabaseError(`${shown} refuses: ${error.message}`, hintFor(code, error.message), {
        cause: error,
      });
    if (isLost(error)) return unavailable(`${shown} ended the connection: ${error.message}`, away);
    if (AWAY.test(code)) return unavailable(`${shown} does not answer (${code})`, away);
    if (code === "" && isTimeout(error))
      return unavailable(`${shown} does not answer in time: ${error.message}`, away);
    if (LATER.test(code) || AGAIN.has(code)) return unavailable(error.message, "try again");
    return error;
  };
}
