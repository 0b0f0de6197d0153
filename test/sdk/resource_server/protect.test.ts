/** `valetkey/resource-server` with Valetkey: what a guard says about requests. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { failure } from "../failure.ts";
import {
  answered,
  bearer,
  OF_PRINTS,
  OF_SNAPS,
  PRINTS,
  paramsOf,
  protect,
  SNAPS,
  scene,
} from "./scene.ts";

const { issuer, app, service, options, token, signIn } = await scene();
const credentials = OF_SNAPS;
const guard = protect({ ...options, scopes: ["photos.read"], name: "Snaps" });
const METADATA = "https://snaps.test/.well-known/oauth-protected-resource/api";

test("a token that holds is let through, with what it says", async () => {
  const { accessToken } = await signIn({ scope: "photos.read photos.write", resource: SNAPS });
  const { access } = await answered(guard, bearer(accessToken));
  assert.ok(access);
  assert.deepEqual([access.sub, access.clientId], [issuer.subOf("ada"), "app"]);
  assert.deepEqual(access.scopes.toSorted(), ["photos.read", "photos.write"]);
  assert.deepEqual([access.has("photos.write"), access.has("photos")], [true, false]);
  assert.equal(access.claims.iss, issuer.issuer);
  assert.ok(access.expiresAt > Date.now() / 1000 + 500);
});

test("a client that acts for itself is let through", async () => {
  const { accessToken } = await service.clientCredentials({ scope: "photos.read" });
  const { access } = await answered(guard, bearer(accessToken));
  assert.equal(access?.sub, "service");
});

test("without a token: 401 that names the metadata and the scope, and no error", async () => {
  for (const header of [null, "", "Basic YTpi", "Bearer", "Bearer a b", "DPoP abc"]) {
    const { status, challenge, body } = await answered(guard, header);
    assert.equal(status, 401, String(header));
    assert.deepEqual(paramsOf(challenge), { scope: "photos.read", resource_metadata: METADATA });
    assert.deepEqual(body, {});
  }
});

test("a request can't change what the next one with its token may do", async () => {
  const guard = protect(options);
  const access = await guard.verify(await token());
  assert.throws(() => access.scopes.push("photos.write"), TypeError);
  assert.throws(() => Object.assign(access.claims, { acr: "high" }), TypeError);
  assert.throws(() => Object.assign(access, { sub: "eve" }), TypeError);
});

test("a token that does not hold: invalid_token, and nothing of it is repeated", async () => {
  const good = await token();
  const [head = "", body = "", signature = ""] = good.split(".");
  const other = signature.startsWith("A") ? "B" : "A";
  for (const bad of [
    `${head}.${body}.${other}${signature.slice(1)}`,
    `${head}.${body}.AAAA`,
    "x.y.z",
    "opaque",
  ]) {
    const { status, challenge } = await answered(guard, bearer(bad));
    assert.equal(status, 401, bad);
    const params = paramsOf(challenge);
    assert.equal(params.error, "invalid_token");
    assert.equal(params.resource_metadata, METADATA);
    assert.ok(!challenge.includes(bad.slice(-20)), challenge);
  }
});

test("an ID token opens no API, and neither does a token for another one", async () => {
  const { idToken = "" } = await signIn({ scope: "openid" });
  assert.match(
    paramsOf((await answered(guard, bearer(idToken))).challenge).error_description ?? "",
    /typ/,
  );
  const elsewhere = protect({ ...options, audience: "https://other.test" });
  await assert.rejects(
    elsewhere.verify(await token()),
    failure("token_refused", /is for .*snaps\.test.*not for https:\/\/other\.test/),
  );
});

test("a scope that is missing: 403, and the challenge names what the token has, too", async () => {
  const { status, challenge } = await answered(guard, bearer(await token()), {
    scopes: ["photos.write"],
  });
  assert.equal(status, 403);
  assert.deepEqual(paramsOf(challenge), {
    error: "insufficient_scope",
    error_description: "photos.write is missing",
    scope: "photos.read photos.write",
    resource_metadata: METADATA,
  });
});

test("a weak or old sign-in: 401 with acr_values and max_age (RFC 9470), which the app can use", async () => {
  const asks = async (need: object) =>
    answered(guard, bearer(await token()), need).then(({ status, challenge }) => ({
      status,
      ...paramsOf(challenge),
    }));
  assert.deepEqual(await asks({ acr: ["phr"], maxAge: 60 }), {
    ...{ status: 401, error: "insufficient_user_authentication" },
    error_description: "another level of sign-in is needed",
    ...{ acr_values: "phr", max_age: "60", resource_metadata: METADATA },
  });
  assert.deepEqual(await asks({ acr: ["urn:valetkey:single", "phr"], maxAge: 60 }), {
    status: 200,
  });
  const { accessToken } = await signIn({ scope: "photos.read" });
  issuer.clock.advance(2);
  const old = await answered(guard, bearer(accessToken), { maxAge: 0 });
  assert.equal(paramsOf(old.challenge).error, "insufficient_user_authentication");
  assert.equal((await answered(guard, bearer(accessToken), { maxAge: 60 })).status, 200);
});

test("opaque tokens: the issuer is asked, with the credentials of the API", async () => {
  const { accessToken } = await signIn({ scope: "prints.order", resource: PRINTS });
  const prints = protect({ ...options, audience: PRINTS, credentials: OF_PRINTS });
  const access = await prints.verify(accessToken);
  assert.deepEqual([access.clientId, access.scopes], ["app", ["prints.order"]]);
  // The credentials of another API see nothing.
  const wrong = protect({ ...options, audience: PRINTS, credentials });
  await assert.rejects(wrong.verify(accessToken), failure("token_refused", /does not hold/));
  const none = protect({ ...options, audience: PRINTS });
  await assert.rejects(none.verify(accessToken), failure("token_refused", /no JWT/));
  const bad = protect({
    ...options,
    audience: PRINTS,
    credentials: { ...OF_PRINTS, clientSecret: "x" },
  });
  await assert.rejects(
    bad.verify(accessToken),
    failure("configuration", /refuses the credentials/, { status: 401, hides: [accessToken] }),
  );
  await assert.rejects(answered(bad, bearer(accessToken)), failure("configuration", /credentials/));
});

test("mode: `introspect` asks about JWTs too, `jwt` about nothing", async () => {
  const jwt = await token();
  const asking = protect({ ...options, credentials, mode: "introspect" });
  const { claims } = await asking.verify(jwt);
  assert.equal(claims.active, true);
  const jwts = protect({ ...options, credentials, mode: "jwt" });
  assert.equal((await jwts.verify(jwt)).claims.active, undefined);
  await assert.rejects(jwts.verify("vka_opaque"), failure("token_refused", /no JWT/));
});

test("a revoked access token, and a revoked grant, are refused within 2.5 s; the next token works", async () => {
  const tokens = await signIn({ scope: "openid offline_access photos.read" });
  const { refreshToken = "" } = tokens;
  const fresh = async () => (await app.refresh(refreshToken, { resource: SNAPS })).accessToken;
  const refusedIn = async (held: string): Promise<number> => {
    const began = performance.now();
    while ((await answered(guard, bearer(held))).status === 200) await sleep(20);
    return performance.now() - began;
  };
  const one = await fresh();
  assert.equal((await answered(guard, bearer(one))).status, 200);
  await app.revoke(one);
  const took = await refusedIn(one);
  assert.ok(took < 2500 + 200, `${took} ms`);
  const { challenge } = await answered(guard, bearer(one));
  assert.equal(paramsOf(challenge).error_description, "the token was revoked");
  const two = await fresh();
  assert.equal((await answered(guard, bearer(two))).status, 200);
  await app.revoke(refreshToken);
  assert.ok((await refusedIn(two)) < 2700);
});

test("with `revocation: false`, a JWT lives until it expires", async () => {
  const tokens = await signIn({ scope: "openid offline_access photos.read" });
  const { refreshToken = "" } = tokens;
  const { accessToken } = await app.refresh(refreshToken, { resource: SNAPS });
  const careless = protect({ ...options, revocation: false });
  await careless.verify(accessToken);
  await app.revoke(refreshToken);
  await sleep(2600);
  assert.equal((await careless.verify(accessToken)).clientId, "app");
});

test("the metadata stands at the well-known address of the audience (RFC 9728)", async () => {
  assert.equal(guard.metadataPath, "/.well-known/oauth-protected-resource/api");
  const found = guard.metadata(new Request(METADATA));
  assert.equal(found?.headers.get("access-control-allow-origin"), "*");
  assert.deepEqual(await found?.json(), {
    resource: SNAPS,
    authorization_servers: [issuer.issuer],
    scopes_supported: ["photos.read"],
    bearer_methods_supported: ["header"],
    resource_name: "Snaps",
  });
  assert.equal(
    guard.metadata(new Request("https://snaps.test/.well-known/oauth-protected-resource")),
    null,
  );
  const root = protect({ ...options, audience: "https://snaps.test" });
  assert.equal(root.metadataPath, "/.well-known/oauth-protected-resource");
  const named = protect({ ...options, audience: "api://snaps" });
  assert.equal(named.metadataPath, null);
  assert.equal((await answered(named, null)).challenge, "Bearer");
});

test("options that can't work are refused at once", () => {
  const wrong: [object, RegExp][] = [
    [{ issuer: [] }, /issuer is empty/],
    [{ issuer: "http://id.example.com" }, /is not https/],
    [{ audience: "" }, /audience is empty/],
    [{ audience: process.env.NOT_SET }, /audience is empty/],
    [{ scopes: "photos.read" }, /scopes is no list/],
    [{ acr: "high" }, /acr is no list/],
    [{ cache: Number.NaN }, /cache is not a number/],
    [{ cache: -1 }, /cache is not a number/],
    [{ mode: "introspect" }, /needs credentials/],
    [{ revocation: { whenStale: "introspect" } }, /needs credentials/],
    [{ revocation: { every: 0 } }, /revocation\.every/],
  ];
  for (const [change, message] of wrong)
    assert.throws(() => protect({ ...options, ...change }), failure("configuration", message));
});
