/** `valetkey secret` prints a new secret; the code of `secret retire` is loaded when it is called. */
import { randomBytes } from "node:crypto";
import type { Command } from "commander";
import { complete } from "./command.ts";
import { print, printJson } from "./output.ts";
import type { RetireFlags } from "./secret_retire.ts";

export function declareSecret(command: Command): void {
  complete(
    command.description(
      "Print 32 random bytes in base64url, for VALETKEY_SECRET or a --secret-file.",
    ),
    ["(umask 077 && valetkey secret > valetkey.secret)"],
    async ({ json }) => {
      const secret = randomBytes(32).toString("base64url");
      if (json) printJson({ secret });
      else print(secret);
    },
  );
  const retire = command
    .command("retire")
    .description(
      "Replace the signing keys that a leaked secret sealed, as every start does too. VALETKEY_SECRET_LEAKED holds the leaked ones.",
    )
    .option("--end-grants", "end the access that people gave to apps while it was in use, too");
  complete<RetireFlags>(
    retire,
    ["VALETKEY_SECRET_LEAKED=… valetkey secret retire --end-grants"],
    async (flags) => (await import("./secret_retire.ts")).retireSecrets(flags),
  );
}
