/** The metadata and the keys (OpenID Connect Discovery §3, profile Config OP). */
import assert from "node:assert/strict";
import type { Demand } from "../demand.ts";
import { KNOWN_MEMBERS } from "../known_members.ts";

const includes = (list: unknown, ...wanted: string[]): void => {
  assert.ok(Array.isArray(list), `no list that holds ${wanted.join(", ")}`);
  const missing = wanted.filter((each) => !list.includes(each));
  assert.deepEqual(missing, [], `missing: ${missing.join(", ")}`);
};

export const config: readonly Demand[] = [
  {
    text: "issuer and every endpoint are https, and the issuer is the one that was asked",
    async check({ metadata, issuer }) {
      assert.equal(metadata.issuer, issuer);
      for (const [name, value] of Object.entries(metadata))
        if (/_endpoint$|_uri$/.test(name)) assert.match(String(value), /^https:\/\//, name);
    },
  },
  {
    text: "metadata has the required members, scopes with openid, claims, subject types and RS256",
    async check({ metadata }) {
      includes(metadata.scopes_supported, "openid", "profile", "email", "address", "phone");
      includes(metadata.scopes_supported, "offline_access");
      includes(metadata.subject_types_supported, "public");
      includes(metadata.id_token_signing_alg_values_supported, "RS256");
      includes(metadata.claims_supported, "sub", "name", "email", "address", "phone_number");
      includes(metadata.response_modes_supported, "query", "fragment", "form_post");
      includes(metadata.token_endpoint_auth_methods_supported, "client_secret_basic");
      assert.ok(metadata.acr_values_supported, "no acr_values_supported");
      assert.equal(metadata.claims_parameter_supported, true);
    },
  },
  {
    text: "metadata has no unknown member, no null and nothing empty",
    async check({ metadata }) {
      const unknown = Object.keys(metadata).filter((name) => !KNOWN_MEMBERS.has(name));
      assert.deepEqual(unknown, []);
      for (const [name, value] of Object.entries(metadata)) {
        assert.ok(value !== null && value !== "", name);
        if (Array.isArray(value)) assert.ok(value.length > 0, name);
      }
    },
  },
  {
    text: "request objects are described, and none is not among their algorithms",
    async check({ metadata }) {
      const algs = metadata.request_object_signing_alg_values_supported;
      assert.equal(metadata.request_parameter_supported, true);
      includes(algs, "RS256");
      assert.ok(Array.isArray(algs) && !algs.includes("none"));
    },
  },
  {
    text: "the key set has an RS256 key, a kid for each key, and no private member",
    async check(world) {
      const { keys } = await world.keys();
      assert.ok(keys.some(({ kty, alg }) => kty === "RSA" && alg === "RS256"));
      assert.equal(new Set(keys.map(({ kid }) => kid)).size, keys.length);
      for (const key of keys)
        for (const name of ["d", "p", "q", "dp", "dq", "qi", "k"]) assert.ok(!(name in key), name);
    },
  },
];
