/** `valetkey registration-token`: declares the commands; the code of each is loaded when it is called. */
import { type Command, InvalidArgumentError } from "commander";
import { complete, parseAge } from "./command.ts";
import type { AddFlags } from "./registration_token_change.ts";

export function declareRegistrationToken(command: Command): void {
  command.description(
    "Tokens with which apps register themselves, where registration.mode is token (initial access tokens of RFC 7591).",
  );
  const add = command
    .command("add")
    .description("Make a token. It is printed once and never again.")
    .option("--uses <number>", "how many apps it registers", parseUses, 1)
    .option("--expires <age>", "how long it works: 30m, 12h, 7d", parseExpires, 86_400)
    .option("--note <text>", "for yourself: who gets it");
  complete<AddFlags>(
    add,
    ["valetkey registration-token add --uses 5 --expires 7d --note 'the print shop'"],
    async (flags) => (await import("./registration_token_change.ts")).addToken(flags),
  );
  const list = command
    .command("list")
    .description("List the tokens that have not expired, with what is left of each.");
  complete(list, ["valetkey registration-token list"], async (flags) =>
    (await import("./registration_token_change.ts")).listTokens(flags),
  );
  const revoke = command
    .command("revoke")
    .description("End a token. The apps that were registered with it stay.")
    .argument("<token_id>", "as `valetkey registration-token list` shows it");
  complete(revoke, ["valetkey registration-token revoke bV2xkQ_p03aF"], async (flags, args) =>
    (await import("./registration_token_change.ts")).revokeToken(flags, args),
  );
}

function parseUses(text: string): number {
  const uses = Number(text);
  if (!/^\d+$/.test(text) || uses < 1 || uses > 1_000_000)
    throw new InvalidArgumentError("a number from 1 to 1000000");
  return uses;
}

function parseExpires(text: string): number {
  const seconds = parseAge(text);
  if (seconds === null || seconds === 0)
    throw new InvalidArgumentError("a number of minutes, hours or days: 30m, 12h, 7d");
  return seconds;
}
