/** Metadata and keys: documents that everybody may read and cache (RFC 8414, OpenID Connect Discovery, RFC 7517). */
import type { Context } from "../context.ts";
import { publishedKeys, SIGNING_ALGS, type SigningKey } from "../crypto/signing_key.ts";
import { type HeaderList, type HttpRequest, type HttpResponse, json } from "../http/message.ts";
import { DatabaseUnavailable } from "../store/sql/driver.ts";

/** Half of the time for which a key is published before it signs, so that no verifier can miss it. */
const CACHED: HeaderList = [["cache-control", "public, max-age=300"]];
/**
 * The keys, with one of each algorithm: no verifier may have a key set that lacks a key which signs a moment later. While
 * the database is away, verifiers get the known keys.
 */
async function allKeys(ctx: Context): Promise<readonly SigningKey[]> {
  const keys = await ctx.keys();
  if (SIGNING_ALGS.every((alg) => keys.some((key) => key.alg === alg))) return keys;
  try {
    await ctx.addFirstKeys(SIGNING_ALGS);
  } catch (error) {
    if (!(error instanceof DatabaseUnavailable)) throw error;
    return keys;
  }
  return ctx.keys();
}

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
  const keys = publishedKeys(await allKeys(ctx), ctx.now, longest_life);
  return json({ keys: keys.map(({ public_jwk }) => public_jwk) }, 200, CACHED);
}
