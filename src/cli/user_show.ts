/** `valetkey user list` and `user show` */
import type { CommonFlags } from "./command.ts";
import { withDatabase } from "./database.ts";
import { printJson, printTable, say, when } from "./output.ts";
import { checkOwnPeople, findPerson, personJson, showPerson } from "./person.ts";
import { readSettings } from "./settings.ts";

export async function listUsers(flags: CommonFlags): Promise<void> {
  const settings = await readSettings(flags);
  checkOwnPeople(settings);
  await withDatabase(settings, async ({ store }) => {
    const accounts = await store.listAccounts({ limit: 1000 });
    if (flags.json) return printJson(accounts.map(personJson));
    if (accounts.length === 0) return say("nobody yet: valetkey user add --username NAME --admin");
    printTable(
      ["USERNAME", "EMAIL", "ADMIN", "STATE", "CREATED", "SUB"],
      accounts.map(({ sub, username, login_email, is_admin, disabled_at, created_at }) => [
        username,
        login_email ?? "-",
        is_admin ? "yes" : "no",
        disabled_at === null ? "active" : "disabled",
        when(created_at),
        sub,
      ]),
    );
  });
}

export async function showUser(flags: CommonFlags, [name = ""]: readonly string[]): Promise<void> {
  const settings = await readSettings(flags);
  checkOwnPeople(settings);
  await withDatabase(settings, async ({ store }) =>
    showPerson(await findPerson(store, name), flags),
  );
}
