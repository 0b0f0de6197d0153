/** `valetkey login`, `whoami`, `token` and `logout`: a person's own session at an issuer, in this terminal. */
import type { Command } from "commander";
import type { TerminalOptions } from "../sdk/client/terminal/terminal.ts";
import type { CommonFlags } from "./command.ts";
import { complete } from "./command.ts";
import { UsageError } from "./errors.ts";
import { print, printFields, printJson, say } from "./output.ts";

interface SessionFlags extends CommonFlags {
  issuer?: string;
  clientId?: string;
  account?: string;
  scope?: string;
  resource?: string;
  force?: boolean;
  all?: boolean;
}

/** Name of the folder and of the variables of these sessions. */
const APP = "valetkey";

const load = async () => ({
  ...(await import("../sdk/client/terminal/terminal.ts")),
  ...(await import("../sdk/client/terminal/command.ts")),
});

const whose = (command: Command): Command =>
  command
    .option("--issuer <url>", "where the person signs in (default: as in the last sign-in)")
    .option("--client-id <id>", "the app's id there (default: as in the last sign-in)")
    .option("--account <name>", "one of several accounts (default: that of the last sign-in)");

export function declareLogin(login: Command): void {
  login.description("Sign in, by the browser of this machine, a code or a pasted address.");
  whose(login)
    .option("--scope <scopes>", "to ask for, separated by spaces")
    .option("--resource <uri>", "the API that access tokens are for")
    .option("--force", "sign in though a session works");
  const example = "valetkey login --issuer https://as.example --client-id snaps";
  complete<SessionFlags>(login, [example], async (flags) => {
    const { signIn } = await load();
    const session = await signIn(await optionsOf(flags));
    if (flags.json) printJson({ account: session.account, issuer: session.issuer });
    else print(session.account);
  });
}

export function declareWhoami(whoami: Command): void {
  whoami.description("Say who is signed in here, and where the session is kept.");
  whose(whoami).option("--all", "all accounts that are signed in there");
  complete<SessionFlags>(whoami, ["valetkey whoami", "valetkey whoami --all"], async (flags) => {
    const sdk = await load();
    if (flags.all) {
      const accounts = await sdk.accounts(await optionsOf(flags));
      if (flags.json) return printJson(accounts);
      for (const { account, current } of accounts) print(`${current ? "*" : " "} ${account}`);
      return;
    }
    const { kept_in, ...who } = await sdk.whoami(await optionsOf(flags));
    if (flags.json) return printJson({ ...who, kept_in });
    return printFields({ ...who, "kept in": kept_in });
  });
}

/** Beside `valetkey token inspect`. */
export function completeToken(token: Command): void {
  whose(token).option("--resource <uri>", "the API that the token is for");
  const examples = ['curl -H "Authorization: Bearer $(valetkey token)" https://api.example/photos'];
  complete<SessionFlags>(token, examples, async (flags, args) => {
    if (args.length > 0)
      throw new UsageError(`token ${args[0]} is no command`, "see valetkey token --help");
    const sdk = await load();
    const access_token = await sdk.token(await optionsOf(flags));
    if (flags.json) printJson({ access_token });
    else print(access_token);
  });
}

export function declareLogout(logout: Command): void {
  logout.description("End the session, here and at its issuer.");
  complete<SessionFlags>(whose(logout), ["valetkey logout"], async (flags) => {
    const sdk = await load();
    const options = await optionsOf(flags);
    const account = await sdk.logout(options);
    if (flags.json) return printJson({ account });
    say(account === null ? "nobody was signed in" : `signed out ${account}`);
    const others = (await sdk.accounts(options)).map((each) => each.account).join(", ");
    if (others !== "") say(`still signed in: ${others} (--account NAME)`);
  });
}

/** Flags, then variables, then the last sign-in. */
async function providerFor(flags: SessionFlags): Promise<{ issuer?: string; clientId?: string }> {
  const { env } = process;
  const isHalf =
    !env.VALETKEY_CLIENT_ID && (env.VALETKEY_CLIENT_SECRET || env.VALETKEY_PRIVATE_KEY);
  // A token needs neither, and says nothing about the last sign-in. Of half of the credentials, the SDK names the other.
  if (env.VALETKEY_TOKEN || isHalf)
    return { issuer: flags.issuer ?? "", clientId: flags.clientId ?? "" };
  const { lastSession } = await load();
  const last = await lastSession(APP);
  const issuer = flags.issuer ?? (env.VALETKEY_ISSUER || last?.issuer);
  // Of another issuer, the id of the last sign-in says nothing.
  const known = last?.issuer === issuer ? last?.clientId : undefined;
  const clientId = flags.clientId ?? (env.VALETKEY_CLIENT_ID || known);
  return { ...(issuer !== undefined && { issuer }), ...(clientId !== undefined && { clientId }) };
}

async function optionsOf(flags: SessionFlags): Promise<TerminalOptions> {
  const { account, scope, resource, force } = flags;
  const { issuer, clientId } = await providerFor(flags);
  if (issuer === undefined || clientId === undefined)
    throw new UsageError(
      "nobody has signed in here yet, so it is not known where to",
      "give --issuer and --client-id; at a Valetkey, client add --native prints the id",
    );
  return {
    ...{ app: APP, issuer, clientId },
    ...(account !== undefined && { account }),
    ...(scope !== undefined && { scope }),
    ...(resource !== undefined && { resource }),
    ...(force && { force }),
  };
}
