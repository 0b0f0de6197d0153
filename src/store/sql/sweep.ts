/** Removes expired rows in small batches, each found by an index, so that no table grows without bound. */
import type { Directory } from "./directory_writes.ts";
import type { SqlDriver } from "./driver.ts";
import { sweepEnded } from "./ended_tokens.ts";
import { sweepClients } from "./sweep_clients.ts";

/** Seconds that ids and counters stay after their last use, so that clocks may differ. */
const SLACK = 120;

/**
 * Nodes drop and log jobs that are past their end. Jobs of a kind that no node knows any more are removed this much
 * later.
 */
const A_DAY = 86_400;
const AN_HOUR = 3600;

export interface GrantLifetimes {
  refresh_token_idle: number;
  authorization_request: number;
}

export function sqlSweep(
  db: SqlDriver,
  lifetimes: GrantLifetimes,
  directory: Directory,
): (now: number, batch: number) => Promise<boolean> {
  return async (now, batch) => {
    const past = now - SLACK;
    const forgotten = now - A_DAY;
    const removed = [
      // The tables of the directory come first, since they need no other node.
      await remove("directory_event", "audit_id", { over: "expires_at <= ?", args: [now] }),
      await remove("directory_job", "job_id", { over: "expires_at <= ?", args: [forgotten] }),
      await remove("initial_access_token", "token_id", { over: "expires_at <= ?", args: [now] }),
      await sweepClients(db, directory, { now, batch }),
      await remove("claimed_id", "id", { over: "expires_at <= ?", args: [past] }),
      // A wait goes on even if the window of its count has passed.
      await remove("sign_in_counter", "slot", {
        over: "expires_at <= ? AND wait_until <= ?",
        args: [past, now],
      }),
      // Until then polls are answered with `expired_token`.
      await remove("stored_transaction", "id", { over: "expires_at <= ?", args: [now - AN_HOUR] }),
      await remove("session", "session_id", { over: "expires_at <= ?", args: [now] }),
      await remove("person_event", "audit_id", { over: "expires_at <= ?", args: [now] }),
      await remove("person_job", "job_id", { over: "expires_at <= ?", args: [forgotten] }),
      await sweepEnded(db, { now, batch }),
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
   * A grant can end in many ways, and columns that change often are in no index. So each row has a time of its next
   * check, at which it is removed or given another such time.
   */
  async function sweepGrants(now: number, batch: number): Promise<number> {
    // Both statements have to see the same rows, so the id orders rows that are due in the same second.
    const due =
      "SELECT grant_id FROM authorization_grant WHERE check_at <= ? ORDER BY check_at, grant_id LIMIT ?";
    const { refresh_token_idle: idle, authorization_request } = lifetimes;
    const request = authorization_request + SLACK;
    // While its request may still come back, the row prevents that it is granted again.
    const over = `created_at <= ? AND (revoked_at IS NOT NULL OR expires_at <= ? OR used_at <= ?
                  OR (generation = 0 AND code_expires_at <= ?))`;
    const over_args = [now - request, now, now - idle, now];
    // Rows that stay are moved on first, so that they never block rows that have to go.
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
