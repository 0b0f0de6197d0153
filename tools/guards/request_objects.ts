/** Request objects: who signed them, what they may say, and which addresses are fetched. */
import { type Guard, guardsOf } from "./guard.ts";

const ATTACKS = "test/security/request_objects.test.ts";
const FLOW = "test/flows/request_objects.test.ts";

export const requestObjectGuards: readonly Guard[] = [
  ...guardsOf("src/oauth/request_object.ts", [ATTACKS, FLOW], {
    "an object names no other object": [
      "if (REFERENCES.some((name) => name in claims))",
      "if (false)",
    ],
    "an object is issued by its client": [
      'if ("iss" in claims && claims.iss !== client_id)',
      "if (false)",
    ],
    "an object is for this server": [
      'if ("aud" in claims && ![claims.aud].flat().includes(issuer))',
      "if (false)",
    ],
    "a client assertion is no request object": ["if (claims.sub === client_id)", "if (false)"],
    "an object names no other client": [
      'if ("client_id" in claims && claims.client_id !== client_id)',
      "if (false)",
    ],
    "an object names no other response type": [
      'if ("response_type" in claims && outside !== undefined && !isSameType(claims, outside))',
      "if (false)",
    ],
    "what is beside the object of a client that always signs does not count": [
      'jar: (outer, inner) => pick([outer, ["client_id"]],',
      'jar: (outer, inner) => pick([outer, outer.names().filter((name) => inner.get(name) === undefined && !REFERENCES.includes(name) && name !== "client_id")], [outer, ["client_id"]],',
    ],
  }),
  ...guardsOf("src/authorization/request_object.ts", [ATTACKS, FLOW], {
    "signed objects of one network are limited": ['  takeFromNetwork("verifications", ctx);\n', ""],
    "a client that always signs is asked for an object": [
      "if (request === undefined && client.metadata.require_signed_request_object === true)",
      "if (false)",
    ],
    "a request has one object": [
      "if (request !== undefined && request_uri !== undefined)",
      "if (false)",
    ],
    "another kind of JWT is no request object": [
      'if (read.problem === "type") throw',
      "if (false) throw",
    ],
    "a key in the header of an object is not believed": [
      'if (read.problem === "header") throw',
      "if (false) throw",
    ],
    "the signature of an object is verified": [
      "await verify(jwt, client, ctx);\n    return",
      "return",
    ],
    "an object is fetched with the legacy switch only, and not for a metadata document": [
      'if (!ctx.features.has("request_uri") || client.created_by === "metadata_document")',
      "if (false as boolean)",
    ],
    "a metadata document names no address to fetch": [
      ' || client.created_by === "metadata_document")',
      ")",
    ],
    "only a registered address is fetched": [
      "if (!registered.includes(uri) && !registered.includes(address))",
      "if (false)",
    ],
    "the fragment of an address is the hash of its content": [
      "fragment === undefined || sha256(body) === fragment",
      "true",
    ],
  }),
  ...guardsOf("src/oauth/metadata_conditions.ts", [ATTACKS], {
    "a client that always signs has keys": [
      "require_signed_request_object === true && jwks === undefined && jwks_uri === undefined",
      "false",
    ],
  }),
];
