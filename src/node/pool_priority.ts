/** Passwords are hashed on Node's pool of threads, which has little else to do: it gives way to what answers requests. */
import { readdirSync, readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { constants, setPriority } from "node:os";

const TASKS = "/proc/self/task";
const POOL = "libuv-worker";

/**
 * On Linux, where each thread has a priority of its own. Elsewhere, and where this is not allowed, threads stay as
 * they are.
 * @returns how many threads give way now
 */
export async function lowerPoolPriority(): Promise<number> {
  try {
    await stat(TASKS); // by the pool: now it is there
    const pool = readdirSync(TASKS).filter(
      (id) => readFileSync(`${TASKS}/${id}/comm`, "utf8").trim() === POOL,
    );
    for (const id of pool) setPriority(Number(id), constants.priority.PRIORITY_LOW);
    return pool.length;
  } catch {
    return 0;
  }
}
