/** Reads statements as a distributed database would: which tables and places do they go to? */
import { PLACES } from "../../src/store/place.ts";
import { placeArgument } from "../../src/store/postgres/named_place.ts";
import type { Statement } from "../../src/store/sql/driver.ts";
import { TABLES } from "../../src/store/sql/tables.ts";

/** Statements that may go to all nodes, with the reason. */
const TO_ALL_NODES: Readonly<Record<string, RegExp>> = {
  "clean-up, in batches: what is over lies everywhere":
    /^(DELETE FROM|UPDATE) \w+ .*IN \(SELECT \w+ FROM \w+ WHERE .* LIMIT \?\)/,
  "jobs that are due lie everywhere, and a node looks for them now and then":
    /^SELECT .* FROM person_job WHERE due_at <= \?/,
  "an operator lists the jobs of a kind":
    /^SELECT .* FROM person_job WHERE job_id > \? AND kind = \? ORDER BY job_id LIMIT \?$/,
  "clients of sessions that are to be looked at lie everywhere, and a node looks for them now and then":
    /^SELECT .* FROM client_session WHERE check_at <= \? ORDER BY check_at LIMIT \?$/,
  "the end of a client, which a job brings about: its people live everywhere":
    /^UPDATE authorization_grant SET revoked_at = \? WHERE grant_id >= \? AND grant_id <= \? .* AND client_id IN \(/,
  "that job, and an operator who ends what depends on a leaked secret, look for rows wherever they lie":
    /^SELECT grant_id, [a-z_, ]+ FROM authorization_grant WHERE grant_id > \? ORDER BY grant_id LIMIT \?$/,
  "names of ended tokens lie everywhere, and a node looks for them while an API asks":
    /^SELECT ended_at, (COUNT\(\*\) AS count|name) FROM person_end WHERE ended_at >= \? .*$/,
  "an operator lists the events of everybody":
    /^SELECT .* FROM person_event (WHERE (?!.*\bsub = \?)[^)]* )?ORDER BY audit_id DESC LIMIT \?$/,
};

/** @returns the problems of one transaction's statements, or of a single statement; empty: none */
export function problemsOf(statements: readonly Statement[]): string[] {
  const problems: string[] = [];
  const places = new Set<unknown>();
  const kinds = new Set<boolean>();
  for (const statement of statements) {
    const sql = statement.sql.replaceAll(/\s+/g, " ").trim();
    const named = TABLES.filter(({ name }) =>
      new RegExp(`\\b(FROM|INTO|UPDATE|JOIN) ${name}\\b`).test(sql),
    );
    for (const { is_spread } of named) kinds.add(is_spread);
    const spread = named.filter(({ is_spread }) => is_spread);
    if (spread.length === 0) continue;
    if (named.length > 1 + joinsWithin(sql) + (COPIES_PLACE.test(sql) ? 1 : 0))
      problems.push(`several tables: ${sql}`);
    const position = placeArgument(sql);
    if (position !== null) {
      const place = statement.args[position];
      places.add(place);
      if (typeof place !== "number" || place < -1 || place >= PLACES)
        problems.push(`${place} is no place: ${sql}`);
    } else if (statements.length > 1 || reasonFor(sql) === null)
      problems.push(`goes to all nodes: ${sql}`);
  }
  const texts = statements.map(({ sql }) => sql).join("; ");
  if (kinds.size > 1) problems.push(`the directory and places in one transaction: ${texts}`);
  if (places.size > 1) problems.push(`${places.size} places in one transaction: ${texts}`);
  return problems;
}

/** Rows of another table at the same place: the place is copied, and named. */
const COPIES_PLACE =
  /^INSERT INTO person_end \(name, place, ended_at\) SELECT 'g:' \|\| grant_id, place, .* FROM authorization_grant WHERE place = \? AND /;

/** The number of joins between tables at the same place. */
const joinsWithin = (sql: string): number =>
  sql.match(/\b(\w)\.place = (?!\1)\w\.place\b/g)?.length ?? 0;

export function reasonFor(sql: string): string | null {
  const text = sql.replaceAll(/\s+/g, " ").trim();
  return Object.entries(TO_ALL_NODES).find(([, shape]) => shape.test(text))?.[0] ?? null;
}

export const REASONS = Object.keys(TO_ALL_NODES);
