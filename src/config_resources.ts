/** Checks of the configured scopes and resources. */
import { ConfigError, found, meant } from "./config_error.ts";
import type { Settings } from "./config_schema.ts";
import { RESERVED_CLAIMS } from "./oauth/claims.ts";
import { isOpenIdScope, isScopeToken } from "./oauth/scope.ts";

export function checkCatalogue(
  { scopes, resources }: Pick<Settings, "scopes" | "resources">,
  issuer: string,
  described: readonly string[],
): ConfigError[] {
  const ofScopes = [
    ...described.map((name) => found(() => checkScope(name))),
    ...Object.entries(scopes).map(([name, { claims }]) => found(() => checkClaims(name, claims))),
  ];
  const ofResources = Object.entries(resources).map(([uri, { scopes: listed }]) => [
    ...found(() => checkResource(uri, issuer)),
    ...listed
      .filter((name) => !described.includes(name))
      .map(
        (name) =>
          new ConfigError(
            `resources.${uri}.scopes: ${name} is not described${meant(name, described)}`,
            `add it to scopes: { "${name}": "what it lets an app do, in words for people" }`,
          ),
      ),
  ]);
  return [...ofScopes, ...ofResources].flat();
}

function checkScope(name: string): void {
  if (!isScopeToken(name)) throw new ConfigError(`scopes.${name}: is not a valid scope name`);
  if (isOpenIdScope(name))
    throw new ConfigError(`scopes.${name}: is defined by OpenID Connect and always there`);
  if (name.startsWith("admin."))
    throw new ConfigError(`scopes.${name}: admin.* belongs to the server itself`, "rename it");
}

/** Claims of a user store must not replace those of the server. */
function checkClaims(scope: string, claims: readonly string[]): void {
  const reserved = claims.filter((name) => RESERVED_CLAIMS.has(name));
  if (reserved.length > 0)
    throw new ConfigError(
      `scopes.${scope}.claims: ${reserved.join(", ")} is set by the server itself`,
      "name the claim otherwise",
    );
}

function checkResource(uri: string, issuer: string): void {
  if (!URL.canParse(uri) || uri.includes("#"))
    throw new ConfigError(`resources: ${uri} is not an absolute URI without fragment`);
  if (uri === issuer) throw new ConfigError("resources: the issuer itself is not a resource");
  if (isReserved(uri, issuer))
    throw new ConfigError(`resources: ${uri} belongs to the server itself`, "choose another URI");
}

/** Whether a URI is at or below `/admin` of the issuer, in any spelling. */
function isReserved(uri: string, issuer: string): boolean {
  const [asked, own] = [new URL(uri), URL.parse(`${issuer}/admin`)];
  if (own === null) return false;
  // Clients and proxies may decode escapes.
  const path = asked.pathname.replaceAll(/%([0-9a-f]{2})/gi, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return asked.origin === own.origin && `${path}/`.startsWith(`${own.pathname}/`);
}
