/** `valetkey secret retire` */
import { resealAllTotps } from "../factors/totp_secret.ts";
import { endLeakedGrants, replaceLeakedKeys } from "../keys/retire_secret.ts";
import { sealSaltAnew } from "../keys/subject_salt.ts";
import type { CommonFlags } from "./command.ts";
import { withDatabase } from "./database.ts";
import { CliError } from "./errors.ts";
import { keyEnv } from "./keys_change.ts";
import { print, printJson, say } from "./output.ts";
import { readSettings } from "./settings.ts";

export interface RetireFlags {
  endGrants?: boolean;
}

export async function retireSecrets(flags: RetireFlags & CommonFlags): Promise<void> {
  await withDatabase(await readSettings(flags), async (database) => {
    const env = keyEnv(database);
    const { leaked } = env.secrets;
    if (leaked.size === 0)
      throw new CliError(
        "no leaked secret is given",
        "put it into VALETKEY_SECRET_LEAKED, for this command and for every node; commas separate several",
      );
    await sealSaltAnew(env.store, env.secrets);
    const sealed = await resealAllTotps(env);
    const { retired, added } = await replaceLeakedKeys(database.by, env);
    const ended = flags.endGrants ? await endLeakedGrants(database.by, env) : null;
    if (flags.json) {
      const kids = (keys: typeof added) => keys.map(({ kid }) => kid);
      printJson({ leaked: [...leaked], retired: kids(retired), added: kids(added), ended, sealed });
      return;
    }
    for (const { kid, alg } of retired) print(`retired ${alg} ${kid}`);
    for (const { kid, alg } of added) print(`signs ${alg} ${kid}`);
    if (ended !== null) print(`ended ${ended} grants`);
    if (sealed > 0) print(`sealed ${sealed} app codes anew`);
    if (retired.length === 0) say("No signing key that is in use was sealed under it.");
    else
      say(
        "APIs that check tokens by themselves take the old keys until they fetch the key set again.",
      );
    if (ended === null)
      say("Grants get a new key at their next use; with --end-grants they end instead.");
    say(
      "Every node needs VALETKEY_SECRET_LEAKED and a restart: without it, a node still accepts the secret.",
    );
  });
}
