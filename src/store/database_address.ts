/** The addresses that `database` in the configuration may name. */
import { DatabaseError } from "./sql/driver.ts";

export type DatabaseAddress =
  | { readonly kind: "sqlite"; readonly path: string }
  | { readonly kind: "postgres"; readonly url: string };

const POSTGRES = /^postgres(?:ql)?:\/\//;

/** @throws DatabaseError for an address that is not understood; the message never contains the password */
export function parseDatabase(database: string): DatabaseAddress {
  const [, path] = /^sqlite:(.+)$/.exec(database) ?? [];
  if (path !== undefined) return { kind: "sqlite", path };
  if (!POSTGRES.test(database))
    throw new DatabaseError(
      `database: ${withoutPassword(database)} is not understood`,
      "write sqlite:FILE, for example sqlite:valetkey.sqlite, or postgres://user:password@host/database",
    );
  if (parsePostgres(database) === null)
    throw new DatabaseError(
      "database: the postgres:// address is not a URL",
      "in user and password, write %40 for @, %3A for :, %2F for /, %23 for # and %25 for %",
    );
  return { kind: "postgres", url: database };
}

/** The address for people and logs: without the password and without options. */
export function shownDatabase(database: string): string {
  if (!POSTGRES.test(database)) return withoutPassword(database);
  const url = parsePostgres(database);
  if (url === null) return "postgres://…";
  const user = url.username === "" ? "" : `${url.username}@`;
  return `postgres://${user}${url.host}${url.pathname}`;
}

/** The folder of a socket may stand in place of the host or among the options. The host is empty then. */
function parsePostgres(database: string): URL | null {
  if (/%(?![\da-f]{2})/i.test(database)) return null;
  return URL.parse(database) ?? URL.parse(database.replace("@/", "@localhost/"));
}

const withoutPassword = (database: string): string => database.replace(/\/\/.*@/, "//…@");
