/** `valetkey user revoke` */
import { type Revocation, revokePerson } from "../people/end_person.ts";
import { findClient } from "./client_show.ts";
import type { CommonFlags } from "./command.ts";
import { withDatabase } from "./database.ts";
import { printJson, say } from "./output.ts";
import { whose } from "./person.ts";
import { readSettings } from "./settings.ts";

export interface RevokeFlags {
  client?: string;
  forget?: boolean;
}

export async function revokeUser(
  flags: RevokeFlags & CommonFlags,
  [name = ""]: readonly string[],
): Promise<void> {
  const settings = await readSettings(flags);
  await withDatabase(settings, async (database) => {
    const { client: client_id, forget = false } = flags;
    const { sub, called } = await whose(name, database, settings);
    if (client_id !== undefined) await findClient(database.store, client_id);
    const revocation: Revocation = { sub, client_id, forget };
    await revokePerson(revocation, database.by, database.env);
    tell(called, revocation);
    if (flags.json)
      printJson({ sub, client_id: client_id ?? null, revoked: true, forgotten: forget });
  });
}

function tell(called: string, { client_id, forget }: Revocation): void {
  say(
    client_id === undefined
      ? `all access of ${called} has ended: sessions, grants and tokens; nothing is deleted`
      : `the access of ${client_id} to ${called} has ended: grants and tokens; the person stays signed in`,
  );
  if (forget) say("The person's consents are forgotten: apps ask again.");
  else if (client_id === undefined)
    say(
      "Consents stay: apps get access again, without asking, after the next sign-in (--forget changes that).",
    );
  else
    say(
      "Consents stay: the app gets access again, without asking, when the person opens it (--forget changes that).",
    );
}
