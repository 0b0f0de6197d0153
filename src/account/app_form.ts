/** The form for an app that a person registers: name, site, redirect URIs (RFC 7591 metadata inside). */
import type { Context } from "../context.ts";
import {
  type ClientMetadata,
  isConfidential,
  readClientMetadata,
} from "../oauth/client_metadata.ts";
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

/** The metadata of a person's app: only codes and refresh tokens, so that each of its tokens belongs to a person. */
export function judgeApp(
  values: AppValues,
  { accepted_metadata }: Pick<Context, "accepted_metadata">,
): { metadata: ClientMetadata } | { errors: AppErrors } {
  const redirect_uris = values.redirect_uris.split(/\s+/).filter(Boolean);
  const application_type = values.kind === "device" ? "native" : "web";
  const read = readClientMetadata(
    {
      client_name: values.name,
      ...(values.site !== "" && { client_uri: values.site }),
      redirect_uris: redirect_uris.slice(0, MOST_URIS),
      application_type,
      token_endpoint_auth_method: values.kind === "device" ? "none" : "client_secret_basic",
      grant_types: within(GRANT_TYPES, accepted_metadata.grant_types),
    },
    { ...accepted_metadata, short_schemes: [] },
  );
  const problems = "problems" in read ? read.problems : [];
  const isWrong = (member: string) => problems.some(({ parameter }) => parameter === member);
  const too_long = values.name.length > LONGEST_NAME || isWrong("client_name");
  const errors: AppErrors = {
    ...(values.name === "" && { name: "missing" as const }),
    ...(too_long && { name: "long" as const }),
    ...(isWrong("client_uri") && { site: "invalid" as const }),
    ...judgeRedirectUris(redirect_uris, application_type),
  };
  if (Object.keys(errors).length > 0) return { errors };
  if ("metadata" in read) return read;
  throw read.problems[0];
}

type UriErrors = Pick<AppErrors, "redirect_uris">;

/** The problems of each URI, in the order in which they were typed. */
function judgeRedirectUris(uris: readonly string[], application_type: "web" | "native"): UriErrors {
  if (uris.length === 0) return { redirect_uris: [{ kind: "missing" }] };
  if (uris.length > MOST_URIS) return { redirect_uris: [{ kind: "many", count: MOST_URIS }] };
  const errors = uris.flatMap((uri) => {
    const found = redirectUriProblem(uri, { application_type, short_schemes: [] });
    return found ? [{ kind: found.kind, uri, write_as: found.write_as }] : [];
  });
  return errors.length > 0 ? { redirect_uris: errors } : {};
}
