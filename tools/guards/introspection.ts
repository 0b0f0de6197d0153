/** Information about tokens and their people: introspection, revocation, userinfo. */
import { type Guard, guardsOf } from "./guard.ts";

const ASKING = "test/security/introspection_revocation_userinfo.test.ts";
const MODEL = "test/properties/model.test.ts";

export const introspectionGuards: readonly Guard[] = [
  ...guardsOf("src/endpoints/introspection.ts", [ASKING, "test/flows/introspection.test.ts"], {
    "introspection requires client authentication": [
      "if (!isConfidential(client.metadata))",
      "if (false)",
    ],
    "a refresh token is shown when it is one of ours": [
      ", (grant) =>\n    isGenuine(handle, grant, ctx.secrets),\n  );",
      ");",
    ],
    "a refresh token is shown to its client only": [
      "if (grant.client_id !== client.client_id) return null;",
      "",
    ],
    "an old refresh token is not active": [
      'refresh_replay }) === "reused") return null;',
      'refresh_replay }) === "never") return null;',
    ],
    "a refresh token of a grant that ended is not active": [
      "if (!status.holds) return null;",
      'if (!status.holds) return { active: true, sub: "" };',
    ],
    "a user name is shown to those who may know it": [
      "...(mayKnowName(grant.permissions, ctx) && { username: status.person.username }),",
      "username: status.person.username,",
    ],
    "an access token is shown to its client and its APIs only": [
      "if (resource === null || !aud.includes(resource)) return notFor(caller, ctx);",
      "if (resource === null) return answer;",
    ],
    "an API sees its own part of the scope": [
      'const own = scopesOfApi(scope?.split(" ") ?? [], resource, ctx.catalogue);',
      'const own = scope?.split(" ") ?? [];',
    ],
    "credentials of the issuer see no scope of an API": [
      "return without(scopes, listed);",
      "return [...scopes];",
    ],
  }),
  ...guardsOf("src/endpoints/revocation.ts", [ASKING, MODEL], {
    "a refresh token is revoked by its client only": [
      "if (!grant || grant.client_id !== client.client_id) return;",
      "if (!grant) return;",
    ],
    "a guessed refresh token revokes nothing": [
      "if (!isGenuine(handle, grant, ctx.secrets)) return;",
      "",
    ],
    "an access token is revoked by its client only": [
      "if (found?.claims.client_id !== client.client_id) return;",
      "if (!found) return;",
    ],
  }),
  ...guardsOf("src/endpoints/userinfo.ts", ["test/flows/userinfo.test.ts", ASKING], {
    "an access token in the URL is refused": [
      'if (readQuery(request, ctx).get("access_token") !== undefined)',
      "if (false)",
    ],
    "an access token is sent once": [
      "if (posted !== undefined && authorization !== undefined)",
      "if (false)",
    ],
    "an access token for another API opens nothing here": [
      "if (![claims.aud].flat().includes(ctx.issuer))",
      "if (false)",
    ],
    "claims about a person need the openid scope": [
      'if (!granted || !scope.includes("openid"))',
      "if (!granted)",
    ],
  }),
];
