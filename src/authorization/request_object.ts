/** Reads the request object of an authorization request, by value or by reference (OpenID Connect Core §6). */
import { explain, readUnverified, verifiedByClient } from "../client_auth/client_jwt.ts";
import { newerKeys } from "../clients/document_client.ts";
import type { Context } from "../context.ts";
import { sha256 } from "../crypto/hash.ts";
import { reasonOf } from "../fetched/document_cache.ts";
import { RateLimited, takeFromNetwork } from "../http/rate_limit.ts";
import { OAuthError } from "../oauth/errors.ts";
import { updateHint } from "../oauth/hint.ts";
import type { Params } from "../oauth/params.ts";
import {
  ASSEMBLIES,
  checkRequestObject,
  parametersOf,
  REQUEST_OBJECT_TYPES,
  refuse,
} from "../oauth/request_object.ts";
import type { ClientRecord } from "../store/records.ts";

export interface ReadRequest {
  /** The whole request. If it is refused: as far as it can be read, for the target of the error only. */
  params: Params;
  refused: OAuthError | null;
}

/** @param outer the parameters of the query or the form */
export async function readRequestObject(
  outer: Params,
  client: ClientRecord,
  ctx: Context,
): Promise<ReadRequest> {
  try {
    const jwt = await objectOf(outer, client, ctx);
    return jwt === null
      ? { params: outer, refused: null }
      : await readObject(jwt, outer, { client, ctx });
  } catch (error) {
    if (error instanceof OAuthError) return { params: outer, refused: error };
    throw error;
  }
}

/** @returns the JWT; null: the request has none, and needs none */
async function objectOf(outer: Params, client: ClientRecord, ctx: Context): Promise<string | null> {
  const [request, request_uri] = [outer.get("request"), outer.get("request_uri")];
  if (request !== undefined && request_uri !== undefined)
    throw new OAuthError("invalid_request", "request and request_uri exclude each other", {
      parameter: "request_uri",
    });
  if (request_uri !== undefined) return fetchObject(request_uri, client, ctx);
  if (request === undefined && client.metadata.require_signed_request_object === true)
    throw new OAuthError("invalid_request", "this client has to send a signed request object", {
      parameter: "request",
    });
  return request ?? null;
}

async function readObject(
  jwt: string,
  outer: Params,
  { client, ctx }: { client: ClientRecord; ctx: Context },
): Promise<ReadRequest> {
  const { client_id, metadata } = client;
  const read = readUnverified(jwt, REQUEST_OBJECT_TYPES);
  if (!read) throw refuse("is not a signed JWT");
  // A client that always signs relies on it: what is beside the object may be forged.
  const assembled = metadata.require_signed_request_object ? ASSEMBLIES.jar : ASSEMBLIES.openid;
  const params = assembled(outer, parametersOf(read.claims, ctx.settings.limits.parameters));
  try {
    if (read.problem === "type") throw refuse("has the type of another kind of JWT");
    if (read.problem === "header") throw refuse("has a header member that is not allowed");
    checkRequestObject(read.claims, outer, { client_id, issuer: ctx.issuer });
    await verify(jwt, client, ctx);
    return { params, refused: null };
  } catch (error) {
    if (error instanceof OAuthError) return { params, refused: error };
    throw error;
  }
}

async function verify(jwt: string, client: ClientRecord, ctx: Context): Promise<void> {
  const { jwks, jwks_uri, request_object_signing_alg: alg } = client.metadata;
  if (!jwks && jwks_uri === undefined)
    throw refuse("can't be verified: the client has no keys", {
      ...updateHint(client.client_id, "--jwks FILE"),
    });
  takeFromNetwork("verifications", ctx);
  try {
    const before = () => takeFromNetwork("fetches", ctx);
    const has_document = client.created_by === "metadata_document";
    const look = has_document ? () => newerKeys(client, ctx, before) : undefined;
    await verifiedByClient(jwt, client, { alg, newerKeys: look, before, ctx });
  } catch (cause) {
    if (cause instanceof RateLimited) throw cause;
    throw refuse("is not valid for this client", explain(cause, client));
  }
}

/** Only an address that the client registered is fetched, and only with the legacy switch. */
async function fetchObject(uri: string, client: ClientRecord, ctx: Context): Promise<string> {
  if (!ctx.features.has("request_uri") || client.created_by === "metadata_document")
    throw new OAuthError("request_uri_not_supported", "request_uri is not supported", {
      parameter: "request_uri",
    });
  const [address = "", fragment] = uri.split("#");
  const registered = client.metadata.request_uris ?? [];
  // The fragment is the hash of the object, which may be newer than the registration.
  if (!registered.includes(uri) && !registered.includes(address))
    throw refuseUri("is not registered for this client", { sent: uri.slice(0, 2000), registered });
  const objects = ctx.fetched.objects[client.created_by];
  const asking = { before: () => takeFromNetwork("fetches", ctx) };
  const isMeant = (body: Buffer) => fragment === undefined || sha256(body) === fragment;
  try {
    const known = await objects.get(address, asking);
    // The hash of another object: the client has published a newer one.
    const body = isMeant(known) ? known : await objects.renewed(address, asking);
    if (!isMeant(body)) throw refuseUri("has a fragment that is not the hash of its content");
    return body.toString().trim();
  } catch (cause) {
    if (cause instanceof RateLimited || cause instanceof OAuthError) throw cause;
    throw refuseUri("could not be fetched", { why: reasonOf(cause) });
  }
}

const refuseUri = (problem: string, reason: Readonly<Record<string, unknown>> = {}): OAuthError =>
  new OAuthError("invalid_request_uri", `request_uri ${problem}`, {
    parameter: "request_uri",
    reason,
  });
