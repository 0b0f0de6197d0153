/** Wycheproof's signatures and keys, driven through the place where foreign keys are used: client assertions. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { decodeProtectedHeader } from "jose";
import { privateKeyJwt } from "../../src/client_auth/private_key_jwt.ts";
import type { Context } from "../../src/context.ts";
import { parseClientMetadata } from "../../src/oauth/client_metadata.ts";
import { OAuthError } from "../../src/oauth/errors.ts";
import { CLIENT_SIGNING_ALGS } from "../../src/oauth/optional_metadata.ts";
import { parseForm } from "../../src/oauth/params.ts";
import { sampleClient } from "../../src/store/conformance/samples.ts";
import type { ClientRecord } from "../../src/store/records.ts";
import { STRICT_RULES } from "../support/client_rules.ts";
import { contextOf, SERVICE, testServer } from "../support/server.ts";

interface Vectors {
  groups: {
    comment: string;
    keys: Record<string, unknown>[];
    tests: { tcId: number; comment: string; jws: string; valid: boolean }[];
  }[];
}
const load = (name: string): Vectors =>
  JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8")) as Vectors;

const server = await testServer();
after(() => server.close());
const ctx: Context = contextOf(server);

/** The signature was valid: only after it the content is found not to be a set of claims. */
const VERIFIED = "ERR_JWT_INVALID";

/** The outcome: refused with the keys, by the signature, or only afterwards. */
async function outcome(keys: Record<string, unknown>[], jws: string): Promise<string> {
  const client = register(keys);
  if (!client) return "keys refused";
  try {
    await privateKeyJwt.prove({ client_id: null, credential: jws }, client, ctx);
    return "accepted";
  } catch (error) {
    assert.ok(error instanceof OAuthError && error.error === "invalid_client");
    return String(error.reason.code);
  }
}

function register(keys: Record<string, unknown>[]): ClientRecord | null {
  try {
    const metadata = parseClientMetadata(
      { ...SERVICE, token_endpoint_auth_method: "private_key_jwt", jwks: { keys } },
      STRICT_RULES,
    );
    return { ...sampleClient(), metadata };
  } catch (error) {
    assert.ok(error instanceof OAuthError && error.error === "invalid_client_metadata");
    return null;
  }
}

for (const file of ["wycheproof_jws.json", "wycheproof_jwk.json"]) {
  const { groups } = load(file);

  test(`${file}: no invalid signature is accepted`, async () => {
    const passed: string[] = [];
    let count = 0;
    for (const { keys, tests, comment: group } of groups)
      for (const { tcId, jws, valid, comment } of tests) {
        if (valid) continue;
        const found = await outcome(keys, jws);
        assert.notEqual(found, "accepted");
        if (found === VERIFIED) passed.push(`${group} ${tcId}: ${comment}`);
        count += 1;
      }
    assert.deepEqual(passed, []);
    assert.ok(count > 15);
  });

  test(`${file}: valid signatures of supported algorithms are accepted`, async () => {
    let count = 0;
    for (const { keys, tests, comment: group } of groups) {
      for (const { tcId, jws, valid, comment } of tests) {
        if (!valid || keys[0]?.kty === "oct") continue;
        const { alg } = decodeProtectedHeader(jws);
        if (alg !== keys[0]?.alg || !CLIENT_SIGNING_ALGS.some((each) => each === alg)) continue;
        assert.equal(await outcome(keys, jws), VERIFIED, `${tcId} ${group}: ${comment}`);
        count += 1;
      }
    }
    assert.ok(count > 0);
  });

  test(`${file}: each vector used as a client assertion is refused before verification`, () => {
    for (const { tests } of groups)
      for (const { jws, tcId } of tests) {
        const body = new URLSearchParams({
          client_assertion: jws,
          client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        });
        const params = parseForm(body.toString(), 10);
        const read = () => privateKeyJwt.present({ header: () => undefined }, params);
        // An empty one counts as absent, and then its type stands alone.
        assert.throws(read, { error: "invalid_client" }, String(tcId));
      }
  });
}
