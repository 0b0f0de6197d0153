/** Metadata and keys: documents that everybody may read and cache (RFC 8414, OpenID Connect Discovery, RFC 7517). */
import type { Context } from "../context.ts";
import { publishedKeys } from "../crypto/signing_key.ts";
import { type HeaderList, type HttpRequest, type HttpResponse, json } from "../http/message.ts";
import type { Handler } from "../http/route.ts";
import { withoutOwnMembers } from "../oauth/server_metadata.ts";

/** Half of the time for which a key is published before it signs, so that no verifier can miss it. */
const CACHED: HeaderList = [["cache-control", "public, max-age=300"]];
/** Seconds that verifiers' clocks may be behind. */
const SLACK = 120;

type Metadata = Context["metadata"];

/** Serialized once for each server, since it does not change while the server runs. */
const document = (shown: (all: Metadata) => Metadata): Handler => {
  const documents = new WeakMap<Metadata, HttpResponse>();
  return async (_, { metadata: all }) => {
    const known = documents.get(all) ?? json(shown(all), 200, CACHED);
    documents.set(all, known);
    return known;
  };
};

export const metadata = document((all) => all);

export const openIdMetadata = document(withoutOwnMembers);

export async function jwks(_: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const { access_token, id_token } = ctx.settings.lifetimes;
  const longest_life = Math.max(access_token, id_token) + SLACK;
  const keys = publishedKeys(await ctx.keys(), ctx.now, longest_life);
  return json({ keys: keys.map(({ public_jwk }) => public_jwk) }, 200, CACHED);
}
