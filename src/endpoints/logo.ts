/** The logo of an app, from this server. */

import { PageError } from "../http/page.ts";
import type { Handler } from "../http/route.ts";

/** Its address holds the hash of the picture, so an answer is valid for ever. */
export const logo: Handler = async (_, { store }, { client_id = "", hash = "" }) => {
  const found = await store.findLogo(client_id);
  if (found?.hash !== hash) throw new PageError("not_found", { status: 404 });
  return {
    status: 200,
    headers: [
      // The type comes from the bytes of the picture and not from the site that had it.
      ["content-type", found.media_type],
      ["x-content-type-options", "nosniff"],
      ["content-security-policy", "default-src 'none'; sandbox"],
      ["cross-origin-resource-policy", "same-origin"],
      ["cache-control", "public, max-age=31536000, immutable"],
    ],
    body: Buffer.from(found.picture, "base64"),
  };
};
