/** The table of everything that the server offers. A feature that is off has no route, is not advertised, and is refused. */
import { checkPassword } from "./authentication/check_password.ts";
import { answerConsent, showConsent } from "./authorization/consent_page.ts";
import { enterDevice, showDevice } from "./authorization/device_page.ts";
import { withWayBack } from "./authorization/way_back.ts";
import { clientSecretBasic } from "./client_auth/client_secret_basic.ts";
import { clientSecretPost } from "./client_auth/client_secret_post.ts";
import { none } from "./client_auth/none.ts";
import { privateKeyJwt } from "./client_auth/private_key_jwt.ts";
import type { FullConfig } from "./config.ts";
import type { ClientAuthMethod, Server } from "./context.ts";
import { authorize, authorizeByPost } from "./endpoints/authorization.ts";
import { deleteClient, readClient, updateClient } from "./endpoints/client_configuration.ts";
import { deviceAuthorization } from "./endpoints/device_authorization.ts";
import { endSession, endSessionByPost } from "./endpoints/end_session.ts";
import { ended } from "./endpoints/ended.ts";
import { introspection } from "./endpoints/introspection.ts";
import { logo } from "./endpoints/logo.ts";
import { probe } from "./endpoints/probe.ts";
import { readyz } from "./endpoints/readyz.ts";
import { register } from "./endpoints/registration.ts";
import { revocation } from "./endpoints/revocation.ts";
import { tokenEndpoint } from "./endpoints/token.ts";
import { userinfo } from "./endpoints/userinfo.ts";
import { jwks } from "./endpoints/well_known.ts";
import { authorizationCode } from "./grants/authorization_code.ts";
import { clientCredentials } from "./grants/client_credentials.ts";
import { deviceCode } from "./grants/device_code.ts";
import type { GrantType } from "./grants/grant.ts";
import { implicit } from "./grants/implicit.ts";
import { password } from "./grants/password.ts";
import { refreshToken } from "./grants/refresh_token.ts";
import { text } from "./http/message.ts";
import { api, bare, type Handler, page, type Route } from "./http/route.ts";
import { type ProofKind, reachable } from "./oauth/assurance.ts";
import { FRONT_CHANNEL_RESPONSE_TYPES } from "./oauth/response_type.ts";
import {
  authMembers,
  authorizationMembers,
  openIdMembers,
  provingMethods,
} from "./oauth/server_metadata.ts";
import { PEOPLE_FEATURES } from "./people_features.ts";

/** The parts of the server that metadata describe. */
export type Described = Pick<
  Server,
  "catalogue" | "settings" | "languages" | "client_auth" | "features" | "proof_kinds"
>;
/** By `grant_type`. */
export type Grants = ReadonlyMap<string, GrantType>;

export interface Feature {
  readonly name: string;
  /** Whether the configuration turns it on. Left out: always. */
  on?(config: FullConfig): boolean;
  /** Routes below the issuer. @param grants the grant types that are on */
  routes?(grants: Grants): readonly Route[];
  readonly grant?: GrantType;
  readonly client_auth?: ClientAuthMethod;
  /** A kind of proof that people can give. */
  readonly proof?: ProofKind;
  readonly response_types?: readonly string[];
  /** Members of the metadata, beside the addresses of its routes. */
  metadata?(described: Described): Readonly<Record<string, unknown>>;
}

const healthz: Handler = async () => text("ok\n");

