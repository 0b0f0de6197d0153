/** `valetkey client list` and `client show` */
import { isInline } from "../clients/logo.ts";
import { nearest } from "../config_keys.ts";
import { isConfidential } from "../oauth/client_metadata.ts";
import { isPairwise } from "../oauth/subject_type.ts";
import { everyRecord } from "../store/pages.ts";
import type { ClientOrigin, ClientRecord } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import { warnAbout } from "./client_metadata.ts";
import type { CommonFlags } from "./command.ts";
import { withDatabase } from "./database.ts";
import { CliError } from "./errors.ts";
import { printFields, printJson, printJsonList, printLongTable, say, when } from "./output.ts";
import { readSettings } from "./settings.ts";

/** @throws CliError when no client has this id */
export async function findClient(store: Store, client_id: string): Promise<ClientRecord> {
  const found = await store.findClient(client_id);
  if (found) return found;
  const { named, likely } = await clientsNamed(client_id, store);
  if (named.length > 0)
    throw new CliError(`there is no client ${client_id}`, `clients of this name: ${idsOf(named)}`);
  throw unknownClient(client_id, likely);
}

const unknownClient = (id: string, likely: string | null): CliError =>
  new CliError(
    `there is no client ${id}${likely === null ? "" : `: did you mean ${likely}?`}`,
    "`valetkey client list` shows them all",
  );

/** Finds a client by id, or by a name that only one client has. */
async function findByIdOrName(store: Store, id: string): Promise<ClientRecord> {
  const found = await store.findClient(id);
  if (found) return found;
  const { named, likely } = await clientsNamed(id, store);
  const [first, ...others] = named;
  if (first && others.length === 0) return first;
  if (first)
    throw new CliError(`several clients are called ${id}`, `show one by its id: ${idsOf(named)}`);
  throw unknownClient(id, likely);
}

/** Ids in a message at most. */
const MOST_NAMED = 20;

/**
 * Clients of exactly this name: one more than a message names is enough to know that there are more. `likely`: a similar
 * name or id, written in other letters or with a slip.
 */
async function clientsNamed(
  name: string,
  store: Store,
): Promise<{ named: ClientRecord[]; likely: string | null }> {
  const named: ClientRecord[] = [];
  let likely: string | null = null;
  for await (const client of allClients(store)) {
    const { client_id, metadata } = client;
    const names = [metadata.client_name ?? client_id, client_id];
    if (metadata.client_name === name) named.push(client);
    if (named.length > MOST_NAMED) break;
    likely ??= names.find((each) => nearest(name.toLowerCase(), [each.toLowerCase()])) ?? null;
  }
  return { named, likely };
}

const idsOf = (clients: readonly ClientRecord[]): string => {
  const ids = clients.slice(0, MOST_NAMED).map(({ client_id }) => client_id);
  return ids.join(", ") + (clients.length > MOST_NAMED ? ", …" : "");
};

const allClients = (store: Store): AsyncGenerator<ClientRecord> =>
  everyRecord<ClientRecord>((page) => store.listClients(page));

/** The metadata with the operator's settings, but only the times of the secrets. */
export function clientJson(client: ClientRecord): object {
  const { client_id, metadata, secrets, created_at, disabled_at, ...others } = client;
  const { registration_hash: _, ...rest } = others;
  return {
    client_id,
    client_id_issued_at: created_at,
    ...metadata,
    ...rest,
    secrets: secrets.map(({ hash: __, ...times }) => times),
    disabled_at,
    disabled: disabled_at !== null,
  };
}

export interface ListFlags {
  origin?: ClientOrigin;
}

export async function listClients(flags: ListFlags & CommonFlags): Promise<void> {
  const { origin } = flags;
  await withDatabase(await readSettings(flags), async ({ store }) => {
    const clients = everyRecord<ClientRecord>((page) =>
      store.listClients(origin === undefined ? page : { ...page, created_by: origin }),
    );
    if (flags.json) return printJsonList(clients, clientJson);
    const headings = ["CLIENT_ID", "NAME", "KIND", "ADDED BY", "STATE", "CREATED"];
    const shown = await printLongTable(headings, clients, (client) => [
      client.client_id,
      client.metadata.client_name ?? "-",
      kindOf(client),
      client.created_by,
      client.disabled_at === null ? "active" : "disabled",
      when(client.created_at),
    ]);
    if (shown === 0 && origin) say("none of this origin");
    else if (shown === 0) say("none yet: valetkey client add --name NAME --redirect-uri URI");
  });
}

