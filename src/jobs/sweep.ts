/** The clean-up of expired rows. */
import type { Server } from "../context.ts";
import type { Repeated } from "./repeat.ts";

/** Rows a statement: small, so that no request waits long for it. */
const BATCH = 500;

export const sweep = ({ store, clock }: Server): Repeated => ({
  name: "clean-up",
  every: 30,
  run: () => store.sweep(Math.floor(clock() / 1000), BATCH),
});
