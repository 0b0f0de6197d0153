/** Notes how long the access tokens of this server live, for the list of ended ones. */
import type { Server } from "../context.ts";
import { NOTE_EVERY } from "../store/ended_tokens.ts";
import type { Repeated } from "./repeat.ts";

export const accessTokenLife = ({ store, settings, clock }: Server): Repeated => ({
  name: "lifetime of access tokens",
  every: NOTE_EVERY,
  async run() {
    await store.noteAccessTokenLife(settings.lifetimes.access_token, Math.floor(clock() / 1000));
    return false;
  },
});
