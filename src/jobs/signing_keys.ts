/** The schedule of signing keys: the next one is published before it signs. */
import type { Server } from "../context.ts";
import { keepSigningKeys } from "../keys/keyring.ts";
import type { Repeated } from "./repeat.ts";

export const signingKeys = ({ store, secrets, clock }: Server): Repeated => ({
  name: "signing keys",
  every: 30,
  async run() {
    await keepSigningKeys(store, secrets, Math.floor(clock() / 1000));
    return false;
  },
});
