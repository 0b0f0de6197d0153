/** Request objects by reference (OpenID Connect Core §6.2), at addresses that clients registered. */
import type { FetchedDocuments, OutboundPurpose, Server } from "../context.ts";
import { documentCache } from "./document_cache.ts";

const MOST_BYTES = 16_384;
/** Seconds that an answer, or none, counts for everybody. Strangers can't use up the requests to an address so. */
const BRIEFLY = 2;

export const fetchedObjects = (
  purpose: OutboundPurpose,
  server: Pick<Server, "outbound" | "clock" | "log">,
): FetchedDocuments<Buffer> =>
  documentCache<Buffer>(
    {
      read: ({ body }) => body,
      accept: "application/oauth-authz-req+jwt, application/jwt, */*",
      most_bytes: MOST_BYTES,
      ...{ least: BRIEFLY, otherwise: BRIEFLY, most: BRIEFLY },
      ...{ pace: BRIEFLY, outlives: 0, remembers_errors: true },
      purpose,
    },
    server,
  );
