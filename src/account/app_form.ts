/** The form for an app that a person registers: name, site, redirect URIs (RFC 7591 metadata inside). */
import { appKind } from "../clients/connection.ts";
import type { Context } from "../context.ts";
import { type ClientMetadata, DEVICE_CODE, readClientMetadata } from "../oauth/client_metadata.ts";
import { joined } from "../oauth/errors.ts";
import type { Params } from "../oauth/params.ts";
import { redirectUriProblem } from "../oauth/redirect_uri.ts";
import { within } from "../oauth/scope.ts";
import {
  APP_KINDS,
  type AppErrors,
  type AppValues,
  AUTH_METHODS,
  type AuthMethod,
} from "../pages/account/app_form.ts";
import type { AppKind } from "../pages/account/connection.ts";
import type { ClientRecord } from "../store/records.ts";

const MOST_URIS = 20;
const LONGEST_NAME = 60;

export function readAppValues(params: Params, ctx: Accepted): AppValues {
  const read = (name: string) => (params.get(name) ?? "").trim();
  return {
    name: read("name"),
    site: read("site"),
    redirect_uris: read("redirect_uris"),
    post_logout_redirect_uris: read("post_logout_redirect_uris"),
    kind: kindsOf(ctx).find((kind) => kind === params.get("kind")) ?? "web",
    auth_method: readAuthMethod(params, "client_secret_basic"),
  };
}

export const readAuthMethod = (params: Params, otherwise: AuthMethod): AuthMethod =>
  AUTH_METHODS.find((method) => method === params.get("auth_method")) ?? otherwise;

export function appValuesOf(client: Pick<ClientRecord, "metadata" | "set_by_operator">): AppValues {
  const { client_name, client_uri, redirect_uris, token_endpoint_auth_method } = client.metadata;
  const { post_logout_redirect_uris = [] } = client.metadata;
  return {
    name: client_name ?? "",
    site: client_uri ?? "",
    redirect_uris: redirect_uris.join("\n"),
    post_logout_redirect_uris: post_logout_redirect_uris.join("\n"),
    kind: appKind(client),
    // An operator may have chosen it, or have given the app keys instead of a secret.
    auth_method: client.set_by_operator.includes("token_endpoint_auth_method")
      ? null
      : (AUTH_METHODS.find((method) => method === token_endpoint_auth_method) ?? null),
  };
}

type Accepted = Pick<Context, "accepted_metadata">;

/** A device needs the grant that it gets its tokens by. */
export const kindsOf = ({ accepted_metadata }: Accepted): readonly AppKind[] =>
  APP_KINDS.filter(
    (kind) => kind !== "device" || accepted_metadata.grant_types.includes(DEVICE_CODE),
  );

/** Only grants of people, so that each token of the app belongs to a person. */
function grantTypesOf(kind: AppKind, redirect_uris: readonly string[]): string[] {
  const byDevice = kind === "device" ? [DEVICE_CODE] : [];
  const byCode = kind !== "device" || redirect_uris.length > 0 ? ["authorization_code"] : [];
  return [...byDevice, ...byCode, "refresh_token"];
}

/** The metadata of a person's app. */
export function judgeApp(
  values: AppValues,
  { accepted_metadata }: Accepted,
): { metadata: ClientMetadata } | { errors: AppErrors } {
  const redirect_uris = listed(values.redirect_uris);
  const post_logout_redirect_uris = listed(values.post_logout_redirect_uris);
  const { kind, auth_method } = values;
  const application_type = kind === "native" || kind === "device" ? "native" : "web";
  const read = readClientMetadata(
    {
      client_name: values.name,
      ...(values.site !== "" && { client_uri: values.site }),
      redirect_uris: redirect_uris.slice(0, MOST_URIS),
      ...(post_logout_redirect_uris.length > 0 && {
        post_logout_redirect_uris: post_logout_redirect_uris.slice(0, MOST_URIS),
      }),
      application_type,
      token_endpoint_auth_method: kind === "web" ? (auth_method ?? "client_secret_basic") : "none",
      grant_types: within(grantTypesOf(kind, redirect_uris), accepted_metadata.grant_types),
    },
    { ...accepted_metadata, short_schemes: [] },
  );
  const isWrong = (member: string) => read.problems.some(({ parameter }) => parameter === member);
  const too_long = values.name.length > LONGEST_NAME || isWrong("client_name");
  const errors: AppErrors = {
    ...(values.name === "" && { name: "missing" as const }),
    ...(too_long && { name: "long" as const }),
    ...(isWrong("client_uri") && { site: "invalid" as const }),
    ...(kind === "device" && redirect_uris.length === 0
      ? {}
      : judgeUris("redirect_uris", redirect_uris, application_type)),
    ...(post_logout_redirect_uris.length > 0 &&
      judgeUris("post_logout_redirect_uris", post_logout_redirect_uris, application_type)),
  };
  if (Object.keys(errors).length > 0) return { errors };
  const refused = joined(read.problems);
  if (refused) throw refused;
  return { metadata: read.metadata };
}

const listed = (text: string): string[] => text.split(/\s+/).filter(Boolean);

/** The problems of each URI, in the order in which they were typed. */
function judgeUris(
  field: "redirect_uris" | "post_logout_redirect_uris",
  uris: readonly string[],
  application_type: "web" | "native",
): AppErrors {
  if (uris.length === 0) return { [field]: [{ kind: "missing" }] };
  if (uris.length > MOST_URIS) return { [field]: [{ kind: "many", count: MOST_URIS }] };
  const errors = uris.flatMap((uri) => {
    const found = redirectUriProblem(uri, { application_type, short_schemes: [] });
    return found ? [{ kind: found.kind, uri, write_as: found.write_as }] : [];
  });
  return errors.length > 0 ? { [field]: errors } : {};
}
