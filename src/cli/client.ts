/** `valetkey client`: declares the commands; the code of each is loaded when it is called. */
import { type Command, Option } from "commander";
import type { AddFlags } from "./client_add.ts";
import type { RevokeFlags, RotateFlags, UpdateFlags } from "./client_change.ts";
import type { ListFlags } from "./client_show.ts";
import { collect, complete } from "./command.ts";

const WHICH = ["<client_id>", "as `valetkey client list` shows it"] as const;

export function declareClient(client: Command): void {
  client.description("Add, show and change apps, services and APIs.");
  declareAdd(client.command("add"));
  declareReading(client);
  declareUpdate(client.command("update"));
  declareState(client);

  const rotate = client
    .command("rotate-secret")
    .description("Make a new secret; the old one works for another day (client_secret_overlap).")
    .argument(...WHICH)
    .option("--now", "the old one works no more");
  complete<RotateFlags>(rotate, ["valetkey client rotate-secret printly"], async (flags, args) =>
    (await import("./client_change.ts")).rotateClientSecret(flags, args),
  );
}

/** Metadata of RFC 7591, from a file or by flags; flags win. */
function withMetadata(command: Command): Command {
  return command
    .option("--file <file>", "client metadata as in RFC 7591, JSON; - is stdin")
    .option("--name <name>", "what people see")
    .option("--site <url>", "the app's own site, which people see too")
    .option("--logo <url>", "its picture, which the server fetches once and shows to people")
    .option("--policy <url>", "its privacy policy, a link on the consent page")
    .option("--terms <url>", "its terms of service, the same")
    .option("--redirect-uri <uri>", "where the answer may go; repeatable", collect)
    .option("--native", "an app on people's devices: no secret, unless --auth-method says so")
    .option("--grant-type <name>", "repeatable; default: see below", collect)
    .option(
      "--auth-method <name>",
      "none, client_secret_basic, client_secret_post or private_key_jwt",
    )
    .option("--jwks <file>", "public keys of the client, for private_key_jwt")
    .option("--jwks-uri <url>", "address of these keys, which is fetched again for new ones")
    .option("--scope <names>", "what it may ask for, separated by spaces (default: anything)")
    .option("--may-ask <url>", "an API that it may ask for; repeatable (default: any)", collect)
    .option(
      "--post-logout-redirect-uri <uri>",
      "where to go after signing out; repeatable",
      collect,
    )
    .option("--backchannel-logout-uri <url>", "is told when a person's session has ended")
    .option("--pairwise", "its subjects can't be linked to those that other apps see")
    .option("--sector <url>", "the sector_identifier_uri of pairwise subjects on several hosts")
    .option("--id-token-alg <name>", "RS256, ES256, PS256 or EdDSA (default: RS256)")
    .option(
      "--required-acr <level>",
      'single, multi or phishing_resistant: the level that each sign-in needs; "": any will do',
    )
    .option(
      "--id-token-claims <which>",
      'scope: agreed claims such as name and email are in ID tokens too; none: at userinfo only; "": as the server does',
    )
    .option(
      "--resource <url>",
      "make it the credentials of this API: it may introspect tokens for it",
    );
}

function declareAdd(add: Command): void {
  withMetadata(add.description("Register an app, a service or the credentials of an API."))
    .option("--client-id <id>", "choose the id instead of getting a random one")
    .option("--trusted", "skip consent: for an app of your own")
    .option("--require-pkce", "require PKCE, which is the default")
    .option("--no-require-pkce", "let it do without PKCE, for an old app that has a secret")
    .addHelpText(
      "after",
      "\nWith a redirect URI it may use authorization_code and refresh_token; with --resource nothing but\n" +
        "introspection; with neither, client_credentials. The secret is printed once and never again.",
    );
  complete<AddFlags>(
    add,
    [
      "valetkey client add --name Printly --redirect-uri https://printly.example/callback",
      "valetkey client add --name 'Nightly job' --scope photos.read",
      "valetkey client add --name Backup --may-ask https://snaps.example/api",
      "valetkey client add --name Snaps --resource https://snaps.example/api",
      "valetkey client add --native --name CLI --redirect-uri http://127.0.0.1/callback",
      "valetkey client add --file metadata.json --json",
    ],
    async (flags) => (await import("./client_add.ts")).addClient(flags),
  );
}

function declareReading(client: Command): void {
  const list = client
    .command("list")
    .description("List all clients, oldest first.")
    .addOption(
      new Option("--origin <name>", "only those of one origin: who added them").choices([
        "operator",
        "user",
        "registration",
        "metadata_document",
      ]),
    );
  complete<ListFlags>(
    list,
    ["valetkey client list --json", "valetkey client list --origin registration"],
    async (flags) => (await import("./client_show.ts")).listClients(flags),
  );
  const show = client
    .command("show")
    .description("Show a client. Secrets are not kept, so none is shown.")
    .argument("<client>", "its id, or its name where no other client has the same");
  complete(
    show,
    ["valetkey client show printly", "valetkey client show 'Nightly job'"],
    async (flags, args) => (await import("./client_show.ts")).showClient(flags, args),
  );
}

function declareUpdate(update: Command): void {
  withMetadata(
    update
      .description("Change a client. Flags change what they name; --file replaces all metadata.")
      .argument(...WHICH),
  )
    .option("--trusted", "skip consent")
    .option("--no-trusted", "ask for consent")
    .option("--require-pkce", "require PKCE")
    .option("--no-require-pkce", "let it do without PKCE");
  complete<UpdateFlags>(
    update,
    [
      "valetkey client update printly --redirect-uri https://printly.example/cb --redirect-uri https://printly.example/callback",
    ],
    async (flags, args) => (await import("./client_change.ts")).updateClient(flags, args),
  );
}

function declareState(client: Command): void {
  const disable = client
    .command("disable")
    .description("Stop a client: it gets nothing, and its tokens do not hold.")
    .argument(...WHICH);
  complete(disable, ["valetkey client disable printly"], async (flags, args) =>
    (await import("./client_change.ts")).setDisabled(flags, args, true),
  );
  const enable = client
    .command("enable")
    .description("Let a client go on; what was not revoked meanwhile holds again.")
    .argument(...WHICH);
  complete(enable, ["valetkey client enable printly"], async (flags, args) =>
    (await import("./client_change.ts")).setDisabled(flags, args, false),
  );
  const revoke = client
    .command("revoke")
    .description(
      "End the access that a client has: everybody's grants and tokens, and tokens that it got for itself. It stays registered.",
    )
    .argument(...WHICH)
    .option("--forget", "also forget what people agreed to, so that it asks them again");
  complete<RevokeFlags>(
    revoke,
    ["valetkey client revoke printly", "valetkey client revoke printly --forget"],
    async (flags, args) => (await import("./client_change.ts")).revokeClient(flags, args),
  );
  const remove = client
    .command("remove")
    .description("Delete a client, with its consents, and end its tokens. It can't be undone.")
    .argument(...WHICH);
  complete(remove, ["valetkey client remove printly"], async (flags, args) =>
    (await import("./client_change.ts")).removeClient(flags, args),
  );
}
