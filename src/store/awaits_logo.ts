import type { ClientRecord } from "./records.ts";

/**
 * Whether the logo of a client that registered itself is still to be fetched. No cache holds such a client, so that
 * storing the logo needs no version, and one registration does not empty the caches of all nodes.
 */
export const awaitsLogo = ({ created_by, metadata, logo }: ClientRecord): boolean =>
  created_by === "registration" && metadata.logo_uri !== undefined && logo === null;
