/** Client metadata from an operator: a file, flags, or a file with flags that override it. */
import { usualGrantTypes } from "../clients/new_client.ts";
import { CLIENT_MEMBERS, type ClientEnv, SHOWN_MEMBERS } from "../clients/rules.ts";
import { nearest } from "../config_keys.ts";
import { featuresOf } from "../features.ts";
import { createOutbound } from "../http/outbound.ts";
import { isAtLeast, reachable } from "../oauth/assurance.ts";
import { DEVICE_CODE, isConfidential } from "../oauth/client_metadata.ts";
import { isOnThisComputer } from "../oauth/redirect_uri.ts";
import { findResponseType } from "../oauth/response_type.ts";
import { isOpenIdScope } from "../oauth/scope.ts";
import { acceptedMetadata, proofKindsIn } from "../offer.ts";
import type { ClientRecord } from "../store/records.ts";
import type { OpenDatabase } from "./database.ts";
import { readJsonFile } from "./input.ts";
import { warn } from "./output.ts";
import type { Settings } from "./settings.ts";

export interface MetadataFlags {
  file?: string;
  name?: string;
  site?: string;
  logo?: string;
  policy?: string;
  terms?: string;
  redirectUri?: string[];
  native?: boolean;
  grantType?: string[];
  authMethod?: string;
  jwks?: string;
  jwksUri?: string;
  scope?: string;
  mayAsk?: string[];
  postLogoutRedirectUri?: string[];
  backchannelLogoutUri?: string;
  pairwise?: boolean;
  requiredAcr?: string;
  sector?: string;
  idTokenAlg?: string;
  idTokenClaims?: string;
  resource?: string;
  trusted?: boolean;
  requirePkce?: boolean;
}
type Members = Record<string, unknown>;

/** Without a configuration file, any API may be named, since only the server knows them. */
export function clientEnv({ env }: OpenDatabase, { full, config_file }: Settings): ClientEnv {
  const { issuer, scopes, resources } = full;
  return {
    ...env,
    outbound: createOutbound(full),
    accepted_metadata: acceptedMetadata(featuresOf(full)),
    catalogue: config_file === null ? null : { issuer, scopes, resources },
  };
}

/**
 * The members of a client from a file and flags. Flags override the file. @throws CliError for a file that can't be
 * read
 */
export async function readDocument(flags: MetadataFlags, base: Members): Promise<Members> {
  const { file } = flags;
  const written = file === undefined ? base : await readJsonFile(file);
  const named = await fromFlags(flags);
  const document = { ...written, ...named };
  // The response types follow from the grants, unless the file sets both.
  if (named.grant_types !== undefined) delete document.response_types;
  return document;
}

/** Short names of grant types (RFC 8628 §3.4). */
const SHORT: Readonly<Record<string, string>> = { device_code: DEVICE_CODE };

async function fromFlags(flags: MetadataFlags): Promise<Members> {
  const { name, site, redirectUri, native, grantType, authMethod, jwks, jwksUri } = flags;
  const { scope, mayAsk, postLogoutRedirectUri, backchannelLogoutUri, idTokenAlg, resource } =
    flags;
  const {
    idTokenClaims,
    trusted,
    requirePkce,
    logo,
    policy,
    terms,
    pairwise,
    sector,
    requiredAcr,
  } = flags;
  return {
    ...(name !== undefined && { client_name: name }),
    ...(site !== undefined && { client_uri: site }),
    ...(logo !== undefined && { logo_uri: logo }),
    ...(policy !== undefined && { policy_uri: policy }),
    ...(terms !== undefined && { tos_uri: terms }),
    ...(redirectUri && { redirect_uris: redirectUri }),
    ...(native && { application_type: "native" }),
    ...(grantType && { grant_types: grantType.map((each) => SHORT[each] ?? each) }),
    ...(authMethod !== undefined && { token_endpoint_auth_method: authMethod }),
    // The keys themselves and their address exclude each other, so one replaces the other.
    ...((jwks ?? jwksUri) !== undefined && {
      jwks: jwks === undefined ? null : await readJsonFile(jwks),
      jwks_uri: jwksUri ?? null,
    }),
    ...(scope !== undefined && { scope }),
    ...(mayAsk && { resources: mayAsk }),
    ...(postLogoutRedirectUri && { post_logout_redirect_uris: postLogoutRedirectUri }),
    ...(backchannelLogoutUri !== undefined && { backchannel_logout_uri: backchannelLogoutUri }),
    ...(requiredAcr !== undefined && { required_acr: requiredAcr }),
    ...(pairwise && { subject_type: "pairwise" }),
    ...(sector !== undefined && { sector_identifier_uri: sector }),
    ...(idTokenAlg !== undefined && { id_token_signed_response_alg: idTokenAlg }),
    ...(idTokenClaims !== undefined && { id_token_claims: idTokenClaims }),
    ...(resource !== undefined && { resource }),
    ...(trusted !== undefined && { trusted }),
    ...(requirePkce !== undefined && { require_pkce: requirePkce }),
  };
}