/** In the order in which metadata names them. */
export const FEATURES: readonly Feature[] = [
  {
    name: "authorization_code",
    grant: authorizationCode,
    response_types: ["code"],
    routes: () => [
      page(
        "/authorize",
        { GET: withWayBack(authorize), POST: authorizeByPost },
        { advertised_as: "authorization_endpoint" },
      ),
      page("/consent", { GET: withWayBack(showConsent), POST: withWayBack(answerConsent) }),
    ],
    metadata: authorizationMembers,
  },
  {
    name: "implicit",
    on: ({ legacy_grants }) => legacy_grants,
    grant: implicit,
    response_types: FRONT_CHANNEL_RESPONSE_TYPES,
  },
  {
    name: "request_uri",
    on: ({ legacy_grants }) => legacy_grants,
    metadata: () => ({ require_request_uri_registration: true }),
  },
  { name: "password", on: ({ legacy_grants }) => legacy_grants, grant: password(checkPassword) },
  {
    name: "client_id_metadata_documents",
    on: (config) => config.client_id_metadata_documents.enabled,
    metadata: () => ({ client_id_metadata_document_supported: true }),
  },
  { name: "refresh_token", grant: refreshToken },
  {
    name: "device_code",
    grant: deviceCode,
    routes: () => [
      api(
        "/device_authorization",
        { POST: deviceAuthorization },
        { limited: true, advertised_as: "device_authorization_endpoint" },
      ),
      page("/device", { GET: showDevice, POST: enterDevice }),
    ],
  },
  { name: "client_credentials", grant: clientCredentials },
  {
    name: "token",
    routes: (grants) => [
      api(
        "/token",
        { POST: tokenEndpoint(grants) },
        { limited: true, advertised_as: "token_endpoint" },
      ),
      api("/jwks", { GET: jwks }, { advertised_as: "jwks_uri", outlasts_database: true }),
    ],
    metadata: ({ client_auth }) => authMembers("token_endpoint", client_auth),
  },
  {
    name: "openid",
    routes: () => [
      api(
        "/userinfo",
        { GET: userinfo, POST: userinfo },
        { limited: true, advertised_as: "userinfo_endpoint" },
      ),
    ],
    metadata: ({ catalogue, settings, languages, proof_kinds }) =>
      openIdMembers({
        catalogue,
        acr_values: reachable(proof_kinds).map((level) => settings.acr[level]),
        ui_locales: languages.map(({ tag }) => tag),
      }),
  },
  {
    name: "revocation",
    routes: () => [
      api("/revoke", { POST: revocation }, { limited: true, advertised_as: "revocation_endpoint" }),
    ],
    metadata: ({ client_auth }) => authMembers("revocation_endpoint", client_auth),
  },
  {
    name: "introspection",
    routes: () => [
      api(
        "/introspect",
        { POST: introspection },
        { limited: true, cors: false, advertised_as: "introspection_endpoint" },
      ),
    ],
    metadata: ({ client_auth }) =>
      authMembers("introspection_endpoint", provingMethods(client_auth)),
  },
  {
    name: "ended_tokens",
    routes: () => [
      api("/ended", { GET: ended }, { polled: true, advertised_as: "valetkey_ended_endpoint" }),
    ],
  },
  {
    name: "end_session",
    routes: () => [
      page(
        "/logout",
        { GET: endSession, POST: endSessionByPost },
        { advertised_as: "end_session_endpoint" },
      ),
    ],
  },
  {
    name: "registration",
    on: ({ registration }) => registration.mode !== "off",
    routes: () => [
      api(
        "/register",
        { POST: register },
        { limited: true, advertised_as: "registration_endpoint" },
      ),
      api(
        "/register/{client_id}",
        { GET: readClient, PUT: updateClient, DELETE: deleteClient },
        { limited: true },
      ),
    ],
  },
  {
    name: "backchannel_logout",
    metadata: () => ({
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
    }),
  },
  { name: "none", client_auth: none },
  { name: "client_secret_basic", client_auth: clientSecretBasic },
  { name: "client_secret_post", client_auth: clientSecretPost },
  { name: "private_key_jwt", client_auth: privateKeyJwt },
  ...PEOPLE_FEATURES,
  {
    name: "logos",
    routes: () => [page("/logo/{client_id}/{hash}", { GET: logo })],
  },
  {
    name: "health",
    routes: () => [bare("/healthz", { GET: healthz }), bare("/readyz", { GET: readyz })],
  },
  { name: "probe", routes: () => [bare("/probe", { GET: probe })] },
];

export const featuresOf = (config: FullConfig): Feature[] =>
  FEATURES.filter(({ on }) => on?.(config) ?? true);
