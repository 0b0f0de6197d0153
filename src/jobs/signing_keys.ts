/**
 * The schedule of signing keys: the next one is published before it signs, and those that a leaked secret sealed are
 * replaced at once.
 */
import type { Server } from "../context.ts";
import { SIGNING_ALGS } from "../crypto/signing_key.ts";
import { keepSigningKeys } from "../keys/keyring.ts";
import { replaceLeakedKeys } from "../keys/retire_secret.ts";
import type { Repeated } from "./repeat.ts";

/** The operator asked for it, by VALETKEY_SECRET_LEAKED. */
const BY_OPERATOR = { kind: "operator", id: null, via: "command" } as const;

/**
 * The start of a server waits for this, so keys of algorithms that nobody has used yet come later.
 * @throws KeysSealed when there are keys, but the secret opens none of an algorithm
 */
export async function tendSigningKeys(server: Server): Promise<void> {
  const { store, secrets, clock, log } = server;
  const { retired } = await replaceLeakedKeys(BY_OPERATOR, server);
  for (const { kid, alg } of retired)
    log.warn("signing key retired", { kid, alg, why: "a leaked secret sealed it" });
  await keepSigningKeys(store, secrets, Math.floor(clock() / 1000));
}

export const signingKeys = (server: Server): Repeated => ({
  name: "signing keys",
  every: 30,
  async run() {
    await tendSigningKeys(server);
    // Every algorithm gets a key right after the start, so that it is published before a client asks for it.
    await server.addFirstKeys(SIGNING_ALGS);
    return false;
  },
});
