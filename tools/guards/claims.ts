/** Claims about a person: who is told what. */
import { type Guard, guardsOf } from "./guard.ts";

export const claimGuards: readonly Guard[] = [
  ...guardsOf("src/endpoints/userinfo.ts", ["test/flows/signing_algs.test.ts"], {
    "signed userinfo names its issuer and its audience": [
      "const claims = { ...about, iss: ctx.issuer, aud: client.client_id };",
      "const claims = about;",
    ],
    "a client that asks for a signature gets one": [
      "signedUserinfoAlg(client.metadata) === null ? json(about)",
      "about ? json(about)",
    ],
  }),
  ...guardsOf("src/jobs/signing_keys.ts", ["test/flows/signing_algs.test.ts"], {
    "a key is published before it signs": ["    await server.addFirstKeys(SIGNING_ALGS);\n", ""],
  }),
  ...guardsOf("src/tokens/access_token.ts", ["test/flows/claims.test.ts"], {
    "claims are said as they are now, and not as a token says": [
      "for (const name of MEMBERS) if (Object.hasOwn(read, name)) own[name] = read[name];",
      "Object.assign(own, read);",
    ],
  }),
  ...guardsOf("src/tokens/id_token.ts", ["src/tokens/access_token.test.ts"], {
    "no claim of a person takes the place of what an ID token says": [
      "    ...(nonce !== null && { nonce }),\n  });",
      "    ...(nonce !== null && { nonce }),\n    ...claimsFor(client, about, ctx),\n  });",
    ],
  }),
  ...guardsOf("src/tokens/id_token.ts", ["test/flows/claims.test.ts"], {
    "an ID token tells no more than the scope that the request names": [
      "granted.filter((each) => named.includes(each))",
      "granted.filter((each) => named.length > 0 || each)",
    ],
  }),
  ...guardsOf("src/tokens/person_claims.ts", ["test/flows/claims.test.ts"], {
    "a claim of the wrong type is sent to nobody": ["if (wanted === null) sent", "if (true) sent"],
  }),
  ...guardsOf("src/oauth/claims_request.ts", ["src/oauth/claims_request.test.ts"], {
    "claims by name are for clients that may have their scope": [
      "names.filter((name) => allowed.includes(name))",
      "names.filter((name) => allowed || name)",
    ],
    "claims by name need a permission of their own": [
      "const beyond = [...claims.userinfo, ...claims.id_token].filter((name) => !given.includes(name));",
      "const beyond = [...claims.userinfo, ...claims.id_token].filter((name) => given.includes(name));",
    ],
    "ambiguous claims are refused": [
      "const value = parseJsonStrictly(text);",
      "const value = JSON.parse(text);",
    ],
    "claims are bounded": ["if (text.length > LONGEST)", "if (false)"],
  }),
  ...guardsOf("src/tokens/named_claims.ts", ["test/flows/claims_parameter.test.ts"], {
    "claims by name are told only after the person agreed": [
      "return names.filter((name) => agreed.includes(name));",
      "return names.filter((name) => agreed || name);",
    ],
  }),
  ...guardsOf("src/tokens/audience.ts", ["test/flows/claims_parameter.test.ts"], {
    "a claim is taken back with its scope": [
      "return isClaimAllowed(claim, scopes, catalogue);",
      "return true;",
    ],
  }),
  ...guardsOf("src/endpoints/authorization.ts", ["test/flows/claims_parameter.test.ts"], {
    "a request that names two people is for none": [
      "named !== null && hinted !== null && named !== hinted",
      "false",
    ],
  }),
  ...guardsOf("src/oauth/claims.ts", ["src/oauth/claims.test.ts", "test/flows/claims.test.ts"], {
    "what an API's scope gives is for that API": [
      "const own = scope.filter((name) => belongsTo(name, resource, catalogue));",
      "const own = [...scope];",
    ],
  }),
  ...guardsOf("src/authorization/proceed.ts", ["test/flows/claims.test.ts"], {
    "nobody agrees to claims that the account gets later": [
      "worthAsking(asked.permissions, person.claims, catalogue)",
      "[...asked.permissions]",
    ],
  }),
  ...guardsOf("src/people/rules.ts", ["src/people/rules.test.ts"], {
    "a claim of the wrong type is not stored": ["if (wrong.length > 0)", "if (false)"],
  }),
];
