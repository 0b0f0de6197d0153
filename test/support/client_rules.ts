/** What a client may be registered for where every feature is on. */
import { FEATURES } from "../../src/features.ts";
import type { ClientMetadataRules } from "../../src/oauth/client_metadata.ts";
import { acceptedMetadata } from "../../src/offer.ts";

const accepted = acceptedMetadata(FEATURES);
/** As an operator registers one. */
export const RULES: ClientMetadataRules = { ...accepted, short_schemes: "any" };
/** As others do. */
export const STRICT_RULES: ClientMetadataRules = { ...accepted, short_schemes: [] };
