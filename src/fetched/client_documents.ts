/** Client ID Metadata Documents, fetched from the URL that is the `client_id`. */
import type { FetchedDocuments, OutboundResponse, Server } from "../context.ts";
import {
  MOST_DOCUMENT_BYTES,
  parseMetadataDocument,
} from "../oauth/client_id_metadata_document.ts";
import type { ClientMetadata } from "../oauth/client_metadata.ts";
import { parseJsonStrictly } from "../oauth/json.ts";
import { BadDocument, documentCache } from "./document_cache.ts";

type Parts = Pick<Server, "outbound" | "clock" | "log" | "accepted_metadata" | "settings">;

export function clientDocuments(server: Parts): FetchedDocuments<ClientMetadata> {
  const { allowed_schemes: short_schemes } = server.settings.registration;
  const rules = { ...server.accepted_metadata, short_schemes };
  return documentCache<ClientMetadata>(
    {
      read(response, url) {
        checkMediaType(response);
        return parseMetadataDocument(parseJsonStrictly(response.body.toString()), url, rules);
      },
      accept: "application/json, application/*+json",
      most_bytes: MOST_DOCUMENT_BYTES,
      ...{ least: 1, otherwise: 300, most: 86_400 },
      ...{ pace: 5, outlives: 0, remembers_errors: false },
      purpose: "document",
    },
    server,
  );
}

function checkMediaType({ header }: OutboundResponse): void {
  const [type = ""] = (header("content-type") ?? "").split(";");
  if (!/^application\/(?:[\w.+-]+\+)?json$/i.test(type.trim()))
    throw new BadDocument("its media type is neither application/json nor +json");
}