/** Members of a new client that its flags do not set. */
export function defaultsFor(flags: MetadataFlags): Members {
  const { redirectUri, resource, jwks, jwksUri, native } = flags;
  return {
    grant_types: usualGrantTypes({ redirect_uris: redirectUri, resource }),
    ...(native && { token_endpoint_auth_method: "none" }),
    ...((jwks ?? jwksUri) !== undefined && { token_endpoint_auth_method: "private_key_jwt" }),
  };
}

/** Warns of members that are left out (RFC 7591 §2), before anything is judged: the cause may be a mistyped name. */
export function warnOfUnknown(document: Members): void {
  const known = [...CLIENT_MEMBERS, ...SHOWN_MEMBERS];
  const lost = Object.keys(document).filter((name) => !known.includes(name) && document[name]);
  if (lost.length === 0) return;
  const told = lost.map((name) => {
    const near = nearest(name, CLIENT_MEMBERS);
    return near === null ? name : `${name} (did you mean ${near}?)`;
  });
  warn(`not kept, since valetkey does not know it: ${told.join(", ")}`);
}

/** A server leaves out unsupported values; an operator is warned of them. */
export function warnOfLoss(document: Members, client: ClientRecord): void {
  if (typeof document.client_id === "string" && document.client_id !== client.client_id)
    warn("the file's client_id is not used: --client-id chooses one");
  for (const name of ["grant_types", "response_types", "scope"] as const) {
    const registered = valuesOf(client.metadata[name]);
    const dropped = valuesOf(document[name]).filter(
      (value) => !registered.includes(findResponseType(String(value))?.name ?? value),
    );
    if (dropped.length > 0)
      warn(
        `${name}: ${dropped.join(" ")} is not supported and left out; registered is ${registered.join(" ")}`,
      );
  }
}

const valuesOf = (value: unknown): unknown[] =>
  typeof value === "string" ? value.split(" ").filter(Boolean) : [value ?? []].flat();

/** Warns of settings that are allowed but often unintended. */
export function warnAbout(client: ClientRecord, { full, config_file }: Settings): void {
  const { metadata, require_pkce, trusted, resource } = client;
  const { redirect_uris } = metadata;
  if (!require_pkce)
    warn("require_pkce is off: a stolen code is worth more, and nonce is not required either");
  if (metadata.legacy_assertion_audience)
    warn("legacy_assertion_audience is on: another server could pass on an assertion of this app");
  for (const uri of redirect_uris) {
    const [scheme = ""] = uri.split(":");
    if (!/^https?$/.test(scheme) && !scheme.includes("."))
      warn(`any app on a device can take ${scheme}: for itself; com.example.app: would be yours`);
  }
  if (trusted && !isConfidential(metadata) && redirect_uris.every(isOnThisComputer))
    warn(
      "trusted has no effect: any program on the computer could be this app, so people are asked",
    );
  const { required_acr } = metadata;
  if (
    required_acr !== undefined &&
    !reachable(proofKindsIn(featuresOf(full))).some((each) => isAtLeast(each, required_acr))
  )
    warn(`no sign-in here reaches ${required_acr}, so nobody can sign in to it`);
  if (config_file === null) return;
  const unknown = (metadata.scope?.split(" ") ?? []).filter(
    (name) => !isOpenIdScope(name) && !Object.hasOwn(full.scopes, name),
  );
  if (unknown.length > 0) warn(`${config_file} does not describe the scope ${unknown.join(", ")}`);
  if (resource !== null && resource !== full.issuer && !Object.hasOwn(full.resources, resource))
    warn(`${config_file} has no resource ${resource}, so there are no tokens for it`);
}
