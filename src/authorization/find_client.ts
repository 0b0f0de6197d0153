/** The client of an authorization request: registered here, or described by the document at its `client_id`. */
import { documentClient, isEnabled, takesDocument } from "../clients/document_client.ts";
import type { Asking, Context } from "../context.ts";
import { sha256 } from "../crypto/hash.ts";
import { OutboundError } from "../http/outbound.ts";
import { PageError } from "../http/page.ts";
import { RateLimited, takeFromNetwork } from "../http/rate_limit.ts";
import { documentUrlProblem, looksLikeDocumentUrl } from "../oauth/client_id_metadata_document.ts";
import type { ClientMetadata } from "../oauth/client_metadata.ts";
import { OAuthError } from "../oauth/errors.ts";
import { enableHint } from "../oauth/hint.ts";
import type { ClientRecord } from "../store/records.ts";
import type { Transaction } from "./transaction.ts";

/**
 * The client of a new request, which needs a fresh document.
 * @throws PageError when there is no such client, or it is disabled
 */
export const findClient = (client_id: string | undefined, ctx: Context): Promise<ClientRecord> =>
  find(client_id, null, ctx);

/**
 * The client of a request in progress. It goes on with the document that it began with. A node that has another one
 * looks again, so that all nodes agree.
 * @throws PageError when there is no such client any more, or it is disabled
 */
export const findClientOf = (
  { asked, document }: Pick<Transaction, "asked" | "document">,
  ctx: Context,
): Promise<ClientRecord> => find(asked.client_id, { document }, ctx);

/** Tells documents apart; null for a client that has none. */
export const documentOf = ({ created_by, metadata }: ClientRecord): string | null =>
  created_by === "metadata_document" ? documentId(metadata) : null;

const documentId = (metadata: ClientMetadata): string =>
  sha256(JSON.stringify(metadata)).slice(0, 16);

type Begun = Pick<Transaction, "document"> | null;

async function find(
  client_id: string | undefined,
  begun: Begun,
  ctx: Context,
): Promise<ClientRecord> {
  if (client_id === undefined)
    throw new PageError("unknown_app", {
      detail: "client_id is missing",
      reason: { hint: "valetkey client list" },
    });
  const stored = await ctx.store.findClient(client_id);
  if (stored) checkEnabled(stored, ctx);
  if (stored && stored.created_by !== "metadata_document") return stored;
  if (ctx.features.has("client_id_metadata_documents") && looksLikeDocumentUrl(client_id))
    return fromDocument(client_id, { stored, begun, ctx });
  throw new PageError("unknown_app", {
    detail: `client_id is not known: ${client_id.slice(0, 200)}`,
    reason: { client_id: client_id.slice(0, 200), hint: "valetkey client list" },
  });
}

function checkEnabled(client: ClientRecord, ctx: Context): void {
  if (!isEnabled(client, ctx))
    throw new PageError("app_disabled", { status: 403, reason: enableHint(client.client_id) });
}

interface Finding {
  stored: ClientRecord | null;
  /** Null: a new request. */
  begun: Begun;
  ctx: Context;
}

async function fromDocument(
  client_id: string,
  { stored, begun, ctx }: Finding,
): Promise<ClientRecord> {
  const allow_loopback = ctx.settings.allow_private_fetch;
  const problem = documentUrlProblem(client_id, { allow_loopback });
  if (problem !== null)
    throw new PageError("unknown_app", {
      detail: `client_id ${problem}`,
      reason: { client_id: client_id.slice(0, 500) },
    });
  const client = (metadata: ClientMetadata) =>
    documentClient(client_id, metadata, { stored, now: ctx.now });
  if (!takesDocument(client_id, ctx))
    throw new PageError("app_disabled", {
      ...{ status: 403, app: appAt(client_id) },
      reason: { client_id, setting: "client_id_metadata_documents" },
    });
  const held = begun && ctx.fetched.clients.held(client_id);
  if (held && documentId(held) === begun.document) return client(held);
  return client(await fetchDocument(client_id, { stored, begun, ctx }));
}

async function fetchDocument(
  client_id: string,
  { stored, begun, ctx }: Finding,
): Promise<ClientMetadata> {
  const { clients } = ctx.fetched;
  const asking: Asking = {
    before: () => takeFromNetwork("fetches", ctx),
    // Documents that visitors only name don't hold up those that somebody has agreed to.
    purpose: stored ? "known_document" : "document",
  };
  try {
    return await (begun
      ? clients.renewed(client_id, { ...asking, pace: PACE })
      : clients.get(client_id, asking));
  } catch (cause) {
    if (cause instanceof RateLimited) throw cause;
    // What is wrong with the document helps its author. What could not be reached is for the log only: strangers could
    // use the page to scan networks.
    const detail =
      cause instanceof OAuthError ? cause.message : "the document at client_id can't be used";
    const kind = cause instanceof OutboundError ? cause.kind : "document";
    const why = cause instanceof Error ? cause.message : String(cause);
    const reason = { client_id, kind, why };
    throw new PageError("app_document", { detail, reason, app: appAt(client_id), cause });
  }
}

/** Seconds between two looks of one node, while requests in progress know another document. */
const PACE = 1;

/** Nothing but its host is known of this app. */
function appAt(client_id: string) {
  const { host } = new URL(client_id);
  return { name: host, host, logo: null, href: null };
}

/** The client of a request in progress, for pages that only name it. It is never fetched. Null: not known here. */
export async function clientInProgress(
  client_id: string,
  ctx: Pick<Context, "store" | "fetched" | "now">,
): Promise<ClientRecord | null> {
  const stored = await ctx.store.findClient(client_id);
  if (stored && stored.created_by !== "metadata_document") return stored;
  const held = ctx.fetched.clients.held(client_id);
  return held ? documentClient(client_id, held, { stored, now: ctx.now }) : stored;
}
