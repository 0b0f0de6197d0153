/** Ids that are used once, and counters of wrong passwords, in SQL. */
import { sha256 } from "../../crypto/hash.ts";
import { PLACES, placeOf } from "../place.ts";
import type { SingleUseStore } from "../single_use_store.ts";
import { changedCount, type SqlDriver } from "./driver.ts";
import { listing } from "./ended_tokens.ts";

/** Kind and id make one key of fixed length, even if a stranger chose a long or odd id. */
function keyOf(kind: string, id: string): [id: string, place: number] {
  const key = sha256(JSON.stringify([kind, id]));
  return [key, placeOf(key)];
}

/** Slots are spread evenly, so their numbers spread the places too. */
const slotKey = (slot: number): [slot: number, place: number] => [slot, slot % PLACES];

// An expired row may still exist. Taking it over is the claim then.
const CLAIM = `INSERT INTO claimed_id (id, place, expires_at) VALUES (?, ?, ?)
  ON CONFLICT (id, place) DO UPDATE SET expires_at = excluded.expires_at
  WHERE claimed_id.expires_at <= ?`;

export function sqlSingleUse(db: SqlDriver): SingleUseStore {
  const listed = listing(db.dialect);
  return {
    async claimOnce(kind, id, { now, expires_at, ends }) {
      const key = keyOf(kind, id);
      const args = [...key, expires_at, now];
      if (ends === undefined) return (await db.write(CLAIM, args)).changed === 1;
      const claim = { sql: CLAIM, args, must_change: true };
      return (await changedCount(db.writeAll([claim, listed.name(ends, key[1])]))) === 1;
    },

    async isClaimed(kind, id) {
      const sql = "SELECT 1 AS found FROM claimed_id WHERE id = ? AND place = ?";
      return (await db.read(sql, keyOf(kind, id))).length > 0;
    },
    ...counters(db),
  };
}

function counters(db: SqlDriver): Pick<SingleUseStore, "countTry" | "forgiveTries"> {
  return {
    // One statement counts the try and starts the wait before the password is checked. So 200 tries at once get no
    // further than 200 in sequence.
    async countTry(slot, { now, window, free, wait, longest_wait }) {
      const first_wait = free <= 1 ? wait : 0;
      const { rows } = await db.write(COUNT_TRY, [
        ...[...slotKey(slot), first_wait, first_wait > 0 ? now + first_wait : 0, now + window],
        ...[now, now, free, wait, longest_wait, longest_wait],
        ...[now, free, now + wait, now, longest_wait, longest_wait, now, now],
      ]);
      const [row] = rows;
      if (row) return { counted: true, wait_until: Number(row.wait_until) };
      const sql = "SELECT wait_until FROM sign_in_counter WHERE slot = ? AND place = ?";
      const [waiting] = await db.read(sql, slotKey(slot));
      return { counted: false, wait_until: Number(waiting?.wait_until ?? now + 1) };
    },

    async forgiveTries(slot, { all, free }) {
      if (all)
        await db.write("DELETE FROM sign_in_counter WHERE slot = ? AND place = ?", slotKey(slot));
      // A try is counted only when no wait is left, so the wait that is taken back is the one that this try began.
      else
        await db.write(
          `UPDATE sign_in_counter SET failures = failures - 1, wait_until = 0,
             wait = CASE WHEN failures - 1 < ? THEN 0 ELSE wait / 2 END
           WHERE slot = ? AND place = ? AND failures > 0`,
          [free, ...slotKey(slot)],
        );
    },
  };
}

/** A count starts anew when its window has passed. The wait is 0, then `wait`, then doubles up to the longest. */
const COUNT_TRY = `
  INSERT INTO sign_in_counter AS c (slot, place, failures, wait, wait_until, expires_at)
  VALUES (?, ?, 1, ?, ?, ?)
  ON CONFLICT (slot, place) DO UPDATE SET
    failures = CASE WHEN c.expires_at <= ? THEN 1 ELSE c.failures + 1 END,
    wait = CASE WHEN c.expires_at <= ? OR c.failures + 1 < ? THEN excluded.wait
                WHEN c.wait = 0 THEN ?
                WHEN c.wait * 2 > ? THEN ? ELSE c.wait * 2 END,
    wait_until = CASE WHEN c.expires_at <= ? OR c.failures + 1 < ? THEN excluded.wait_until
                      WHEN c.wait = 0 THEN ?
                      ELSE ? + (CASE WHEN c.wait * 2 > ? THEN ? ELSE c.wait * 2 END) END,
    expires_at = CASE WHEN c.expires_at <= ? THEN excluded.expires_at ELSE c.expires_at END
  WHERE c.wait_until <= ?
  RETURNING wait_until`;
