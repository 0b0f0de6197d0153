import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { checkCodeChallenge, checkCodeVerifier } from "./pkce.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("base64url");
/** RFC 7636, appendix B. */
const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

test("the example of RFC 7636 is accepted", () => {
  checkCodeChallenge(CHALLENGE, "S256");
  checkCodeVerifier(CHALLENGE, VERIFIER, sha256);
});

test("P5: a code_challenge is the base64url of a SHA-256, and its method is S256", () => {
  for (const [challenge, method] of [
    [CHALLENGE, undefined],
    [CHALLENGE, ""],
    [CHALLENGE, "plain"],
    [CHALLENGE, "s256"],
    [CHALLENGE, "S512"],
    [CHALLENGE.slice(1), "S256"],
    [`${CHALLENGE}A`, "S256"],
    [`${CHALLENGE}=`, "S256"],
    [`${CHALLENGE.slice(0, 42)}=`, "S256"],
    [CHALLENGE.replace("-", "+"), "S256"],
    [CHALLENGE.replace("-", "/"), "S256"],
    [`${CHALLENGE.slice(0, 42)}\n`, "S256"],
    [`${CHALLENGE}\n`, "S256"],
    ["", "S256"],
  ] as const)
    assert.throws(() => checkCodeChallenge(challenge, method), { error: "invalid_request" });
});

test("a code_verifier must be present, well-formed, and match the challenge", () => {
  for (const verifier of [
    undefined,
    "",
    VERIFIER.slice(1),
    `${VERIFIER}x`,
    VERIFIER.toLowerCase(),
    CHALLENGE,
    "x".repeat(43),
    "x".repeat(128),
    "x".repeat(129),
    `${VERIFIER}\n`,
  ])
    assert.throws(() => checkCodeVerifier(CHALLENGE, verifier, sha256), { error: "invalid_grant" });
});

test("code verifiers have 43 to 128 unreserved characters; others fail even with their own hash", () => {
  const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  for (const verifier of ["a".repeat(43), "a".repeat(128), unreserved])
    assert.doesNotThrow(() => checkCodeVerifier(sha256(verifier), verifier, sha256));
  for (const verifier of [
    "a".repeat(42),
    "a".repeat(129),
    "",
    `${"a".repeat(43)}+`,
    "\u00e4".repeat(43),
  ])
    assert.throws(() => checkCodeVerifier(sha256(verifier), verifier, sha256), {
      error: "invalid_grant",
    });
});

test("P2: without a code_challenge, a code_verifier is refused and its absence accepted", () => {
  assert.doesNotThrow(() => checkCodeVerifier(null, undefined, sha256));
  for (const verifier of [VERIFIER, "x"])
    assert.throws(() => checkCodeVerifier(null, verifier, sha256), { error: "invalid_grant" });
});
