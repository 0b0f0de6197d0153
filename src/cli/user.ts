/** `valetkey user`: declares the commands; the code of each is loaded when it is called. */
import type { Command } from "commander";
import { complete, parseJsonFlag } from "./command.ts";
import type { AddFlags } from "./user_add.ts";
import type { ChangeFlags, PasswordFlags, StateFlags } from "./user_change.ts";
import type { RemoveFlags } from "./user_factors.ts";
import type { InviteFlags, LinkFlags } from "./user_link.ts";
import type { RevokeFlags } from "./user_revoke.ts";

/** For commands that also reach people of an embedding app. */
const WHOSE = [
  "<user>",
  "user name, e-mail address or sub; the sub where people are kept elsewhere",
] as const;
const WHO = ["<user>", "user name, e-mail address or sub"] as const;

export function declareUser(user: Command): void {
  user.description("Add, show and change the people who sign in.");
  declareAdd(user.command("add"));
  declareReading(user);
  declareUpdate(user.command("update"));
  declareState(user);

  const password = user
    .command("password")
    .description(
      "Set a new password, and end the person's sessions. Apps keep their access, unless --revoke ends it too.",
    )
    .argument(...WHO)
    .option("--password-stdin", "read it from stdin instead of asking")
    .option("--revoke", "end the access of every app too: all grants and tokens");
  complete<PasswordFlags>(
    password,
    ["valetkey user password ada", "valetkey user password ada --revoke"],
    async (flags, args) => (await import("./user_change.ts")).setPassword(flags, args),
  );
  declareRevoke(user.command("revoke"));
  declareFactors(user);
  declareLinks(user);
}

/** Links by which people get in. */
function declareLinks(user: Command): void {
  const invite = user
    .command("invite")
    .description("Add a person without a password, and print the link by which they choose one.")
    .requiredOption("--username <name>", "what they sign in with")
    .option("--email <address>", "an address of theirs: it signs in too, and is the claim email")
    .option("--email-unverified", "nobody has verified the address: it does not sign in")
    .option("--name <name>", "full name")
    .option("--admin", "may register apps on the pages, and sees those of operators there");
  complete<InviteFlags>(
    invite,
    ["valetkey user invite --username ben --email ben@example.com"],
    async (flags) => (await import("./user_link.ts")).inviteUser(flags),
  );
  const link = user
    .command("link")
    .description(
      "Print a link that lets a person back in who has lost the password. It works once, for three days.",
    )
    .argument(...WHO)
    .option(
      "--without-factors",
      "they have lost their second factor, too: remove passkeys, apps for codes and recovery codes",
    );
  complete<LinkFlags>(
    link,
    ["valetkey user link ada", "valetkey user link ada --without-factors"],
    async (flags, args) => (await import("./user_link.ts")).linkUser(flags, args),
  );
}

function declareFactors(user: Command): void {
  const factors = user
    .command("factors")
    .description(
      "List how a person signs in beside the password: passkeys, app codes, recovery codes.",
    )
    .argument(...WHOSE);
  complete(
    factors,
    ["valetkey user factors ada", "valetkey user factors ada --json"],
    async (flags, args) => (await import("./user_factors.ts")).listFactors(flags, args),
  );
  const remove = user
    .command("remove-factor")
    .description(
      "Remove a passkey, app codes or the recovery codes of a person, such as of a lost phone. Nothing else ends.",
    )
    .argument(...WHOSE)
    .argument("[factor]", "its id or name; recovery-codes for all of those")
    .option("--all", "all passkeys, app codes and recovery codes");
  complete<RemoveFlags>(
    remove,
    ["valetkey user remove-factor ada Pixel", "valetkey user remove-factor ada --all"],
    async (flags, args) => (await import("./user_factors.ts")).removeFactor(flags, args),
  );
}

function declareRevoke(revoke: Command): void {
  revoke
    .description(
      "End a person's access: sessions, grants and tokens. Nothing is deleted, and they can sign in again.",
    )
    .argument(...WHOSE)
    .option("--client <id>", "only the access of this app; the person stays signed in")
    .option("--forget", "also forget what the person agreed to, so that apps ask again");
  complete<RevokeFlags>(
    revoke,
    ["valetkey user revoke ada", "valetkey user revoke ada --client printly --forget"],
    async (flags, args) => (await import("./user_revoke.ts")).revokeUser(flags, args),
  );
}

function declareAdd(add: Command): void {
  add
    .description("Add a person. The password is asked for, or read from stdin.")
    .requiredOption("--username <name>", "what they sign in with")
    .option("--email <address>", "an address of theirs: it signs in too, and is the claim email")
    .option("--email-unverified", "nobody has verified the address: it does not sign in")
    .option("--name <name>", "full name")
    .option("--claims <json>", "more claims, such as locale or address", parseJsonFlag)
    .option("--password-stdin", "read the password from stdin instead of asking")
    .option("--admin", "may register apps on the pages, and sees those of operators there");
  complete<AddFlags>(
    add,
    [
      "valetkey user add --username ada --email ada@example.com --admin",
      `valetkey user add --username ben --claims '{"locale":"de"}' --password-stdin < password.txt`,
    ],
    async (flags) => (await import("./user_add.ts")).addUser(flags),
  );
}

function declareReading(user: Command): void {
  const list = user.command("list").description("List everybody, oldest first.");
  complete(list, ["valetkey user list --json"], async (flags) =>
    (await import("./user_show.ts")).listUsers(flags),
  );
  const show = user
    .command("show")
    .description("Show a person, with their claims.")
    .argument(...WHO);
  complete(show, ["valetkey user show ada@example.com"], async (flags, args) =>
    (await import("./user_show.ts")).showUser(flags, args),
  );
}

function declareUpdate(update: Command): void {
  update
    .description("Change a person. Fields without a flag stay as they are.")
    .argument(...WHO)
    .option("--username <name>", "another user name")
    .option("--email <address>", 'another address of theirs; "" takes it away')
    .option("--email-unverified", "nobody has verified the address: it does not sign in")
    .option("--name <name>", 'another full name; "" takes it away')
    .option("--claims <json>", "claims to set; null takes one away", parseJsonFlag)
    .option("--admin", "may register apps on the pages, and sees those of operators there")
    .option("--no-admin", "an administrator no longer");
  complete<ChangeFlags>(
    update,
    [`valetkey user update ada --claims '{"nickname":"Countess","locale":null}'`],
    async (flags, args) => (await import("./user_change.ts")).updateUser(flags, args),
  );
}

function declareState(user: Command): void {
  const disable = user
    .command("disable")
    .description("Stop a person: no sign-in, and their sessions and tokens do not hold.")
    .argument(...WHO)
    .option("--with-apps", "disable the apps that they registered too, for everybody");
  complete<StateFlags>(disable, ["valetkey user disable ada --with-apps"], async (flags, args) =>
    (await import("./user_change.ts")).setDisabled(flags, args, true),
  );
  const enable = user
    .command("enable")
    .description("Let a person back in; what was not revoked meanwhile holds again.")
    .argument(...WHO)
    .option("--with-apps", "enable the apps that were disabled with them");
  complete<StateFlags>(enable, ["valetkey user enable ada --with-apps"], async (flags, args) =>
    (await import("./user_change.ts")).setDisabled(flags, args, false),
  );
  const remove = user
    .command("remove")
    .description("Delete a person, with sessions, consents and own apps. It can't be undone.")
    .argument(...WHO);
  complete(remove, ["valetkey user remove ada"], async (flags, args) =>
    (await import("./user_change.ts")).removeUser(flags, args),
  );
}
