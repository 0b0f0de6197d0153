/** The APIs that tests of the SDKs ask for, as the configuration of a test issuer. */
import type { IssuerOptions } from "../../src/testing/testing.ts";

/** Has signed access tokens. */
export const SNAPS = "https://snaps.test/api";
/** Has opaque ones. */
export const PRINTS = "https://prints.test/api";

export const APIS = {
  scopes: {
    "photos.read": "See your photos",
    "photos.write": "Add and change your photos",
    "prints.order": "Order prints",
  },
  resources: {
    [SNAPS]: { name: "Snaps", scopes: ["photos.read", "photos.write"] },
    [PRINTS]: { name: "Prints", scopes: ["prints.order"], access_token: "opaque" },
  },
} satisfies IssuerOptions["config"];
