/** The rules for a client that registers or changes itself (RFC 7591, RFC 7592): no person has looked at it. */
import {
  type AcceptedMetadata,
  type ClientMetadata,
  type ClientMetadataRules,
  isConfidential,
} from "../oauth/client_metadata.ts";
import { OAuthError } from "../oauth/errors.ts";
import { settingHint } from "../oauth/hint.ts";
import type { Catalogue } from "../oauth/resource_indicator.ts";
import { OPENID_SCOPES } from "../oauth/scope.ts";
import type { Env } from "../operation.ts";

type Registration = Env["settings"]["registration"];

interface Rules {
  accepted_metadata: AcceptedMetadata;
  catalogue: Catalogue | null;
  settings: { registration: Registration };
}

/** The values that such a client may have. Others are dropped. */
export function ownRules(
  { accepted_metadata, catalogue, settings: { registration } }: Rules,
  registered_scope: readonly string[],
): ClientMetadataRules {
  const { grant_types, confidential_grant_types } = accepted_metadata;
  const open = Object.values(catalogue?.resources ?? {}).filter((resource) => resource.open);
  return {
    ...accepted_metadata,
    // The others act without a person, who could say no.
    grant_types: grant_types.filter((each) => !confidential_grant_types.includes(each)),
    short_schemes: registration.allowed_schemes,
    scopes: [...OPENID_SCOPES, ...open.flatMap(({ scopes }) => scopes), ...registered_scope],
  };
}

/** Only a confidential web app has credentials that others can't read, so that it may do without PKCE. */
export const mayOmitPkce = (metadata: ClientMetadata): boolean =>
  isConfidential(metadata) && metadata.application_type === "web";

/** Problems of metadata that the general rules allow. */
export function ownProblems(metadata: ClientMetadata, registration: Registration): OAuthError[] {
  const problems: OAuthError[] = [];
  const addresses = [
    ...metadata.redirect_uris.map((uri) => ["redirect_uris", "redirect_uri", uri] as const),
    ...(metadata.post_logout_redirect_uris ?? []).map(
      (uri) => ["post_logout_redirect_uris", "post_logout_redirect_uri", uri] as const,
    ),
    ...only("initiate_login_uri", metadata.initiate_login_uri),
  ];
  for (const [parameter, one, uri] of addresses) {
    const problem = addressProblem(uri, registration);
    const reason = { uri, ...settingHint("registration.allowed_redirect_hosts") };
    const error =
      parameter === "initiate_login_uri" ? "invalid_client_metadata" : "invalid_redirect_uri";
    if (problem !== null)
      problems.push(new OAuthError(error, `${one} ${problem}`, { parameter, reason }));
  }
  // A picture in the metadata may be a document that pages would carry along.
  if (metadata.logo_uri?.startsWith("data:"))
    problems.push(
      new OAuthError("invalid_client_metadata", "logo_uri must be an https address", {
        parameter: "logo_uri",
      }),
    );
  return problems;
}

const only = <Name extends string>(name: Name, uri: string | undefined) =>
  uri === undefined ? [] : [[name, name, uri] as const];

/** The owner of a redirect URI gets the answers, so an operator lists the hosts and schemes. */
function addressProblem(
  uri: string,
  { mode, allowed_redirect_hosts, allowed_schemes }: Registration,
): string | null {
  const url = URL.parse(uri);
  // The general rules have refused it.
  if (url === null) return null;
  const { protocol, host, hostname } = url;
  const web = protocol === "https:" || protocol === "http:";
  // An operator gave the token to somebody, which is enough without a list.
  const known = mode === "token" && (!web || allowed_redirect_hosts.length === 0);
  if (known) return null;
  if (!web)
    return allowed_schemes.includes(protocol.slice(0, -1))
      ? null
      : "has a scheme that apps can't register here by themselves: an operator can list it";
  const here = ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
  if (here || allowed_redirect_hosts.includes(host) || allowed_redirect_hosts.includes("*"))
    return null;
  return "is on a host that apps can't register here by themselves: an operator can list it";
}
