import assert from "node:assert/strict";
import { test } from "node:test";
import { challengeText, refusalResponse } from "./challenge.ts";

test("a challenge for each scheme, with the parameters that there are", () => {
  assert.equal(challengeText([{ scheme: "Bearer", params: {} }]), "Bearer");
  const params = { error: "invalid_token", scope: undefined };
  assert.equal(
    challengeText([
      { scheme: "DPoP", params: { ...params, algs: "ES256" } },
      { scheme: "Bearer", params },
    ]),
    'DPoP error="invalid_token", algs="ES256", Bearer error="invalid_token"',
  );
});

test("a text that a token brings stays within its quotes, and in the header", () => {
  const description = 'is from "https://evil.test", \\ \r\nSet-Cookie: a=b ü';
  const refusal = { status: 401, error: "invalid_token", description } as const;
  const { headers } = refusalResponse(refusal, { schemes: ["Bearer"], resourceMetadata: null });
  assert.equal(
    headers.get("www-authenticate"),
    `Bearer error="invalid_token", error_description="is from 'https://evil.test', ' ''Set-Cookie: a=b '"`,
  );
  assert.equal(headers.get("set-cookie"), null);
  const long = refusalResponse(
    { ...refusal, description: "x".repeat(9000) },
    { schemes: ["Bearer"], resourceMetadata: null },
  );
  assert.ok((long.headers.get("www-authenticate") ?? "").length < 400);
});
