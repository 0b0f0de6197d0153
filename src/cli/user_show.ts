/** `valetkey user list` and `user show` */

import { everyRecord } from "../store/pages.ts";
import type { AccountRecord } from "../store/records.ts";
import type { CommonFlags } from "./command.ts";
import { withDatabase } from "./database.ts";
import { printJsonList, printLongTable, say, when } from "./output.ts";
import { checkOwnPeople, findPerson, personJson, showPerson } from "./person.ts";
import { readSettings } from "./settings.ts";

export async function listUsers(flags: CommonFlags): Promise<void> {
  const settings = await readSettings(flags);
  checkOwnPeople(settings);
  await withDatabase(settings, async ({ store }) => {
    const accounts = everyRecord<AccountRecord>((page) => store.listAccounts(page));
    if (flags.json) return printJsonList(accounts, personJson);
    const headings = ["USERNAME", "EMAIL", "ADMIN", "STATE", "CREATED", "SUB"];
    const shown = await printLongTable(headings, accounts, (account) => [
      account.username,
      account.login_email ?? "-",
      account.is_admin ? "yes" : "no",
      account.disabled_at === null ? "active" : "disabled",
      when(account.created_at),
      account.sub,
    ]);
    if (shown === 0) say("nobody yet: valetkey user add --username NAME --admin");
  });
}

export async function showUser(flags: CommonFlags, [name = ""]: readonly string[]): Promise<void> {
  const settings = await readSettings(flags);
  checkOwnPeople(settings);
  await withDatabase(settings, async ({ store }) =>
    showPerson(await findPerson(store, name), flags),
  );
}