export function kindOf({ metadata, resource }: ClientRecord): string {
  if (resource !== null) return "API";
  if (!metadata.grant_types.includes("authorization_code")) return "service";
  return isConfidential(metadata) ? "app" : "public app";
}

export async function showClient(flags: CommonFlags, [id = ""]: readonly string[]): Promise<void> {
  const settings = await readSettings(flags);
  await withDatabase(settings, async ({ store, now }) => {
    const client = await findByIdOrName(store, id);
    if (flags.json) printJson(clientJson(client));
    else describe(client, now);
    warnAbout(client, settings);
  });
}

function describe(client: ClientRecord, now: number): void {
  const { client_id, metadata, created_by, owner_sub, trusted, resource } = client;
  printFields({
    client_id,
    name: metadata.client_name ?? null,
    kind: kindOf(client),
    site: metadata.client_uri ?? null,
    logo: logoOf(client),
    "privacy policy": metadata.policy_uri ?? null,
    "terms of service": metadata.tos_uri ?? null,
    "redirect URIs": listed(metadata.redirect_uris),
    "after signing out": listed(metadata.post_logout_redirect_uris ?? []),
    "told of the end of sessions at": metadata.backchannel_logout_uri ?? null,
    grants: listed(metadata.grant_types),
    "response types": listed(metadata.response_types.filter((name) => name !== "code")),
    authenticates: metadata.token_endpoint_auth_method,
    keys: keysOf(metadata),
    scope: metadata.scope ?? null,
    "may ask": listed(metadata.resources ?? []),
    "API of": resource,
    "sign-in level": metadata.required_acr ?? null,
    subjects: isPairwise(metadata)
      ? `pairwise, for ${client.sector ?? "this app alone"}`
      : "public",
    "ID tokens": metadata.id_token_signed_response_alg,
    "claims in ID tokens": metadata.id_token_claims ?? null,
    ...(asksPeople(client) && {
      PKCE: client.require_pkce ? "required" : "not required",
      consent: trusted ? "skipped (trusted)" : "asked for",
    }),
    "starts at": metadata.initiate_login_uri ?? null,
    requests: metadata.require_signed_request_object ? "signed only" : null,
    secrets: listed(secretsOf(client, now)),
    "set by an operator": listed(client.set_by_operator),
    "added by": owner_sub === null ? created_by : `${created_by} ${owner_sub}`,
    created: when(client.created_at),
    disabled: client.disabled_at === null ? null : `since ${when(client.disabled_at)}`,
  });
}

/** A service and the credentials of an API act for nobody. */
const asksPeople = ({ metadata }: ClientRecord): boolean =>
  metadata.grant_types.some((grant) => grant !== "client_credentials");

/** An embedded picture is too long to be shown. */
function logoOf(client: ClientRecord): string | null {
  const { metadata, logo, created_by } = client;
  const { logo_uri } = metadata;
  if (logo_uri === undefined) return null;
  if (isInline(logo_uri)) return "embedded in the metadata";
  const unchecked = created_by === "registration" ? ", and shown as not checked" : "";
  if (logo !== null) return `${logo_uri} (fetched${unchecked})`;
  return created_by === "operator" || created_by === "registration"
    ? `${logo_uri} (not fetched yet; the log of the server says why, if it can't be)`
    : `${logo_uri} (not shown)`;
}

const keysOf = ({ jwks, jwks_uri }: ClientRecord["metadata"]): string | null =>
  jwks_uri ?? (jwks ? `${jwks.keys.length} in the metadata` : null);

const listed = (values: readonly string[]): string | null =>
  values.length === 0 ? null : values.join(", ");

const secretsOf = ({ secrets }: ClientRecord, now: number): string[] =>
  secrets
    .filter(({ expires_at }) => expires_at === null || expires_at > now)
    .map(({ created_at, expires_at }) => {
      const until = expires_at === null ? "" : ` until ${when(expires_at)}`;
      return `made ${when(created_at)}${until}`;
    });
