/** Seals the secrets of authenticator apps anew, after a change of the server's secret. */
import type { Server } from "../context.ts";
import { resealTotps } from "../factors/totp_secret.ts";
import type { Repeated } from "./repeat.ts";

/** Rows of one round: requests go first. */
const BATCH = 100;

export function totpSeals(server: Server): Repeated {
  let after = "";
  return {
    name: "seals of app codes",
    every: 3600,
    async run() {
      const { next } = await resealTotps({ after, limit: BATCH }, server);
      after = next ?? "";
      return next !== null;
    },
  };
}
