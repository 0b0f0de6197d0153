/** Measures the offset of this machine's clock from the database's, whose time counts. */
import type { Server } from "../context.ts";
import { CLOCK_WARNING } from "../store/database_clock.ts";
import type { Repeated } from "./repeat.ts";

/** @param warns whether this process logs a large offset: one process of a machine does */
export const databaseClock = ({ database_clock, log }: Server, warns: boolean): Repeated => ({
  name: "clock",
  every: 30,
  async run() {
    await database_clock?.measure();
    const ms = database_clock?.offset() ?? 0;
    if (warns && Math.abs(ms) > CLOCK_WARNING)
      log.warn("clock is off", { ms, why: "this machine and the database differ" });
    return false;
  },
});
