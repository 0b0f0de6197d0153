/** Client metadata as an operator gives it: a file, flags, or flags over a file. */
import { featuresOf } from "../features.ts";
import {
  type ClientMetadata,
  isConfidential,
  parseClientMetadata,
} from "../oauth/client_metadata.ts";
import { isOnThisComputer } from "../oauth/redirect_uri.ts";
import { isOpenIdScope } from "../oauth/scope.ts";
import { acceptedMetadata } from "../offer.ts";
import type { ClientRecord } from "../store/records.ts";
import { CliError } from "./errors.ts";
import { readJsonFile } from "./input.ts";
import { warn } from "./output.ts";
import type { Settings } from "./settings.ts";

export interface MetadataFlags {
  file?: string;
  name?: string;
  site?: string;
  redirectUri?: string[];
  native?: boolean;
  grantType?: string[];
  authMethod?: string;
  jwks?: string;
  scope?: string;
  postLogoutRedirectUri?: string[];
  idTokenAlg?: string;
  resource?: string;
}
type Members = Record<string, unknown>;

/** @throws CliError or OAuthError naming what is wrong */
export async function readMetadata(
  flags: MetadataFlags,
  base: Members,
  { full }: Pick<Settings, "full">,
): Promise<ClientMetadata> {
  const { file } = flags;
  const written = file === undefined ? base : await readJsonFile(file);
  const named = await fromFlags(flags);
  const input = { ...written, ...named };
  // Which response types there are follows from the grants, unless the same file says both.
  if (named.grant_types !== undefined) delete input.response_types;
  const metadata = parseClientMetadata(input, {
    ...acceptedMetadata(featuresOf(full)),
    short_schemes: "any",
  });
  if (file !== undefined) warnOfLoss(written, metadata);
  return metadata;
}

async function fromFlags(flags: MetadataFlags): Promise<Members> {
  const { name, site, redirectUri, native, grantType, authMethod, jwks } = flags;
  const { scope, postLogoutRedirectUri, idTokenAlg } = flags;
  return {
    ...(name !== undefined && { client_name: name }),
    ...(site !== undefined && { client_uri: site }),
    ...(redirectUri && { redirect_uris: redirectUri }),
    ...(native && { application_type: "native" }),
    ...(grantType && { grant_types: grantType }),
    ...(authMethod !== undefined && { token_endpoint_auth_method: authMethod }),
    ...(jwks !== undefined && { jwks: await readJsonFile(jwks) }),
    ...(scope !== undefined && { scope }),
    ...(postLogoutRedirectUri && { post_logout_redirect_uris: postLogoutRedirectUri }),
    ...(idTokenAlg !== undefined && { id_token_signed_response_alg: idTokenAlg }),
  };
}

/** What flags alone leave open for a new client. */
export function defaultsFor(flags: MetadataFlags): Members {
  const { redirectUri, resource, jwks, native } = flags;
  const alone = resource === undefined ? ["client_credentials"] : [];
  return {
    grant_types: redirectUri ? ["authorization_code", "refresh_token"] : alone,
    ...(native && { token_endpoint_auth_method: "none" }),
    ...(jwks !== undefined && { token_endpoint_auth_method: "private_key_jwt" }),
  };
}

/** RFC 7591 §2: what a server does not know it leaves out; an operator wants to hear of it. */
function warnOfLoss(written: Members, metadata: ClientMetadata): void {
  const lost = Object.keys(written).filter((name) => !(name in metadata));
  if (lost.includes("client_id")) warn("the file's client_id is not used: --client-id chooses one");
  const others = lost.filter((name) => name !== "client_id");
  if (others.length > 0) warn(`not kept, since valetkey does not know it: ${others.join(", ")}`);
}

/** @throws CliError for what no client of this kind may have */
export function checkOptions(
  metadata: ClientMetadata,
  { require_pkce, resource }: Pick<ClientRecord, "require_pkce" | "resource">,
): void {
  const isPublic = !isConfidential(metadata);
  if (isPublic && !require_pkce)
    throw new CliError(
      "a client without credentials can't do without PKCE",
      "leave out --no-require-pkce, or give it an --auth-method",
    );
  if (resource === null) return;
  if (!URL.canParse(resource) || resource.includes("#"))
    throw new CliError(`--resource ${resource} is not an absolute URL without fragment`);
  if (isPublic)
    throw new CliError(
      "an API has to prove itself to look into tokens",
      "leave out --native and --auth-method none",
    );
}

/** What is allowed and often not meant. */
export function warnAbout(client: ClientRecord, { full, config_file }: Settings): void {
  const { metadata, require_pkce, trusted, resource } = client;
  const { redirect_uris } = metadata;
  if (!require_pkce)
    warn("require_pkce is off: a stolen code is worth more, and nonce is not required either");
  for (const uri of redirect_uris) {
    const [scheme = ""] = uri.split(":");
    if (!/^https?$/.test(scheme) && !scheme.includes("."))
      warn(`any app on a device can take ${scheme}: for itself; com.example.app: would be yours`);
  }
  if (trusted && !isConfidential(metadata) && redirect_uris.every(isOnThisComputer))
    warn(
      "trusted has no effect: any program on the computer could be this app, so people are asked",
    );
  if (config_file === null) return;
  const unknown = (metadata.scope?.split(" ") ?? []).filter(
    (name) => !isOpenIdScope(name) && !Object.hasOwn(full.scopes, name),
  );
  if (unknown.length > 0) warn(`${config_file} does not describe the scope ${unknown.join(", ")}`);
  if (resource !== null && !Object.hasOwn(full.resources, resource))
    warn(`${config_file} has no resource ${resource}, so there are no tokens for it`);
}
