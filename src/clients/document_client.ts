/**
 * Clients of metadata documents: they register nowhere. A row is written when the first person agrees, so that operators
 * can see and disable the client. What a grant may do depends on the snapshot that it keeps.
 */
import { isDeepStrictEqual } from "node:util";
import { audit, type Context } from "../context.ts";
import { isHostAllowed } from "../oauth/client_id_metadata_document.ts";
import type { ClientMetadata } from "../oauth/client_metadata.ts";
import type { Jwks } from "../oauth/jwks.ts";
import type { ClientRecord, GrantRecord } from "../store/records.ts";
import { thumbprint } from "./client_face.ts";
import { describeClient } from "./describe_client.ts";
import { UNUSED_LIFE } from "./keep_client.ts";

/** @param stored its row, if somebody has agreed before */
export const documentClient = (
  client_id: string,
  metadata: ClientMetadata,
  { stored, now }: { stored: ClientRecord | null; now: number },
): ClientRecord => ({
  client_id,
  metadata,
  secrets: [],
  created_by: "metadata_document",
  owner_sub: null,
  trusted: false,
  require_pkce: true,
  resource: null,
  sector: null,
  created_at: stored?.created_at ?? now,
  disabled_at: stored?.disabled_at ?? null,
  ends_before: stored?.ends_before ?? null,
  logo: null,
  set_by_operator: [],
  registration_hash: null,
});

/** Whether this server takes the metadata document of a URL. */
export const takesDocument = (client_id: string, ctx: Pick<Context, "settings">): boolean => {
  const { enabled, ...hosts } = ctx.settings.client_id_metadata_documents;
  return enabled && isHostAllowed(client_id, hosts);
};

/** Whether a client may get anything. A host that is denied later ends what was given to its clients. */
export const isEnabled = (
  { client_id, created_by, disabled_at }: ClientRecord,
  ctx: Pick<Context, "settings">,
): boolean =>
  disabled_at === null && (created_by !== "metadata_document" || takesDocument(client_id, ctx));

/** What a grant keeps of the client. */
export const snapshotOf = ({ created_by, metadata }: ClientRecord): GrantRecord["snapshot"] =>
  created_by === "metadata_document" ? metadata : null;

/** The client as the person of this grant agreed to it. */
export const asGranted = <C extends ClientRecord | null>(
  client: C,
  grant: Pick<GrantRecord, "snapshot"> | null,
): C => (client && grant?.snapshot ? { ...client, metadata: grant.snapshot } : client);

/**
 * Whether a client is the one that the person of this grant agreed to. Rules of another version of its document must
 * not decide about this grant.
 */
export const isAsGranted = (
  { metadata }: Pick<ClientRecord, "metadata">,
  { snapshot }: Pick<GrantRecord, "snapshot">,
): boolean => snapshot === null || isDeepStrictEqual(metadata, snapshot);

/**
 * Keys that the document has now, beside those of a snapshot. Without one key in common they may be anybody's, so
 * people have to agree again.
 * @param before called before a request that a visitor causes; left out: the client has a grant and is asking itself
 */
export async function newerKeys(
  { client_id, metadata }: ClientRecord,
  { fetched }: Pick<Context, "fetched">,
  before?: () => void,
): Promise<Jwks | null> {
  const purpose = before ? "document" : "known_document";
  const now = await fetched.clients.renewed(client_id, { before, purpose });
  const known = (metadata.jwks?.keys ?? []).map(thumbprint);
  const isKnown = now.jwks?.keys.some((key) => known.includes(thumbprint(key))) ?? false;
  const isSameMethod = now.token_endpoint_auth_method === metadata.token_endpoint_auth_method;
  return isKnown && isSameMethod ? (now.jwks ?? null) : null;
}

/** Writes the row of a client that a person agrees to, or brings it up to date. @returns the row */
export async function keepDocumentClient(
  client: ClientRecord,
  { sub, address }: { sub: string; address: string },
  ctx: Context,
): Promise<ClientRecord> {
  if (client.created_by !== "metadata_document") return client;
  const { client_id, metadata } = client;
  const stored = await ctx.store.findClient(client_id);
  if (stored && isDeepStrictEqual(stored.metadata, metadata)) return stored;
  const record = stored ? { ...stored, metadata } : await newRecord(client, ctx);
  const { secrets: _, disabled_at: __, ...details } = describeClient(record);
  const about = { actor: "person", sub, client_id, address, details } as const;
  const events = [audit(stored ? "client_changed" : "client_created", about, ctx)];
  // Another node may have been faster. Its row serves as well: grants have snapshots of their own.
  if (stored) await ctx.store.updateClient(record, { before: stored, events });
  else await ctx.store.createClient(record, { events, expires_at: ctx.now + UNUSED_LIFE });
  return record;
}

/** An operator may have removed this client. Grants of that time must not live again. */
async function newRecord(client: ClientRecord, { store, now }: Context): Promise<ClientRecord> {
  const was_used = (await store.listAudit({ client_id: client.client_id, limit: 1 })).length > 0;
  return { ...client, created_at: now, ends_before: was_used ? now : null };
}
