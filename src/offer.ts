/** Derives from the features that are on: routes, grants, client authentication, the metadata, and accepted registrations. */
import type { ClientAuthMethod, Server } from "./context.ts";
import { metadata, openIdMetadata } from "./endpoints/well_known.ts";
import type { Described, Feature, Grants } from "./features.ts";
import type { GrantType } from "./grants/grant.ts";
import { basePath } from "./http/paths.ts";
import { api, type Route } from "./http/route.ts";
import type { ProofKind } from "./oauth/assurance.ts";
import type { AcceptedMetadata } from "./oauth/client_metadata.ts";
import { metadataPaths, serverMetadata } from "./oauth/server_metadata.ts";

export type Offer = Pick<
  Server,
  "features" | "proof_kinds" | "client_auth" | "accepted_metadata" | "metadata"
>;

/** @param described the parts of the server that metadata describe */
export function offerOf(
  features: readonly Feature[],
  described: Omit<Described, "client_auth" | "features" | "proof_kinds">,
): Offer {
  const { issuer } = described.catalogue;
  const client_auth = methodsOf(features);
  const accepted_metadata = acceptedMetadata(features);
  const names = new Set(features.map(({ name }) => name));
  const proof_kinds = proofKindsIn(features);
  const whole = { ...described, client_auth, features: names, proof_kinds };
  const members = features.map((each) => each.metadata?.(whole) ?? {});
  const endpoints = Object.fromEntries(endpointsOf(features).map((each) => [each.name, each.path]));
  return {
    features: names,
    proof_kinds,
    client_auth,
    accepted_metadata,
    metadata: serverMetadata({ issuer, endpoints, accepted: accepted_metadata, members }),
  };
}

/** The kinds of proof that people can give. */
export const proofKindsIn = (features: readonly Feature[]): ProofKind[] =>
  features.flatMap(({ proof }) => proof ?? []);

/** Every address that the server answers. */
export function routesOf(features: readonly Feature[], issuer: string): Route[] {
  const base = basePath(issuer);
  return [
    ...ownRoutes(features).map((route) => ({ ...route, path: joined(base, route.path) })),
    ...metadataPaths(issuer).map((path) =>
      api(
        path,
        { GET: path.includes("/openid-configuration") ? openIdMetadata : metadata },
        { outlasts_database: true },
      ),
    ),
  ];
}

/** The values of client metadata that these features accept. */
export function acceptedMetadata(features: readonly Feature[]): AcceptedMetadata {
  const grants = [...grantsOf(features).values()];
  const named = (some: readonly GrantType[]) => some.map(({ grant_type }) => grant_type);
  return {
    grant_types: named(grants),
    asking_grant_types: named(grants.filter(({ asks_person }) => asks_person)),
    confidential_grant_types: named(grants.filter(({ confidential_only }) => confidential_only)),
    response_types: features.flatMap(({ response_types = [] }) => response_types),
    token_endpoint_auth_methods: methodsOf(features).map(({ name }) => name),
  };
}

export interface Endpoint extends Pick<Route, "path" | "kind" | "cors"> {
  /** The metadata member that holds its address. */
  name: string;
  methods: string[];
}

/** The endpoints that the metadata advertises, each path below the issuer. */
export const endpointsOf = (features: readonly Feature[]): Endpoint[] =>
  ownRoutes(features).flatMap(({ advertised_as: name, path, kind, cors, methods }) =>
    name === null ? [] : [{ name, path, kind, cors, methods: Object.keys(methods) }],
  );

const ownRoutes = (features: readonly Feature[]): Route[] => {
  const grants = grantsOf(features);
  return features.flatMap(({ routes }) => routes?.(grants) ?? []);
};

const grantsOf = (features: readonly Feature[]): Grants =>
  new Map(features.flatMap(({ grant }) => (grant ? [[grant.grant_type, grant] as const] : [])));

const methodsOf = (features: readonly Feature[]): ClientAuthMethod[] =>
  features.flatMap(({ client_auth }) => client_auth ?? []);

/** `/` is the issuer itself. */
const joined = (base: string, path: string): string =>
  path === "/" && base !== "" ? base : base + path;
