import assert from "node:assert/strict";
import { test } from "node:test";
import { FEATURES } from "../../features.ts";
import { endpointsOf } from "../../offer.ts";
import type { Answer } from "./ask.ts";
import { checkDocuments, checkIssuer, checkJwks } from "./check_metadata.ts";

const json = (value: unknown, status = 200): Answer => ({
  status,
  headers: { "content-type": ["application/json"] },
  body: JSON.stringify(value),
  at: 0,
  ms: 0,
});

test("the issuer is compared byte for byte, as clients do", () => {
  const cases: [string, string, string | null, string, RegExp][] = [
    ["https://a.example", "https://a.example", null, "ok", /^https:\/\/a\.example$/],
    ["https://a.example", "https://a.example", "https://a.example", "ok", /^https/],
    ["https://a.example", "https://a.example/", null, "warning", /was asked for/],
    ["https://a.example", "http://a.example", null, "problem", /the scheme differs/],
    ["https://a.example", "https://b.example", null, "problem", /the host differs/],
    ["https://a.example", "https://a.example:8443", null, "problem", /the host differs/],
    ["https://a.example", "https://a.example/id", null, "problem", /the path differs/],
    [
      "https://a.example",
      "https://a.example",
      "https://b.example",
      "problem",
      /configuration says/,
    ],
  ];
  for (const [issuer, asked, configured, status, saw] of cases) {
    const found = checkIssuer({ metadata: { issuer } }, { asked, configured });
    assert.equal(found.status, status, asked);
    assert.match(found.saw, saw);
  }
  const none = checkIssuer({ metadata: null }, { asked: "https://a.example", configured: null });
  assert.equal(none.status, "left_out");
});

test("each well-known address must serve the same document", () => {
  const issuer = "https://a.example";
  const one = { path: "/.well-known/a", reply: json({ issuer }) };
  const two = { path: "/.well-known/b", reply: json({ issuer, more: true }) };
  const page = { path: "/.well-known/b", reply: json({ error: "no" }, 404) };
  assert.equal(checkDocuments({ documents: [one, one] }).status, "ok");
  assert.match(checkDocuments({ documents: [one, two] }).saw, /give different documents/);
  assert.match(
    checkDocuments({ documents: [one, page] }).saw,
    /^\/\.well-known\/b is not the meta/,
  );
});

test("a key set must contain keys, and public ones only", () => {
  const look = (value: unknown, status = 200) => {
    const reply = json(value, status);
    const offered = endpointsOf(FEATURES);
    return checkJwks({
      endpoints: offered.map((each) => ({ ...each, url: `https://a.example${each.path}`, reply })),
    });
  };
  const key = { kty: "EC", kid: "a", alg: "ES256", x: "x", y: "y" };
  assert.match(look({ keys: [key] }).saw, /^1 public key \(ES256\)$/);
  assert.match(look({ keys: [key, { ...key, d: "secret" }] }).saw, /private parts of 1 key$/);
  assert.match(look({ keys: [{ kty: "oct", k: "secret" }] }).saw, /private parts/);
  assert.match(look({ keys: [] }).saw, /is empty/);
  assert.match(look({ keys: [key] }, 502).saw, /holds no keys: 502/);
  assert.match(look("keys").saw, /holds no keys/);
});
