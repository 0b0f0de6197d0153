/**
 * Lowers the priority of node's thread pool, which mostly hashes passwords, below that of the thread that answers
 * requests.
 */
import { readdirSync, readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { constants, setPriority } from "node:os";

const TASKS = "/proc/self/task";
const POOL = "libuv-worker";

/**
 * Works on Linux, where each thread has a priority of its own. Elsewhere, and without permission, it changes nothing.
 * @returns the number of threads whose priority was lowered
 */
export async function lowerPoolPriority(): Promise<number> {
  try {
    await stat(TASKS); // runs on the pool, whose threads node creates at the first use
    const pool = readdirSync(TASKS).filter(
      (id) => readFileSync(`${TASKS}/${id}/comm`, "utf8").trim() === POOL,
    );
    for (const id of pool) setPriority(Number(id), constants.priority.PRIORITY_LOW);
    return pool.length;
  } catch {
    return 0;
  }
}
