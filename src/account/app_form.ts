/** The form for an app that a person registers: name, site, redirect URIs (RFC 7591 metadata inside). */
import type { Context } from "../context.ts";
import {
  type ClientMetadata,
  isConfidential,
  parseClientMetadata,
} from "../oauth/client_metadata.ts";
import { OAuthError } from "../oauth/errors.ts";
import type { Params } from "../oauth/params.ts";
import { redirectUriProblem } from "../oauth/redirect_uri.ts";
import { within } from "../oauth/scope.ts";
import type { AppErrors, AppValues } from "../pages/account/app_form.ts";

const GRANT_TYPES = ["authorization_code", "refresh_token"];
const MOST_URIS = 20;
const LONGEST_NAME = 60;

export function readAppValues(params: Params): AppValues {
  const read = (name: string) => (params.get(name) ?? "").trim();
  return {
    name: read("name"),
    site: read("site"),
    redirect_uris: read("redirect_uris"),
    kind: read("kind") === "device" ? "device" : "web",
  };
}

export const appValuesOf = (metadata: ClientMetadata): AppValues => ({
  name: metadata.client_name ?? "",
  site: metadata.client_uri ?? "",
  redirect_uris: metadata.redirect_uris.join("\n"),
  kind: isConfidential(metadata) ? "web" : "device",
});

/** Metadata that a person's app gets: code and refresh tokens, so that each token of it is a person's. */
export function judgeApp(
  values: AppValues,
  { accepted_metadata }: Pick<Context, "accepted_metadata">,
): { metadata: ClientMetadata } | { errors: AppErrors } {
  const redirect_uris = values.redirect_uris.split(/\s+/).filter(Boolean);
  const application_type = values.kind === "device" ? "native" : "web";
  const errors: AppErrors = {
    ...(values.name === "" && { name: "missing" as const }),
    ...(values.name.length > LONGEST_NAME && { name: "long" as const }),
    ...judgeRedirectUris(redirect_uris, application_type),
  };
  if (Object.keys(errors).length > 0) return { errors };
  try {
    const input = {
      client_name: values.name,
      ...(values.site !== "" && { client_uri: values.site }),
      redirect_uris,
      application_type,
      token_endpoint_auth_method: values.kind === "device" ? "none" : "client_secret_basic",
      grant_types: within(GRANT_TYPES, accepted_metadata.grant_types),
    };
    return { metadata: parseClientMetadata(input, { ...accepted_metadata, short_schemes: [] }) };
  } catch (error) {
    const parameter = error instanceof OAuthError ? error.parameter : null;
    if (parameter === "client_name") return { errors: { name: "long" } };
    if (parameter === "client_uri") return { errors: { site: "invalid" } };
    throw error;
  }
}

type UriErrors = Pick<AppErrors, "redirect_uris">;

function judgeRedirectUris(uris: readonly string[], application_type: "web" | "native"): UriErrors {
  if (uris.length === 0) return { redirect_uris: { kind: "missing" } };
  if (uris.length > MOST_URIS) return { redirect_uris: { kind: "many", count: MOST_URIS } };
  for (const uri of uris) {
    const found = redirectUriProblem(uri, { application_type, short_schemes: [] });
    if (found) return { redirect_uris: { kind: found.kind, uri } };
  }
  return {};
}
