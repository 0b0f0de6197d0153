/** Clean-up in small batches, each found by an index: no table grows without bound. */
import type { SqlDriver } from "./driver.ts";

/** Seconds that ids and counters stay after their last use, so that clocks may differ. */
const SLACK = 120;

/** A node drops and logs jobs that are past their end. Those of a kind that no node knows any more go after this. */
const A_DAY = 86_400;
const AN_HOUR = 3600;

export interface GrantLifetimes {
  refresh_token_idle: number;
  authorization_request: number;
}

export function sqlSweep(
  db: SqlDriver,
  lifetimes: GrantLifetimes,
): (now: number, batch: number) => Promise<boolean> {
  return async (now, batch) => {
    const past = now - SLACK;
    const forgotten = now - A_DAY;
    const removed = [
      // First what needs no node but the directory's.
      await remove("directory_event", "audit_id", { over: "expires_at <= ?", args: [now] }),
      await remove("directory_job", "job_id", { over: "expires_at <= ?", args: [forgotten] }),
      await remove("claimed_id", "id", { over: "expires_at <= ?", args: [past] }),
      // A wait goes on, though the window of the count that began it may have passed.
      await remove("sign_in_counter", "slot", {
        over: "expires_at <= ? AND wait_until <= ?",
        args: [past, now],
      }),
      // Until then whoever polls is told that it has expired.
      await remove("stored_transaction", "id", { over: "expires_at <= ?", args: [now - AN_HOUR] }),
      await remove("session", "session_id", { over: "expires_at <= ?", args: [now] }),
      await remove("person_event", "audit_id", { over: "expires_at <= ?", args: [now] }),
      await remove("person_job", "job_id", { over: "expires_at <= ?", args: [forgotten] }),
      await sweepGrants(now, batch),
    ];
    return removed.some((count) => count >= batch);

    async function remove(
      table: string,
      key: string,
      { over, args }: { over: string; args: readonly number[] },
    ): Promise<number> {
      const { changed } = await db.write(
        `DELETE FROM ${table} WHERE ${key} IN
           (SELECT ${key} FROM ${table} WHERE ${over} ORDER BY expires_at LIMIT ?)`,
        [...args, batch],
      );
      return changed;
    }
  };

  /**
   * A grant ends by many things, and what changes often stands in no index. So each row says when to look at it
   * again: then it is removed, or given the next such time.
   */
  async function sweepGrants(now: number, batch: number): Promise<number> {
    // Both statements have to see the same rows: the id orders those that are due in the same second.
    const due =
      "SELECT grant_id FROM authorization_grant WHERE check_at <= ? ORDER BY check_at, grant_id LIMIT ?";
    const { refresh_token_idle: idle, authorization_request } = lifetimes;
    const request = authorization_request + SLACK;
    // While its request may still come back, the row is what keeps it from being granted again.
    const over = `created_at <= ? AND (revoked_at IS NOT NULL OR expires_at <= ? OR used_at <= ?
                  OR (generation = 0 AND code_expires_at <= ?))`;
    const over_args = [now - request, now, now - idle, now];
    // What stays is moved on first: else it could stand, batch for batch, before what has to go.
    const kept = await db.write(
      `UPDATE authorization_grant SET check_at = CASE WHEN created_at > ? THEN created_at + ?
         WHEN generation = 0 AND code_expires_at < expires_at THEN code_expires_at
         WHEN used_at + ? < expires_at THEN used_at + ? ELSE expires_at END
       WHERE grant_id IN (${due}) AND NOT (${over})`,
      [now - request, request, idle, idle, now, batch, ...over_args],
    );
    const gone = await db.write(
      `DELETE FROM authorization_grant WHERE grant_id IN (${due}) AND ${over}`,
      [now, batch, ...over_args],
    );
    return gone.changed + kept.changed;
  }
}
