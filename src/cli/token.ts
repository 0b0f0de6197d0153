/** `valetkey token` */
import type { Command } from "commander";
import { complete } from "./command.ts";
import { completeToken } from "./session.ts";

export function declareToken(token: Command): void {
  token.description("Print an access token of the session here, or look into one.");
  completeToken(token);
  const inspect = token
    .command("inspect")
    .description(
      "Say what a token is, what it says, and whether it holds: JWTs, and the vkc_, vkr_ and vka_ of this server.",
    )
    .argument("<token>", "the token; - reads it from stdin, where no process list shows it")
    .option("--issuer <url>", "whose token it is, if it is a vka_ (default: as configured)");
  complete(
    inspect,
    ["valetkey token inspect - --config valetkey.config.ts < token.txt"],
    async (flags, args) => (await import("./token_inspect.ts")).inspectToken(flags, args),
  );
}
