/** What a client may be, wherever it comes from: a page, a command, code or the admin API. */
import {
  type AcceptedMetadata,
  type ClientMetadata,
  isConfidential,
  parseClientMetadata,
} from "../oauth/client_metadata.ts";
import { type ErrorCode, OAuthError } from "../oauth/errors.ts";
import { type Catalogue, findResource } from "../oauth/resource_indicator.ts";
import { OPENID_SCOPES } from "../oauth/scope.ts";
import type { Actor, Env } from "../operation.ts";
import type { ClientRecord } from "../store/records.ts";

/** What operations work with that concern clients. */
export interface ClientEnv extends Env {
  /** What the features that are on let a client be registered for. */
  readonly accepted_metadata: AcceptedMetadata;
  /** Null: a command that runs without the server's configuration does not know it. */
  readonly catalogue: Catalogue | null;
}

/** What somebody decides about a client; the rest of its record is the server's. */
export type ClientSettings = Pick<
  ClientRecord,
  "metadata" | "trusted" | "require_pkce" | "resource"
>;

/** The same as one flat object: the metadata of RFC 7591, and members of our own beside them. */
export type ClientDocument = ClientMetadata &
  Pick<ClientRecord, "trusted" | "require_pkce" | "resource">;

export const documentOf = ({
  metadata,
  trusted,
  require_pkce,
  resource,
}: ClientSettings): ClientDocument => ({ ...metadata, trusted, require_pkce, resource });

/** Members that the server adds when it shows a client. Nobody decides them: where they are read back, they are left out. */
export const SHOWN_MEMBERS: readonly string[] = [
  "client_id",
  "client_id_issued_at",
  "client_secret",
  "client_secret_expires_at",
  "created_by",
  "owner_sub",
  "secrets",
  "created_at",
  "disabled",
  "disabled_at",
  "ends_before",
];

/** Only an operator decides these: they widen what an app may do, or what people are asked. */
const OF_OPERATORS = [
  ...(["trusted", "require_pkce", "resource", "resources", "scope"] as const),
  "id_token_claims",
] as const;

/** @param said the members that somebody gives. @throws OAuthError for one that is not theirs to decide */
export function checkMayDecide(said: unknown, by: Actor): void {
  if (by.kind === "operator") return;
  const refused = OF_OPERATORS.find((member) => Object.hasOwn(Object(said), member));
  if (refused !== undefined) throw refuse(refused, "is decided by an operator");
}

interface About {
  /** Who brought the client in, which may be another than who changes it now. */
  created_by: ClientRecord["created_by"];
  by: Actor;
  env: Pick<ClientEnv, "catalogue" | "accepted_metadata">;
  /** What the client is registered for already: it stays, though the configuration may no longer have it. */
  registered_scope?: readonly string[];
}

/**
 * Checks all that a client is to be, and fills in the defaults.
 * @param document a `ClientDocument`, or a part of one, as somebody wrote it
 * @throws OAuthError naming the member that is wrong
 */
export function judgeClient(
  document: unknown,
  { by, created_by, env, registered_scope = [] }: About,
): ClientSettings {
  const metadata = parseClientMetadata(document, {
    ...env.accepted_metadata,
    short_schemes: by.kind === "operator" ? "any" : [],
    ...(env.catalogue && { scopes: [...knownScopes(env.catalogue), ...registered_scope] }),
  });
  const given = new Map<string, unknown>(Object.entries(Object(document)));
  const settings = {
    metadata,
    trusted: readFlag(given, "trusted", false),
    require_pkce: readFlag(given, "require_pkce", true),
    resource: readResource(given.get("resource"), env.catalogue),
  };
  // An API that the configuration no longer has must not keep a person from changing their app.
  if (by.kind === "operator")
    for (const uri of metadata.resources ?? []) checkKnown("resources", uri, env.catalogue);
  if (created_by === "user") checkAppOfPerson(metadata);
  checkTogether(settings);
  return settings;
}

const knownScopes = ({ scopes }: Catalogue): string[] => [...OPENID_SCOPES, ...Object.keys(scopes)];

/** A person's app acts for people who agreed, and never for itself. */
function checkAppOfPerson({ grant_types }: ClientMetadata): void {
  const allowed = ["authorization_code", "refresh_token"];
  if (!grant_types.every((each) => allowed.includes(each)))
    throw refuse(
      "grant_types",
      "of a person's app may hold authorization_code, refresh_token only",
    );
}

function checkTogether({ metadata, require_pkce, resource }: ClientSettings): void {
  if (isConfidential(metadata)) return;
  if (!require_pkce)
    throw refuse("require_pkce", "stays on: a client without credentials can't do without PKCE");
  if (resource !== null)
    throw refuse(
      "token_endpoint_auth_method",
      "is none, but an API has to prove itself to look into tokens",
    );
}

function readResource(value: unknown, catalogue: Catalogue | null): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== "string" || !URL.canParse(value) || value.includes("#"))
    throw refuse("resource", "is not an absolute URL without fragment", {
      error: "invalid_target",
      resource: value,
    });
  checkKnown("resource", value, catalogue);
  return value;
}

/** The issuer is no API, and stands for the scopes that none lists. */
function checkKnown(member: string, resource: string, catalogue: Catalogue | null): void {
  if (catalogue && resource !== catalogue.issuer && !findResource(catalogue, resource))
    throw refuse(member, "is not known to this server", { error: "invalid_target", resource });
}

function readFlag(given: Map<string, unknown>, name: string, otherwise: boolean): boolean {
  const value = given.get(name) ?? otherwise;
  if (typeof value !== "boolean") throw refuse(name, "must be true or false");
  return value;
}

/** A person changes and removes their own apps only. @throws OAuthError `access_denied` */
export function checkMay({ owner_sub }: Pick<ClientRecord, "owner_sub">, by: Actor): void {
  const own = by.kind === "person" && by.id !== null && owner_sub === by.id;
  if (by.kind !== "operator" && !own)
    throw new OAuthError("access_denied", "the client belongs to somebody else", { status: 403 });
}

function refuse(
  parameter: string,
  problem: string,
  {
    error = "invalid_client_metadata",
    ...reason
  }: { error?: ErrorCode; [name: string]: unknown } = {},
): OAuthError {
  return new OAuthError(error, `${parameter} ${problem}`, { parameter, reason });
}
