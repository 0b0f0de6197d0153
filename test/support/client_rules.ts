/** The metadata that clients may register if every feature is on. */
import { FEATURES } from "../../src/features.ts";
import type { ClientMetadataRules } from "../../src/oauth/client_metadata.ts";
import { acceptedMetadata } from "../../src/offer.ts";

const accepted = acceptedMetadata(FEATURES);
/** Registered by an operator. */
export const RULES: ClientMetadataRules = { ...accepted, short_schemes: "any" };
/** Registered by anyone else. */
export const STRICT_RULES: ClientMetadataRules = { ...accepted, short_schemes: [] };
