/** An issuer that is away, slow, or changes its keys, and what is asked instead. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { protect } from "../../../src/sdk/resource_server/protect.ts";
import { failure } from "../failure.ts";
import { tracedFetch } from "../traced_fetch.ts";
import { fakeIssuer, seconds } from "./fake_issuer.ts";
import { answered, bearer } from "./scene.ts";

test("without any keys: 503; the keys are there as soon as the issuer is", async () => {
  await using fake = await fakeIssuer();
  const { options } = fake;
  const token = await fake.sign(fake.claims);
  fake.answers["/jwks"] = () => ({ status: 500 });
  const guard = protect(options);
  const { status, body } = await answered(guard, bearer(token));
  assert.deepEqual([status, Object(body).error], [503, "temporarily_unavailable"]);
  await assert.rejects(
    guard.verify(token),
    failure("issuer_unreachable", /status 500/, { retryable: true, status: 500, hides: [token] }),
  );
  fake.answers["/jwks"] = undefined;
  assert.equal((await answered(guard, bearer(token))).status, 200);
});

test("known keys hold while the issuer is away, and a token is verified once", async () => {
  await using fake = await fakeIssuer();
  const { options, count } = fake;
  const guard = protect(options);
  const [one, two] = [await fake.sign(fake.claims), await fake.sign({ ...fake.claims, jti: "2" })];
  await guard.verify(one);
  for (const path of ["/jwks", "/ended", "/.well-known/oauth-authorization-server"])
    fake.answers[path] = () => null;
  for (let i = 0; i < 10; i += 1) await guard.verify(one);
  await guard.verify(two);
  assert.equal(count("/jwks"), 1);
});

test("known keys hold for a day without the issuer, and no longer", async (t) => {
  await using fake = await fakeIssuer();
  const { options, count } = fake;
  let passed = 0;
  const own = performance.now.bind(performance);
  t.mock.method(performance, "now", () => own() + passed * 1000);
  const guard = protect({ ...options, revocation: false, cache: 0 });
  const token = await fake.sign({ ...fake.claims, exp: seconds() + 200_000 });
  await guard.verify(token);
  fake.answers["/jwks"] = () => ({ status: 503 });
  passed = 599;
  await guard.verify(token);
  assert.equal(count("/jwks"), 1, "they are fresh for ten minutes");
  for (passed of [601, 610, 629]) await guard.verify(token);
  assert.equal(count("/jwks"), 2, "and asked for every 30 seconds then");
  passed = 86_000;
  await guard.verify(token);
  passed = 86_401;
  await assert.rejects(
    guard.verify(token),
    failure("issuer_unreachable", /status 503/, { retryable: true }),
  );
});

test("a damaged key among the others is passed over", async () => {
  await using fake = await fakeIssuer();
  const { options } = fake;
  const token = await fake.sign(fake.claims);
  const damaged = { kty: "EC", crv: "P-256", x: "AAAA", y: "AAAA", kid: "1", alg: "ES256" };
  fake.keys.unshift(damaged);
  await protect(options).verify(token);
  fake.keys.splice(0, 9, damaged);
  await assert.rejects(protect(options).verify(token), failure("token_refused", /no key/));
});

test("an unknown key makes the guard ask once, and not again for 30 s", async () => {
  await using fake = await fakeIssuer();
  const { options, count } = fake;
  const guard = protect(options);
  const token = await fake.sign(fake.claims, { kid: "unknown" });
  fake.keys.length = 0;
  for (let i = 0; i < 5; i += 1)
    await assert.rejects(guard.verify(token), failure("token_refused", /no key/));
  assert.equal(count("/jwks"), 1);
});

test("while the list is stale: accepted, refused, or asked about, as the API wants it", async () => {
  await using fake = await fakeIssuer();
  const { options, count } = fake;
  const token = await fake.sign(fake.claims);
  const credentials = { clientId: "api", clientSecret: "secret" };
  fake.answers["/ended"] = () => ({ status: 503 });
  const guard = (whenStale: "accept" | "refuse" | "introspect") =>
    protect({ ...options, credentials, revocation: { every: 0.1, maxStale: 0.2, whenStale } });
  assert.equal((await answered(guard("accept"), bearer(token))).status, 200);
  assert.equal((await answered(guard("refuse"), bearer(token))).status, 503);
  const { client_id, ...claims } = fake.claims;
  let active = true;
  fake.answers["/introspect"] = () => ({ body: { active, client_id, ...claims } });
  const asking = guard("introspect");
  assert.equal((await answered(asking, bearer(token))).status, 200);
  active = false;
  assert.equal((await answered(asking, bearer(token))).status, 401);
  assert.ok(count("/introspect") >= 2);
  fake.answers["/ended"] = undefined;
  await sleep(300);
  const refusing = guard("refuse");
  assert.equal((await answered(refusing, bearer(token))).status, 200);
});

test("an API that takes JWTs only may still ask about them while the list is stale", async () => {
  await using fake = await fakeIssuer();
  const { options } = fake;
  fake.answers["/ended"] = () => ({ status: 503 });
  fake.answers["/introspect"] = () => ({ body: { active: true, ...fake.claims } });
  const credentials = { clientId: "api", clientSecret: "secret" };
  const revocation = { maxStale: 0, whenStale: "introspect" } as const;
  const guard = protect({ ...options, credentials, mode: "jwt", revocation });
  await guard.verify(await fake.sign(fake.claims));
  await assert.rejects(guard.verify("opaque"), failure("token_refused", /no JWT/));
});

test("introspection: another audience, a bound token or a broken answer is refused", async () => {
  await using fake = await fakeIssuer();
  const { options } = fake;
  const credentials = { clientId: "a:b", clientSecret: "ä &" };
  const guard = protect({ ...options, credentials });
  let header = "";
  let tokens = 0;
  const says = (answer: object) => {
    fake.answers["/introspect"] = ({ headers }) => {
      header = headers.authorization ?? "";
      return { body: { active: true, ...fake.claims, ...answer } };
    };
    tokens += 1;
    return guard.verify(`opaque-${tokens}`);
  };
  assert.equal((await says({})).sub, "ada");
  assert.equal(Buffer.from(header.slice(6), "base64").toString(), "a%3Ab:%C3%A4+%26");
  await assert.rejects(says({ aud: "https://other.test" }), failure("token_refused", /is for/));
  await assert.rejects(says({ aud: undefined }), failure("token_refused", /is for undefined/));
  await assert.rejects(says({ iss: "https://other.test" }), failure("token_refused", /is from/));
  await assert.rejects(says({ token_type: "DPoP" }), failure("token_refused", /bound to a key/));
  await assert.rejects(
    says({ active: "true" }),
    failure("issuer_unreachable", /status 200/, { retryable: true }),
  );
  assert.equal((await says({ sub: undefined, a: 1 })).sub, "app");
});

test("an answer of introspection counts for 2 s", async () => {
  await using fake = await fakeIssuer();
  const { options, count } = fake;
  const credentials = { clientId: "api", clientSecret: "secret" };
  const guard = protect({ ...options, credentials });
  fake.answers["/introspect"] = () => ({ body: { active: true, ...fake.claims } });
  for (let i = 0; i < 5; i += 1) await guard.verify("opaque");
  assert.equal(count("/introspect"), 1);
  await sleep(2100);
  fake.answers["/introspect"] = () => ({ body: { active: false } });
  await assert.rejects(guard.verify("opaque"), failure("token_refused", /does not hold/));
});

test("the cache is bounded, and can be switched off", async () => {
  await using fake = await fakeIssuer();
  const { options, count } = fake;
  const credentials = { clientId: "api", clientSecret: "secret" };
  fake.answers["/introspect"] = () => ({ body: { active: true, ...fake.claims } });
  const small = protect({ ...options, credentials, cache: 2 });
  // Two are kept: "b1" makes room.
  for (const token of ["a1", "b1", "a1", "c1", "a1", "b1"]) await small.verify(token);
  assert.equal(count("/introspect"), 4);
  const none = protect({ ...options, credentials, cache: 0 });
  for (const token of ["a1", "a1"]) await none.verify(token);
  assert.equal(count("/introspect"), 6);
  const many = protect({ ...options, credentials, cache: 100 });
  for (let i = 0; i < 1000; i += 1) await many.verify(`many ${i}`);
  for (let i = 950; i < 1000; i += 1) await many.verify(`many ${i}`);
  assert.equal(count("/introspect"), 1006, "the last ones are kept");
});

test("metadata of another issuer is an error of the configuration, and no answer to the client", async () => {
  await using fake = await fakeIssuer();
  const { options } = fake;
  fake.answers["/.well-known/oauth-authorization-server"] = () => ({
    body: { issuer: "https://other.test", jwks_uri: `${fake.issuer}/jwks` },
  });
  const guard = protect(options);
  const token = await fake.sign(fake.claims);
  await assert.rejects(answered(guard, bearer(token)), failure("issuer_mismatch", /other\.test/));
});

test("the function of the option fetch sends every request", async (t) => {
  const { fetch, asked } = tracedFetch(t);
  await using fake = await fakeIssuer();
  const { options } = fake;
  fake.answers["/introspect"] = () => ({ body: { active: false } });
  const credentials = { clientId: "api", clientSecret: "s" };
  const guard = protect({ ...options, fetch, credentials });
  await guard.verify(await fake.sign(fake.claims));
  await assert.rejects(guard.verify("opaque"), failure("token_refused", /does not hold/));
  assert.deepEqual(asked, [
    "GET /.well-known/oauth-authorization-server",
    "GET /jwks",
    "GET /ended",
    "POST /introspect",
  ]);
});
