/**
 * The sector of a client: clients of one sector see the same pairwise subjects (OpenID Connect Core §8.1, Registration
 * §5). It is determined once, since apps know people by these subjects.
 */
import type { Outbound } from "../context.ts";
import { type ClientMetadata, DEVICE_CODE } from "../oauth/client_metadata.ts";
import { OAuthError } from "../oauth/errors.ts";
import { parseJsonStrictly } from "../oauth/json.ts";
import { isOnThisComputer } from "../oauth/redirect_uri.ts";
import { isPairwise } from "../oauth/subject_type.ts";
import type { Actor } from "../operation.ts";
import type { ClientRecord } from "../store/records.ts";

interface About {
  /** The client as it was; null: it is new. */
  before: Pick<ClientRecord, "metadata" | "sector" | "created_by"> | null;
  by: Actor;
  outbound: Outbound;
}

/**
 * @returns a host; null: the client is a sector of its own, which is so for public subjects, and where nothing proves
 * that the client belongs to a host
 * @throws OAuthError `invalid_client_metadata`
 */
export async function sectorOf(
  metadata: ClientMetadata,
  { before, by, outbound }: About,
): Promise<string | null> {
  // A live grant would show the person under another subject. An operator's change ends all grants.
  if (before && by.kind !== "operator" && isPairwise(before.metadata) !== isPairwise(metadata))
    throw refuse("subject_type", "is fixed at registration: register the client anew");
  const { sector_identifier_uri: uri } = metadata;
  const isRead = uri === undefined || isCheckedAlready(metadata, before?.metadata);
  const listed = isRead ? null : await listOf(uri, metadata.redirect_uris, outbound);
  if (!isPairwise(metadata)) return null;
  const host = uri === undefined ? soleHost(metadata) : new URL(uri).hostname;
  const isVouchedFor = before ? before.created_by === "operator" : by.kind === "operator";
  const isCovered = (address: string): boolean =>
    new URL(address).hostname === host ||
    (listed?.includes(address) ?? (uri !== undefined && before?.sector === host));
  const belongs = isVouchedFor || (isAnsweredAtSites(metadata) && isToldAt(metadata, isCovered));
  const sector = belongs ? host : null;
  // Another sector would make every person a stranger to the app, and could give it the subjects of another app.
  if (before && isPairwise(before.metadata) && before.sector !== sector)
    throw refuse(OF_SECTOR, "would change the sector of the client: register it anew");
  return sector;
}

/** The members that the sector follows from. */
const OF_SECTOR = "redirect_uris, sector_identifier_uri or backchannel_logout_uri";

/** A logout token holds the subject too, and goes to an address that no redirect URI has to share. */
const isToldAt = (
  { backchannel_logout_uri: uri }: ClientMetadata,
  isCovered: (address: string) => boolean,
): boolean => uri === undefined || isCovered(uri);

/**
 * Anybody can register the redirect URIs of somebody else, and can name the list that holds them. That proves something
 * only if every answer goes to one of these sites: not to a program on somebody's computer, nor to a device that polls.
 */
const isAnsweredAtSites = ({ redirect_uris, grant_types }: ClientMetadata): boolean =>
  redirect_uris.length > 0 &&
  !redirect_uris.some(isOnThisComputer) &&
  !grant_types.includes(DEVICE_CODE);

const isCheckedAlready = (now: ClientMetadata, before: ClientMetadata | undefined): boolean =>
  now.sector_identifier_uri === before?.sector_identifier_uri &&
  now.backchannel_logout_uri === before?.backchannel_logout_uri &&
  now.redirect_uris.every((each) => before?.redirect_uris.includes(each));

function soleHost({ redirect_uris }: ClientMetadata): string | null {
  if (redirect_uris.every(isOnThisComputer)) return null;
  const [host = null, ...more] = new Set(redirect_uris.map((uri) => new URL(uri).hostname));
  if (more.length > 0 || redirect_uris.some(isOnThisComputer))
    throw refuse(
      "sector_identifier_uri",
      "is missing: pairwise subjects for redirect URIs on several hosts need it",
    );
  return host;
}

/**
 * The document at the address is a JSON array that lists every redirect URI. So only the owner of the host can let an
 * app share its subjects.
 */
async function listOf(
  uri: string,
  redirect_uris: readonly string[],
  outbound: Outbound,
): Promise<unknown[]> {
  const listed = await fetchList(uri, outbound);
  const missing = redirect_uris.filter((each) => !listed.includes(each));
  if (missing.length > 0) throw refuse(MEMBER, "does not list every redirect URI", { missing });
  return listed;
}

const MEMBER = "sector_identifier_uri";

async function fetchList(uri: string, outbound: Outbound): Promise<unknown[]> {
  const answer = await outbound
    .request(uri, { purpose: "sector", headers: { accept: "application/json" } })
    // The reason is for the log only: it could tell a stranger about the networks around this server.
    .catch((cause: unknown) => {
      throw refuse(MEMBER, "can't be fetched", { why: String(cause) });
    });
  if (answer.status !== 200) throw refuse(MEMBER, "can't be fetched", { status: answer.status });
  try {
    const list: unknown = parseJsonStrictly(answer.body.toString("utf8"));
    if (Array.isArray(list)) return list;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw refuse(MEMBER, "does not lead to a JSON array");
}

const refuse = (parameter: string, problem: string, reason = {}): OAuthError =>
  new OAuthError("invalid_client_metadata", `${parameter} ${problem}`, { parameter, reason });
