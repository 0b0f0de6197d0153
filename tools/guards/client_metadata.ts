/** Client metadata: the members that a client may register. */
import { type Guard, guardsOf } from "./guard.ts";

export const clientMetadataGuards: readonly Guard[] = [
  ...guardsOf("src/oauth/client_metadata.ts", ["src/oauth/client_metadata.test.ts"], {
    "redirect URIs are judged when they are registered": [
      "found(() => checkRedirectUri(uri, { application_type, short_schemes }, member), undefined);",
      "found(() => undefined, undefined);",
    ],
    "only a public client is native without saying so": [
      "const isNative = !confidential && redirect_uris",
      "const isNative = redirect_uris",
    ],
  }),
  ...guardsOf("src/oauth/metadata_conditions.ts", ["src/oauth/client_metadata.test.ts"], {
    "a protection that a client asks for and can't get refuses it": [
      "if (value !== null && !harmless.includes(value))",
      "if (false)",
    ],
    "the keys of a client are given in one way": ["jwks && jwks_uri !== undefined", "false"],
    "a client that signs has keys": ["&& !jwks && jwks_uri === undefined", "&& false"],
    "a public client gets no token for itself": [
      "return proving !== undefined && !confidential",
      "return false",
    ],
  }),
  ...guardsOf("src/oauth/metadata_members.ts", ["src/oauth/client_metadata.test.ts"], {
    "links of an app are web addresses": ["&& !picture && !isWebLink(value)", "&& false"],
    "a name has no control characters": [" || hasControlCharacter(value)", ""],
    "scopes that the server does not know are not registered": [
      "const kept = known ? names.filter((name) => known.includes(name)) : names;",
      "const kept = names;",
    ],
    "a list of which nothing is supported is refused": [
      "if (asked.length > 0 && kept.length === 0)",
      "if (false)",
    ],
  }),
];
