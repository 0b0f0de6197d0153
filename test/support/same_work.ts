/** What an answer costs: the statements that a server sends, and the passwords that it hashes. */
import { createHook } from "node:async_hooks";
import type { CountingDriver } from "./counting_driver.ts";

export interface Work {
  /** The text of each statement, in order. */
  statements: string[];
  /** Argon2 computations. */
  hashes: number;
}

/** What runs beside all requests: the versions of the caches, the sweep, stored jobs, signing keys. */
const HOUSEKEEPING = /\bserver_state\b|_job\b|LIMIT \?|\bsigning_key\b/;
/** The only native work that Node runs for a package here. The binding gives it this name. */
const NATIVE_WORK = "undefined";

let hashes = 0;
createHook({
  init(_id, type) {
    if (type === NATIVE_WORK) hashes += 1;
  },
}).enable();

/** The work of one request at a time; nothing else may run beside it. */
export async function workOf(
  driver: CountingDriver,
  request: () => Promise<unknown>,
): Promise<Work> {
  driver.take();
  const before = hashes;
  await request();
  const statements = driver
    .take()
    .map(({ sql }) => sql.replace(/\s+/g, " "))
    .filter((sql) => !HOUSEKEEPING.test(sql));
  return { statements, hashes: hashes - before };
}
