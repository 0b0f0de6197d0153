/** Metadata and keys: documents that everybody may read and cache (RFC 8414, OpenID Connect Discovery, RFC 7517). */
import type { Context } from "../context.ts";
import { publishedKeys } from "../crypto/signing_key.ts";
import { type HeaderList, type HttpRequest, type HttpResponse, json } from "../http/message.ts";

/** Half of the time for which a key is published before it signs, so that no verifier can miss it. */
const CACHED: HeaderList = [["cache-control", "public, max-age=300"]];
/** Seconds that verifiers' clocks may be behind. */
const SLACK = 120;

export async function metadata(_: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const known = documents.get(ctx.metadata);
  if (known) return known;
  const document = json(ctx.metadata, 200, CACHED);
  documents.set(ctx.metadata, document);
  return document;
}

/** Serialized once for each server, since it does not change while the server runs. */
const documents = new WeakMap<Context["metadata"], HttpResponse>();

export async function jwks(_: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const { access_token, id_token } = ctx.settings.lifetimes;
  const longest_life = Math.max(access_token, id_token) + SLACK;
  const keys = publishedKeys(await ctx.keys(), ctx.now, longest_life);
  return json({ keys: keys.map(({ public_jwk }) => public_jwk) }, 200, CACHED);
}
