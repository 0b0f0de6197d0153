import assert from "node:assert/strict";
import { test } from "node:test";
import { randomText } from "../crypto/hash.ts";
import { serverSecrets } from "../crypto/server_secret.ts";
import { maskGrantId, unmaskGrantId } from "./masked_grant.ts";

const ID = "0123456789abcdef0123456789abcdef7fff";
const [OLD, NEW] = [randomText(32), randomText(32)];
const at = { secrets: serverSecrets(NEW), epoch: 3, issuer: "https://id.example.com" };

test("a masked id is another text in each token, shows no part of the id, and leads back to it", () => {
  const masked = Array.from({ length: 50 }, () => maskGrantId(ID, at));
  assert.equal(new Set(masked).size, 50);
  // No two tokens show that their persons have one place.
  const ends = masked.map((each) => Buffer.from(each, "base64url").toString("hex", 40));
  assert.ok(new Set(ends).size > 40);
  for (const each of masked) assert.equal(unmaskGrantId(each, at), ID);
});

test("a mask comes off with its own secret, epoch and issuer", () => {
  const masked = maskGrantId(ID, { ...at, secrets: serverSecrets(OLD) });
  assert.equal(unmaskGrantId(masked, at), null);
  const during = serverSecrets(NEW, { previous: [OLD] });
  assert.equal(unmaskGrantId(masked, { ...at, secrets: during }), ID);
  assert.equal(unmaskGrantId(masked, { ...at, secrets: during, epoch: 4 }), null);
  const other = unmaskGrantId(masked, { ...at, secrets: during, issuer: "https://b.example.com" });
  assert.notEqual(other, ID);
  for (const text of ["", "x", masked.slice(1), `${masked}AAAA`])
    assert.equal(unmaskGrantId(text, { ...at, secrets: during }), null);
});
