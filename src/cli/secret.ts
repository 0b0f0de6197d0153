/** `valetkey secret` */
import { randomBytes } from "node:crypto";
import type { Command } from "commander";
import { complete } from "./command.ts";
import { print, printJson } from "./output.ts";

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
}
