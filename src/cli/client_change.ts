/** `valetkey client update`, `rotate-secret`, `disable`, `enable` and `remove` */
import { makeSecret, rotateSecret, usesSecret } from "../clients/client_secret.ts";
import type { ClientMetadata } from "../oauth/client_metadata.ts";
import type { ClientRecord } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import { showNew } from "./client_add.ts";
import { checkOptions, type MetadataFlags, readMetadata, warnAbout } from "./client_metadata.ts";
import { clientJson, findClient } from "./client_show.ts";
import { type CommonFlags, hasOwnFlags } from "./command.ts";
import { type OpenDatabase, withDatabase } from "./database.ts";
import { CliError, UsageError } from "./errors.ts";
import { printFields, printJson, say, when } from "./output.ts";
import { readSettings, type Settings } from "./settings.ts";

export interface UpdateFlags extends MetadataFlags {
  trusted?: boolean;
  requirePkce?: boolean;
}
export interface RotateFlags {
  now?: boolean;
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

/** Nothing is undone that the server or another command changed since `before` was read. */
async function write(store: Store, client: ClientRecord, before: ClientRecord): Promise<void> {
  if (!(await store.updateClient(client, { before })))
    throw new CliError(
      `the client ${client.client_id} was changed or removed meanwhile`,
      "run the command again",
    );
}

export async function updateClient(flags: UpdateFlags & CommonFlags, args: Args): Promise<void> {
  if (!hasOwnFlags(flags))
    throw new UsageError("nothing to change", "see valetkey client update --help");
  await withClient(flags, args, async (client, { store, now }, settings) => {
    const metadata = await readMetadata(flags, { ...client.metadata }, settings);
    const { trusted = client.trusted, requirePkce: require_pkce = client.require_pkce } = flags;
    const { resource = client.resource } = flags;
    checkOptions(metadata, { require_pkce, resource });
    const { secret, secrets } = secretsFor(metadata, client, now);
    const changed = { ...client, metadata, trusted, require_pkce, resource, secrets };
    await write(store, changed, client);
    warnAbout(changed, settings);
    if (secret !== null) return showNew(changed, secret, flags);
    if (flags.json) printJson(clientJson(changed));
    say(`${client.client_id} is changed`);
  });
}

/** A client that begins to use a secret gets one; one that proves itself otherwise now has none that works. */
function secretsFor(
  metadata: ClientMetadata,
  { secrets }: ClientRecord,
  now: number,
): { secret: string | null; secrets: ClientRecord["secrets"] } {
  if (!usesSecret(metadata)) return { secret: null, secrets: [] };
  if (secrets.length > 0) return { secret: null, secrets };
  const { secret, kept } = makeSecret(now);
  return { secret, secrets: [kept] };
}

export const rotateClientSecret = (flags: RotateFlags & CommonFlags, args: Args): Promise<void> =>
  withClient(flags, args, async (client, { store, now }, { full }) => {
    const { client_id, metadata } = client;
    if (!usesSecret(metadata))
      throw new CliError(
        `${client_id} has no secret: it authenticates by ${metadata.token_endpoint_auth_method}`,
        "valetkey client update --jwks FILE replaces its keys",
      );
    const overlap = flags.now ? 0 : full.lifetimes.client_secret_overlap;
    const { secret: client_secret, secrets } = rotateSecret(client.secrets, { now, overlap });
    await write(store, { ...client, secrets }, client);
    const old_secret_expires_at = now + overlap;
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
  withClient(flags, args, async (client, { store, now }) => {
    const changed = { ...client, disabled_at: disabled ? (client.disabled_at ?? now) : null };
    await write(store, changed, client);
    say(
      disabled
        ? `${client.client_id} is disabled: it gets nothing, and its tokens do not hold, within a second`
        : `${client.client_id} is enabled: what was not revoked holds again`,
    );
    if (flags.json) printJson(clientJson(changed));
  });

export const removeClient = (flags: CommonFlags, args: Args): Promise<void> =>
  withClient(flags, args, async ({ client_id }, { store, now }) => {
    await store.removeClient(client_id, now);
    say(`${client_id} is removed, with its consents and tokens`);
    if (flags.json) printJson({ client_id, removed: true });
  });
