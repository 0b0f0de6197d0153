import assert from "node:assert/strict";
import { test } from "node:test";
import { type ClientFace, type FaceChange, faceChanges } from "./client_face.ts";

const SEEN: ClientFace = {
  client_name: "App",
  logo_uri: null,
  redirect_uris: ["https://app.test/cb", "https://app.test/other"],
  token_endpoint_auth_method: "private_key_jwt",
  jwks_uri: null,
  keys: ["one", "two"],
};

test("people are asked again when something changes that they rely on", () => {
  for (const [now, changes] of [
    [{}, []],
    [{ client_name: "Bank" }, ["name"]],
    [{ client_name: null }, ["name"]],
    [{ logo_uri: "https://app.test/logo" }, ["logo"]],
    [{ redirect_uris: ["https://app.test/other", "https://app.test/cb"] }, []],
    [{ redirect_uris: [...SEEN.redirect_uris, "https://evil.test/cb"] }, ["redirect"]],
    [{ redirect_uris: ["https://app.test/cb"] }, ["redirect"]],
    [{ token_endpoint_auth_method: "none", keys: [] }, ["method"]],
    [{ jwks_uri: "https://app.test/jwks", keys: [] }, ["keys"]],
    [{ keys: ["two", "three"] }, []],
    [{ keys: ["three"] }, ["keys"]],
    [{ client_name: "Bank", redirect_uris: ["https://evil.test/cb"] }, ["name", "redirect"]],
  ] satisfies [Partial<ClientFace>, FaceChange[]][])
    assert.deepEqual(faceChanges(SEEN, { ...SEEN, ...now }), changes, JSON.stringify(now));
});
