/** The rules for all clients, whether a page, a command, code or the admin API registers them. */
import type { Outbound } from "../context.ts";
import {
  type AcceptedMetadata,
  type ClientMetadata,
  type ClientMetadataRules,
  DEVICE_CODE,
  isConfidential,
  METADATA_MEMBERS,
  readClientMetadata,
} from "../oauth/client_metadata.ts";
import { type ErrorCode, joined, OAuthError, recordIn } from "../oauth/errors.ts";
import { OPERATORS_METADATA } from "../oauth/optional_metadata.ts";
import { type Catalogue, findResource } from "../oauth/resource_indicator.ts";
import { OPENID_SCOPES } from "../oauth/scope.ts";
import type { Actor, Env } from "../operation.ts";
import type { ClientRecord } from "../store/records.ts";
import { mayOmitPkce, ownProblems, ownRules } from "./self_registration.ts";

/** The environment of operations on clients. */
export interface ClientEnv extends Env {
  readonly outbound: Outbound;
  /** The values that the active features accept in client metadata. */
  readonly accepted_metadata: AcceptedMetadata;
  /** Null: unknown to a command without the server's configuration. */
  readonly catalogue: Catalogue | null;
}

/** The members of a client that people decide on; the server sets the others. */
export type ClientSettings = Pick<
  ClientRecord,
  "metadata" | "trusted" | "require_pkce" | "resource"
>;

/** The same as one flat object: the metadata of RFC 7591 and the members of Valetkey. */
export type ClientDocument = ClientMetadata &
  Pick<ClientRecord, "trusted" | "require_pkce" | "resource">;

export const documentOf = ({
  metadata,
  trusted,
  require_pkce,
  resource,
}: ClientSettings): ClientDocument => ({ ...metadata, trusted, require_pkce, resource });

/** The members that can be set. */
export const CLIENT_MEMBERS: readonly string[] = [
  ...METADATA_MEMBERS,
  ...(["trusted", "require_pkce", "resource"] satisfies (keyof ClientDocument)[]),
];

/** Members that the server adds when it shows a client. They can't be set, and are ignored when read back. */
export const SHOWN_MEMBERS: readonly string[] = [
  "client_id",
  "client_id_issued_at",
  "client_secret",
  "client_secret_expires_at",
  "created_by",
  "set_by_operator",
  "owner_sub",
  "secrets",
  "created_at",
  "disabled",
  "disabled_at",
  "ends_before",
  "logo",
  "sector",
  "issuer",
  "discovery",
];

/** Only an operator decides these: they widen what an app may do, or what people are asked. */
export const OF_OPERATORS = [
  ...(["trusted", "require_pkce", "resource", "scope"] as const),
  ...OPERATORS_METADATA,
] as const;

/** Those of them that widen what a client may do. An operator gives them to the client as it is at that time. */
const PRIVILEGES: readonly string[] = [
  ...(["trusted", "require_pkce", "resource"] satisfies (keyof ClientDocument)[]),
  ...(["resources", "legacy_assertion_audience"] satisfies (keyof ClientDocument)[]),
];

/** The values of them that protect, where the server's default may be the other one. They are no privilege. */
const PROTECTIVE: Readonly<Record<string, unknown>> = {
  require_pkce: true,
  legacy_assertion_audience: false,
};

export const withoutPrivileges = (document: object): object =>
  Object.fromEntries(
    Object.entries(document).filter(
      ([name, value]) => !PRIVILEGES.includes(name) || PROTECTIVE[name] === value,
    ),
  );

/**
 * A client that registers itself may name them, but they are ignored (`ownDocument`).
 * @param said the submitted members. @throws OAuthError for members that the actor may not set
 */
export function checkMayDecide(said: unknown, by: Actor): void {
  if (by.kind !== "person") return;
  const decided = OF_OPERATORS.filter((member) => Object.hasOwn(Object(said), member));
  const refused = joined(decided.map((member) => refuse(member, "is decided by an operator")));
  if (refused) throw refused;
}

interface About {
  /** The origin of the client; the present actor may be another one. */
  created_by: ClientRecord["created_by"];
  by: Actor;
  env: ClientEnv;
  /** Scopes that the client is registered for already. They stay, even if the configuration no longer has them. */
  registered_scope?: readonly string[];
  /** Problems that the caller has found, to be reported with the others. */
  problems?: readonly OAuthError[];
}

