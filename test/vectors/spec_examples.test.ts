/** Examples from the specifications, with the functions that must agree with them. */
import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { decodeJwt, decodeProtectedHeader, type JWK } from "jose";
import { privateKeyJwt } from "../../src/client_auth/private_key_jwt.ts";
import type { Context } from "../../src/context.ts";
import { sha256 } from "../../src/crypto/hash.ts";
import { type JwtKey, readJwt } from "../../src/crypto/jwt.ts";
import { makeSigningKey } from "../../src/crypto/signing_key.ts";
import { OAuthError } from "../../src/oauth/errors.ts";
import { checkCodeChallenge, checkCodeVerifier } from "../../src/oauth/pkce.ts";
import { sampleClient, sampleGrant } from "../../src/store/conformance/samples.ts";
import { mintIdToken } from "../../src/tokens/id_token.ts";
import { contextOf, testServer } from "../support/server.ts";

interface SpecValues {
  pkce: { code_verifier: string; code_challenge: string };
  thumbprints: { source: string; jwk: JWK; thumbprint: string }[];
  access_token_hash: { access_token: string; ath: string };
  half_hashes: { source: string; value: string; hash: string }[];
}
interface SpecJws {
  source: string;
  alg: string;
  jws: string;
  key: JWK;
}
const load = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));
const values = load("spec_values.json") as SpecValues;
const tokens = load("spec_jws.json") as SpecJws[];

const server = await testServer();
after(() => server.close());
const ctx: Context = contextOf(server);

test("RFC 7636, appendix B: the verifier matches its challenge", () => {
  const { code_verifier, code_challenge } = values.pkce;
  checkCodeChallenge(code_challenge, "S256");
  checkCodeVerifier(code_challenge, code_verifier, sha256);
});

test("RFC 7638: a thumbprint has the required members, as our key ids do", async () => {
  for (const { jwk, thumbprint, source } of values.thumbprints) {
    const { kty, crv, x, y, e, n } = jwk;
    const members = kty === "EC" ? { crv, kty, x, y } : { e, kty, n };
    assert.equal(sha256(JSON.stringify(members)), thumbprint, source);
  }
  const made = await makeSigningKey("ES256", { created_at: 0, signs_at: 0 }, ctx);
  const { crv, kty, x, y } = JSON.parse(made.public_jwk);
  assert.equal(made.kid, sha256(JSON.stringify({ crv, kty, x, y })));
});

test("RFC 9449: the hash of an access token", () => {
  const { access_token, ath } = values.access_token_hash;
  assert.equal(sha256(access_token), ath);
});

test("OpenID Connect Core, appendix A: at_hash is the left half of the hash", async () => {
  const grant = sampleGrant();
  const keys = await ctx.keys();
  const person = { sub: grant.sub, username: "ada", claims: {}, is_admin: false, disabled: false };
  for (const { value, hash } of values.half_hashes) {
    const token = mintIdToken(
      {
        client: sampleClient(),
        grant,
        person,
        scope: [],
        claims: [],
        nonce: null,
        access_token: value,
      },
      keys,
      ctx,
    );
    assert.equal(decodeJwt(token).at_hash, hash);
  }
});

test("no token of the specifications is accepted, even with its key", () => {
  for (const { jws, key, alg, source } of tokens) {
    if ((alg !== "ES256" && alg !== "RS256") || key.kty === "oct") continue;
    const public_key = createPublicKey({ key: { ...key }, format: "jwk" });
    const { kid = "none" } = decodeProtectedHeader(jws);
    const own: JwtKey = { kid, alg, public_key, private_key: public_key };
    for (const typ of ["JWT", "at+jwt", "logout+jwt"] as const)
      assert.equal(readJwt(jws, typ, [own]), null, source);
  }
});

test("the client assertion of RFC 9126 is read and verified, and refused for its missing jti", async () => {
  const [example] = tokens.filter(
    ({ source, jws }) => source.startsWith("RFC 9126") && decodeJwt(jws).sub !== undefined,
  );
  assert.ok(example);
  const claims = decodeJwt(example.jws);
  const record = sampleClient({ client_id: "s6BhdRkqt3" });
  const { kty, n, e, kid } = example.key;
  const metadata = { ...record.metadata, jwks: { keys: [{ kty, n, e, kid }] } };
  const then = { ...ctx, issuer: String(claims.aud), now: Number(claims.exp) - 60 };
  const client = { ...record, metadata };
  const prove = (credential: string) =>
    privateKeyJwt.prove({ client_id: null, credential }, client, then);
  await assert.rejects(prove(example.jws), codeIs("ERR_JWT_CLAIM_VALIDATION_FAILED"));
  const changed = example.jws.replace(/\.([\w-]{9})[\w-]/, ".$1A");
  await assert.rejects(prove(changed), codeIs("ERR_JWS_SIGNATURE_VERIFICATION_FAILED"));
});

const codeIs = (code: string) => (error: unknown) =>
  error instanceof OAuthError && error.error === "invalid_client" && error.reason.code === code;
