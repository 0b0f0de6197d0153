/** `valetkey keys rotate` and `keys retire` */
import type { SigningAlg } from "../crypto/jwt.ts";
import { algsInUse, type SigningKeyRecord } from "../crypto/signing_key.ts";
import { type KeyEnv, retireKey as retire, rotateKeys as rotate } from "../keys/change_keys.ts";
import type { CommonFlags } from "./command.ts";
import { type OpenDatabase, withDatabase } from "./database.ts";
import { CliError } from "./errors.ts";
import { printJson, printTable, say, warn, when } from "./output.ts";
import { readSettings } from "./settings.ts";

export interface RotateFlags {
  now?: boolean;
  alg?: SigningAlg;
}

/** The secret is read only if a key is made. */
export const keyEnv = ({ env, secrets }: OpenDatabase): KeyEnv => ({
  ...env,
  get secrets() {
    return secrets();
  },
});

export async function rotateKeys(flags: RotateFlags & CommonFlags): Promise<void> {
  await withDatabase(await readSettings(flags), async (database) => {
    const in_use = algsInUse(await database.store.listSigningKeys());
    const algs = flags.alg ? [flags.alg] : in_use;
    const at_once = flags.now === true;
    const made = await rotate({ algs, at_once }, database.by, keyEnv(database));
    for (const alg of algs)
      if (!made.some((key) => key.alg === alg))
        warn(`a new ${alg} key is on its way already: valetkey keys list shows when it signs`);
    if (made.length === 0)
      throw new CliError("no new key was made", "--now makes one that signs at once");
    show(made, flags);
    say(
      flags.now
        ? "They sign at once. A verifier that keeps keys in memory fetches them when it meets them."
        : "They are published now, so that every verifier knows them when they sign.",
    );
    say("The old ones stay published until the last token that they signed has expired.");
  });
}

export async function retireKey(flags: CommonFlags, [kid = ""]: readonly string[]): Promise<void> {
  await withDatabase(await readSettings(flags), async (database) => {
    const outcome = await retire(kid, database.by, keyEnv(database));
    if (outcome === "unknown")
      throw new CliError(`there is no key ${kid}`, "`valetkey keys list` shows them all");
    if (outcome === "was_retired") throw new CliError(`the key ${kid} was retired before`);
    const { retired_at, replacement } = outcome;
    if (flags.json) printJson({ kid, retired_at, replaced_by: replacement?.kid ?? null });
    if (replacement) say(`${replacement.kid} signs from now on.`);
    say(`${kid} is retired: what it signed no longer holds here, and the key set leaves it out.`);
    say("APIs that check tokens by themselves take it until they fetch the key set again.");
  });
}

function show(keys: readonly SigningKeyRecord[], { json = false }: CommonFlags): void {
  if (json) {
    printJson(
      keys.map(({ kid, alg, created_at, signs_at }) => ({ kid, alg, created_at, signs_at })),
    );
    return;
  }
  const rows = keys.map(({ kid, alg, signs_at }) => [kid, alg, when(signs_at)]);
  printTable(["KID", "ALG", "SIGNS FROM"], rows);
}
