/** Metadata and keys: what everyone may read and keep for a while (RFC 8414, OpenID Connect Discovery, RFC 7517). */
import { PROOF_KINDS } from "../authentication/finish_proof.ts";
import type { Context } from "../context.ts";
import { publishedKeys } from "../crypto/signing_key.ts";
import { type HeaderList, type HttpRequest, type HttpResponse, json } from "../http/message.ts";
import { reachable } from "../oauth/assurance.ts";
import { serverMetadata } from "../oauth/server_metadata.ts";

/** Half of the time for which a key is published before it signs: no verifier can miss it. */
const CACHED: HeaderList = [["cache-control", "public, max-age=300"]];
/** Seconds that verifiers' clocks may be behind. */
const SLACK = 120;

export async function metadata(_: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const known = documents.get(ctx.catalogue);
  if (known) return known;
  const ui_locales = ctx.languages.map(({ tag }) => tag);
  const acr_values = reachable(PROOF_KINDS).map((level) => ctx.settings.acr[level]);
  const document = json(serverMetadata(ctx.catalogue, { acr_values, ui_locales }), 200, CACHED);
  documents.set(ctx.catalogue, document);
  return document;
}

/** Written once for each server: nothing in it changes while that runs. */
const documents = new WeakMap<Context["catalogue"], HttpResponse>();

export async function jwks(_: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const { access_token, id_token } = ctx.settings.lifetimes;
  const longest_life = Math.max(access_token, id_token) + SLACK;
  const keys = publishedKeys(await ctx.keys(), ctx.now, longest_life);
  return json({ keys: keys.map(({ public_jwk }) => public_jwk) }, 200, CACHED);
}

/** Each address that a client may look for the metadata at, with and without a path in the issuer. */
export function metadataPaths(issuer: string): string[] {
  const { pathname } = new URL(issuer);
  const path = pathname === "/" ? "" : pathname.replace(/\/$/, "");
  const names = ["oauth-authorization-server", "openid-configuration"];
  return [
    ...new Set(
      names.flatMap((name) => [`/.well-known/${name}${path}`, `${path}/.well-known/${name}`]),
    ),
  ];
}
