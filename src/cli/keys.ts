/** `valetkey keys`: declares the commands; the code of each is loaded when it is called. */
import { type Command, Option } from "commander";
import { complete } from "./command.ts";
import type { RotateFlags } from "./keys_change.ts";

/** Written out, since the code of a command is loaded when it is called. */
const ALGS = ["ES256", "RS256", "PS256", "EdDSA"] satisfies RotateFlags["alg"][];

export function declareKeys(keys: Command): void {
  keys.description("List, rotate and retire the keys that sign tokens.");
  const list = keys
    .command("list")
    .description("List all signing keys, and what each is used for at this moment.");
  complete(list, ["valetkey keys list"], async (flags) =>
    (await import("./keys_list.ts")).listKeys(flags),
  );

  const rotate = keys
    .command("rotate")
    .description(
      "Make new keys. They are published at once and sign after 10 minutes, when every verifier knows them.",
    )
    .option("--now", "sign with them at once")
    .addOption(new Option("--alg <name>", "only the key of this algorithm").choices(ALGS));
  complete<RotateFlags>(rotate, ["valetkey keys rotate"], async (flags) =>
    (await import("./keys_change.ts")).rotateKeys(flags),
  );

  const retire = keys
    .command("retire")
    .description(
      "Withdraw a key, such as a stolen one: what it signed holds no longer. If it is the one that signs, another takes over.",
    )
    .argument("<kid>", "as `valetkey keys list` shows it");
  complete(retire, ["valetkey keys retire lD3pO…"], async (flags, args) =>
    (await import("./keys_change.ts")).retireKey(flags, args),
  );
}