/**
 * Checks all settings of a client, and fills in the defaults.
 * @param document a submitted `ClientDocument`, or a part of one
 * @throws OAuthError naming every member that is wrong
 */
export function judgeClient(
  document: unknown,
  { by, created_by, env, registered_scope = [], problems: earlier = [] }: About,
): ClientSettings {
  const itself = by.kind === "client";
  const rules = itself ? ownRules(env, registered_scope) : rulesOf(by, env, registered_scope);
  const { metadata, problems: of_metadata } = readClientMetadata(document, rules);
  const problems = [...earlier, ...of_metadata];
  const found = recordIn(problems);
  const given = new Map<string, unknown>(Object.entries(Object(document)));
  const { registration } = env.settings;
  const otherwise = itself ? registration.require_pkce : true;
  const settings = {
    metadata,
    trusted: found(() => readFlag(given, "trusted", false), false),
    require_pkce:
      (itself && !mayOmitPkce(metadata)) ||
      found(() => readFlag(given, "require_pkce", otherwise), true),
    resource: found(() => readResource(given.get("resource"), env.catalogue), null),
  };
  // An API that is no longer in the configuration must not prevent a person from changing their app.
  if (by.kind === "operator")
    for (const uri of metadata.resources ?? [])
      found(() => checkKnown("resources", uri, env.catalogue), undefined);
  if (created_by === "user") found(() => checkAppOfPerson(metadata), undefined);
  if (created_by === "registration") found(() => checkActsForPeople(metadata, env), undefined);
  if (itself) problems.push(...ownProblems(metadata, registration));
  problems.push(...problemsTogether(settings));
  const refused = joined(problems);
  if (refused) throw refused;
  return settings;
}

const rulesOf = (
  by: Actor,
  { accepted_metadata, catalogue }: ClientEnv,
  registered_scope: readonly string[],
): ClientMetadataRules => ({
  ...accepted_metadata,
  short_schemes: by.kind === "operator" ? "any" : [],
  ...(catalogue && { scopes: [...knownScopes(catalogue), ...registered_scope] }),
});

const knownScopes = ({ scopes }: Catalogue): string[] => [...OPENID_SCOPES, ...Object.keys(scopes)];

/** A person's app acts for people who agreed, and never for itself. */
function checkAppOfPerson({ grant_types }: ClientMetadata): void {
  const allowed = ["authorization_code", DEVICE_CODE, "refresh_token"];
  if (!grant_types.every((each) => allowed.includes(each)))
    throw refuse("grant_types", `of a person's app may hold ${allowed.join(", ")} only`);
}

/** Neither does a client that registered itself, whoever changes it. */
function checkActsForPeople(
  { grant_types }: ClientMetadata,
  { accepted_metadata }: ClientEnv,
): void {
  const refused = accepted_metadata.confidential_grant_types.find((each) =>
    grant_types.includes(each),
  );
  if (refused !== undefined)
    throw refuse("grant_types", `may hold ${refused} only for a client that an operator added`);
}

function problemsTogether({ metadata, require_pkce, resource }: ClientSettings): OAuthError[] {
  if (isConfidential(metadata)) return [];
  const problems: OAuthError[] = [];
  if (!require_pkce)
    problems.push(
      refuse("require_pkce", "stays on: a client without credentials can't do without PKCE"),
    );
  if (resource !== null)
    problems.push(
      refuse(
        "token_endpoint_auth_method",
        "is none, but an API has to prove itself to look into tokens",
      ),
    );
  return problems;
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

/** The issuer is no API, and stands for the scopes that no API lists. */
function checkKnown(member: string, resource: string, catalogue: Catalogue | null): void {
  if (catalogue && resource !== catalogue.issuer && !findResource(catalogue, resource))
    throw refuse(member, "is not known to this server", { error: "invalid_target", resource });
}

function readFlag(given: Map<string, unknown>, name: string, otherwise: boolean): boolean {
  const value = given.get(name) ?? otherwise;
  if (typeof value !== "boolean") throw refuse(name, "must be true or false");
  return value;
}

/** A person changes and removes their own apps only, and a client only itself. @throws OAuthError `access_denied` */
export function checkMay(
  { owner_sub, client_id }: Pick<ClientRecord, "owner_sub" | "client_id">,
  by: Actor,
): void {
  const owner = { person: owner_sub, client: client_id, operator: null }[by.kind];
  const own = by.id !== null && owner === by.id;
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
