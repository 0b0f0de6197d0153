/** `valetkey client add` */
import { clientInformation, newClient } from "../clients/new_client.ts";
import type { ClientRecord } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import {
  checkOptions,
  defaultsFor,
  type MetadataFlags,
  readMetadata,
  warnAbout,
} from "./client_metadata.ts";
import type { CommonFlags } from "./command.ts";
import { withNewDatabase } from "./database.ts";
import { CliError, UsageError } from "./errors.ts";
import { printFields, printJson, say } from "./output.ts";
import { readSettings } from "./settings.ts";

export interface AddFlags extends MetadataFlags {
  clientId?: string;
  trusted?: boolean;
  requirePkce: boolean;
}

export async function addClient(flags: AddFlags & CommonFlags): Promise<void> {
  const { trusted = false, requirePkce: require_pkce, resource = null } = flags;
  const { file, redirectUri, grantType, name } = flags;
  if ([file, redirectUri, grantType, name, flags.resource].every((each) => each === undefined))
    throw new UsageError(
      "there is nothing to register",
      "give a --file, or at least a --name; valetkey client add --help has examples",
    );
  const settings = await readSettings(flags);
  const metadata = await readMetadata(flags, defaultsFor(flags), settings);
  checkOptions(metadata, { require_pkce, resource });

  await withNewDatabase(settings, async ({ store, now }) => {
    const options = { now, created_by: "operator", trusted, require_pkce, resource } as const;
    const made = newClient(metadata, options);
    const client_id = await chosenId(flags.clientId, made.client, store);
    const client = { ...made.client, client_id };
    if (!(await store.createClient(client))) throw taken(client_id);
    warnAbout(client, settings);
    showNew(client, made.client_secret, flags);
  });
}

/** @throws CliError for one that is malformed, or names a person in tokens */
async function chosenId(
  chosen: string | undefined,
  { client_id }: ClientRecord,
  store: Store,
): Promise<string> {
  if (chosen === undefined) return client_id;
  if (!/^[A-Za-z0-9_][A-Za-z0-9._~-]{0,99}$/.test(chosen))
    throw new CliError(
      `--client-id ${chosen} can't be an id`,
      "up to 100 letters, digits and . _ ~ - go through every header and address unchanged; a letter or digit comes first",
    );
  if (await store.findAccount(chosen)) throw taken(chosen);
  return chosen;
}

const taken = (client_id: string): CliError =>
  new CliError(`the id ${client_id} is taken`, "leave out --client-id to get a random one");

/** The one time that the secret is seen. */
export function showNew(
  client: ClientRecord,
  client_secret: string | null,
  { json = false }: CommonFlags,
): void {
  const { client_id, trusted, require_pkce, resource } = client;
  if (json)
    printJson({
      ...clientInformation(client, client_secret),
      ...(trusted && { trusted }),
      ...(!require_pkce && { require_pkce }),
      ...(resource !== null && { resource }),
    });
  else printFields({ client_id, client_secret });
  if (client_secret !== null)
    say("Keep the secret now: it is not shown again (client rotate-secret makes a new one).");
}
