/** `valetkey client update`, `rotate-secret`, `disable`, `enable`, `revoke` and `remove` */
import { changeClient, rotateSecret, setClientDisabled } from "../clients/change_client.ts";
import { removeClient as remove, revokeClient as revoke } from "../clients/end_client.ts";
import { isPairwise } from "../oauth/subject_type.ts";
import type { ClientRecord } from "../store/records.ts";
import { showNew } from "./client_add.ts";
import {
  clientEnv,
  type MetadataFlags,
  readDocument,
  warnAbout,
  warnOfLoss,
  warnOfUnknown,
} from "./client_metadata.ts";
import { clientJson, findClient } from "./client_show.ts";
import { type CommonFlags, hasOwnFlags } from "./command.ts";
import { type OpenDatabase, withDatabase } from "./database.ts";
import { CliError, UsageError } from "./errors.ts";
import { printFields, printJson, say, when } from "./output.ts";
import { readSettings, type Settings } from "./settings.ts";

export type UpdateFlags = MetadataFlags;
export interface RotateFlags {
  now?: boolean;
}
export interface RevokeFlags {
  forget?: boolean;
}
type Args = readonly string[];

async function withClient(
  flags: CommonFlags,
  [id = ""]: Args,
  work: (client: ClientRecord, database: OpenDatabase, settings: Settings) => Promise<void>,
): Promise<void> {
  const settings = await readSettings(flags);
  await withDatabase(settings, async (database) =>
    work(await findClient(database.store, id), database, settings),
  );
}

/** Fails if the server or another command has changed the client since it was read. */
function done<T>(outcome: T | "changed_meanwhile", { client_id }: ClientRecord): T {
  if (outcome === "changed_meanwhile")
    throw new CliError(
      `the client ${client_id} was changed or removed meanwhile`,
      "run the command again",
    );
  return outcome;
}

export async function updateClient(flags: UpdateFlags & CommonFlags, args: Args): Promise<void> {
  if (!hasOwnFlags(flags))
    throw new UsageError("nothing to change", "see valetkey client update --help");
  await withClient(flags, args, async (client, database, settings) => {
    const env = clientEnv(database, settings);
    const { require_pkce, trusted, resource } = client;
    // A file replaces all metadata; other members that it does not set stay.
    const replace = flags.file !== undefined;
    const change = await readDocument(flags, {});
    warnOfUnknown(change);
    const document = replace ? { require_pkce, trusted, resource, ...change } : change;
    const input = { client, change: document, replace };
    const made = done(await changeClient(input, database.by, env), client);
    warnOfLoss(change, made.client);
    warnAbout(made.client, settings);
    if (made.client_secret !== null) return showNew(made, flags, settings);
    if (flags.json) printJson(clientJson(made.client));
    say(`${client.client_id} is changed`);
    if (isPairwise(client.metadata) !== isPairwise(made.client.metadata))
      say(
        "It sees people under other subjects from now on, so all its grants and tokens have ended: people sign in to it again.",
      );
  });
}

export const rotateClientSecret = (flags: RotateFlags & CommonFlags, args: Args): Promise<void> =>
  withClient(flags, args, async (client, { env, by }) => {
    const { client_id, metadata } = client;
    const made = done(await rotateSecret({ client, keep_old: !flags.now }, by, env), client);
    if (made === "no_secret")
      throw new CliError(
        `${client_id} has no secret: it authenticates by ${metadata.token_endpoint_auth_method}`,
        "valetkey client update --jwks FILE replaces its keys",
      );
    const { client_secret, old_secret_until: old_secret_expires_at } = made;
    const client_secret_expires_at = 0;
    if (flags.json)
      printJson({ client_id, client_secret, client_secret_expires_at, old_secret_expires_at });
    else printFields({ client_id, client_secret });
    say(
      flags.now
        ? "The old secret works no more."
        : `The old secret works until ${when(old_secret_expires_at)}.`,
    );
  });

export const setDisabled = (flags: CommonFlags, args: Args, disabled: boolean): Promise<void> =>
  withClient(flags, args, async (client, { env, by }) => {
    const changed = done(await setClientDisabled({ client, disabled }, by, env), client);
    say(
      disabled
        ? `${client.client_id} is disabled: it gets nothing, and its tokens do not hold, within a second`
        : `${client.client_id} is enabled: what was not revoked holds again`,
    );
    if (flags.json) printJson(clientJson(changed));
  });

export const revokeClient = (flags: RevokeFlags & CommonFlags, args: Args): Promise<void> =>
  withClient(flags, args, async ({ client_id }, { env, by }) => {
    const { forget = false } = flags;
    if (!(await revoke({ client_id, forget }, by, env)))
      throw new CliError(`the client ${client_id} was removed meanwhile`);
    say(`all access of ${client_id} has ended: everybody's grants and tokens, and its own tokens`);
    say(
      forget
        ? "Consents are forgotten: the client asks people again."
        : "What people agreed to stays: it gets access again, without asking, when they next sign in to it (--forget changes that).",
    );
    say("It stays registered and may get new tokens: valetkey client disable stops it.");
    if (flags.json) printJson({ client_id, revoked: true, forgotten: forget });
  });

export const removeClient = (flags: CommonFlags, args: Args): Promise<void> =>
  withClient(flags, args, async (client, { env, by }) => {
    const { client_id } = client;
    await remove(client, by, env);
    say(`${client_id} is removed, with its consents and tokens`);
    if (flags.json) printJson({ client_id, removed: true });
  });
