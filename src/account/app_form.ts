/** The form for an app that a person registers: name, site, redirect URIs (RFC 7591 metadata inside). */
import {
  type ClientMetadata,
  isConfidential,
  parseClientMetadata,
} from "../oauth/client_metadata.ts";
import { OAuthError } from "../oauth/errors.ts";
import type { Params } from "../oauth/params.ts";
import { redirectUriProblem } from "../oauth/redirect_uri.ts";
import type { AppErrors, AppValues } from "../pages/account/app_form.ts";

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

/** Metadata that a person's app gets: code and refresh tokens only (contract, “Clients”). */
export function judgeApp(values: AppValues): { metadata: ClientMetadata } | { errors: AppErrors } {
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
      grant_types: ["authorization_code", "refresh_token"],
    };
    return { metadata: parseClientMetadata(input, { short_schemes: [] }) };
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    return { errors: error.parameter === "client_name" ? { name: "long" } : { site: "invalid" } };
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
