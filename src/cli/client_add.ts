/** `valetkey client add` */

import { envFile } from "../clients/connection.ts";
import { createClient, type NewClient } from "../clients/create_client.ts";
import { clientInformation } from "../clients/new_client.ts";
import { discoveryAddress } from "../oauth/server_metadata.ts";
import {
  clientEnv,
  defaultsFor,
  type MetadataFlags,
  readDocument,
  warnAbout,
  warnOfLoss,
  warnOfUnknown,
} from "./client_metadata.ts";
import type { CommonFlags } from "./command.ts";
import { withNewDatabase } from "./database.ts";
import { CliError, UsageError } from "./errors.ts";
import { print, printFields, printJson, say } from "./output.ts";
import { readSettings, type Settings } from "./settings.ts";

export interface AddFlags extends MetadataFlags {
  clientId?: string;
}

export async function addClient(flags: AddFlags & CommonFlags): Promise<void> {
  const { file, redirectUri, grantType, name, resource, clientId: client_id } = flags;
  if ([file, redirectUri, grantType, name, resource].every((each) => each === undefined))
    throw new UsageError(
      "there is nothing to register",
      "give a --file, or at least a --name; valetkey client add --help has examples",
    );
  if (flags.native && [file, redirectUri, grantType, resource].every((each) => each === undefined))
    throw new UsageError(
      "a native app needs a --redirect-uri, or a --grant-type",
      "for a tool in a terminal: --redirect-uri http://127.0.0.1/callback",
    );
  const settings = await readSettings(flags);
  const document = await readDocument(flags, defaultsFor(flags));

  warnOfUnknown(document);
  await withNewDatabase(settings, async (database) => {
    const env = clientEnv(database, settings);
    const made = await createClient({ document, client_id }, database.by, env);
    if (typeof made === "string")
      throw new CliError(
        `the id ${client_id} is taken`,
        "leave out --client-id to get a random one",
      );
    warnOfLoss(document, made.client);
    warnAbout(made.client, settings);
    showNew(made, flags, settings);
  });
}

/** Shows the secret, this one time, with the addresses that the app needs beside it. */
export function showNew(
  { client, client_secret }: NewClient,
  { json = false }: CommonFlags,
  { config, config_file, full: { issuer } }: Settings,
): void {
  const { client_id, trusted, require_pkce, resource } = client;
  const discovery = discoveryAddress(issuer);
  if (json)
    printJson({
      ...clientInformation(client, client_secret),
      ...{ issuer, discovery },
      ...(trusted && { trusted }),
      ...(!require_pkce && { require_pkce }),
      ...(resource !== null && { resource }),
    });
  else {
    printFields({ client_id, client_secret, issuer, discovery });
    print(`\n${envFile({ client, client_secret, issuer })}`);
  }
  if (config.issuer === undefined && config_file === null)
    say(
      `${issuer} is the default. If your server has another address, name it by VALETKEY_ISSUER or --config FILE.`,
    );
  if (client_secret !== null)
    say("Keep the secret now: it is not shown again (client rotate-secret makes a new one).");
}
