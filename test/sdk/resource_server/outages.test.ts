/** An issuer that is away, slow, or changes its keys; and the list of ended tokens as it may come. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { sha256 } from "../../../src/crypto/hash.ts";
import { clientName, epochName, grantName, keyName, tokenName } from "../../../src/oauth/ended.ts";
import { protect } from "../../../src/sdk/resource_server/protect.ts";
import { failure } from "../failure.ts";
import { tracedFetch } from "../traced_fetch.ts";
import { AUDIENCE, fakeIssuer, seconds } from "./fake_issuer.ts";
import { answered, bearer } from "./scene.ts";

const hash = (...names: string[]): string =>
  Buffer.concat(
    names.map((name) => Buffer.from(sha256(name), "base64url").subarray(0, 8)),
  ).toString("base64url");

const list = (ended: [number, string][], more: object = {}, now = seconds()) => ({
  body: { now, window: 660, after: now - 660, ended, ...more },
});
/** Listed `ago` seconds before `now`. */
const listed = (ago: number, name: string, now?: number) =>
  list([[660 - ago, hash("g:other", name)]], {}, now);

async function setup() {
  const fake = await fakeIssuer();
  const options = { issuer: fake.issuer, audience: AUDIENCE };
  const count = (path: string) => fake.asked.filter((each) => each.startsWith(path)).length;
  return { fake, options, count, [Symbol.asyncDispose]: fake[Symbol.asyncDispose] };
}

test("without any keys: 503; the keys are there as soon as the issuer is", async () => {
  await using scene = await setup();
  const { fake, options } = scene;
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
  await using scene = await setup();
  const { fake, options, count } = scene;
  const guard = protect(options);
  const [one, two] = [await fake.sign(fake.claims), await fake.sign({ ...fake.claims, jti: "2" })];
  await guard.verify(one);
  for (const path of ["/jwks", "/ended", "/.well-known/oauth-authorization-server"])
    fake.answers[path] = () => null;
  for (let i = 0; i < 10; i += 1) await guard.verify(one);
  await guard.verify(two);
  assert.equal(count("/jwks"), 1);
});

test("an unknown key makes the guard ask once, and not again for 30 s", async () => {
  await using scene = await setup();
  const { fake, options, count } = scene;
  const guard = protect(options);
  const token = await fake.sign(fake.claims, { kid: "unknown" });
  fake.keys.length = 0;
  for (let i = 0; i < 5; i += 1)
    await assert.rejects(guard.verify(token), failure("token_refused", /no key/));
  assert.equal(count("/jwks"), 1);
});

test("a name ends the tokens that it should, and no others", async () => {
  await using scene = await setup();
  const { fake, options } = scene;
  const now = seconds();
  /** The answer of a guard to a token of 100 seconds ago when this name ended 50 seconds ago. */
  const said = async (name: string, claims: object = {}) => {
    fake.answers["/ended"] = () => listed(50, name, now);
    const token = await fake.sign({ ...fake.claims, iat: now - 100, ...claims });
    return protect(options)
      .verify(token)
      .then(
        () => "holds",
        ({ message }) => /revoked/.exec(message)?.[0],
      );
  };
  assert.equal(await said("g:another"), "holds");
  assert.equal(await said(grantName("g1")), "revoked");
  assert.equal(await said(clientName("app")), "revoked");
  // Issued later than 5 seconds after the end: the grant holds again.
  assert.equal(await said(grantName("g1"), { iat: now - 45 }), "holds");
  assert.equal(await said(grantName("g1"), { iat: now - 47 }), "revoked");
  assert.equal(await said(clientName("app"), { iat: now - 40 }), "holds");
  assert.equal(await said(epochName("g1", 0), { iat: now }), "revoked");
  assert.equal(await said(epochName("g1", 0), { access_epoch: 1 }), "holds");
  assert.equal(await said(tokenName("1"), { iat: now }), "revoked");
  assert.equal(await said(keyName("1"), { iat: now }), "revoked");
  // A token of several grants ends with each of them.
  const several = { grant_id: ["g1", "g2"], access_epoch: [0, 3] };
  assert.equal(await said(grantName("g2"), several), "revoked");
  assert.equal(await said(epochName("g2", 3), several), "revoked");
  assert.equal(await said(grantName("g3"), several), "holds");
  // A token that hides its age.
  assert.equal(await said(grantName("g1"), { iat: undefined }), "revoked");
});

test("the list is asked for as the server wants it: from a minute ago, rounded, with its tag; then page by page", async () => {
  await using scene = await setup();
  const { fake, options } = scene;
  const guard = protect({ ...options, revocation: { every: 0.05 } });
  const tags: (string | undefined)[] = [];
  fake.answers["/ended"] = ({ headers }) => {
    tags.push(headers["if-none-match"]);
    return headers["if-none-match"] === '"one"'
      ? { status: 304 }
      : { ...list([]), headers: { etag: '"one"' } };
  };
  const token = await fake.sign({ ...fake.claims, iat: seconds() - 100 });
  await guard.verify(token);
  await sleep(700);
  await guard.verify(token);
  await sleep(700);
  await guard.verify(token);
  const asked = fake.asked.filter((each) => each.startsWith("/ended"));
  assert.equal(asked[0], "/ended?after=0");
  const after = Number(/after=(\d+)$/.exec(asked.at(-1) ?? "")?.[1]);
  assert.equal(after % 10, 0);
  assert.ok(after <= seconds() - 60 && after > seconds() - 80, `${seconds() - after} s ago`);
  assert.ok(tags.includes('"one"'));
  const next = seconds() - 50;
  fake.answers["/ended"] = ({ url = "" }) =>
    url.endsWith(`=${next}`)
      ? { body: { now: seconds(), window: 660, after: next, ended: [[20, hash(grantName("g1"))]] } }
      : list([], { next });
  await sleep(700);
  await assert.rejects(guard.verify(token), failure("token_refused", /revoked/));
});

test("while the list is stale: accepted, refused, or asked about, as the API wants it", async () => {
  await using scene = await setup();
  const { fake, options, count } = scene;
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

test("what has ended stays so while the issuer is away", async () => {
  await using scene = await setup();
  const { fake, options } = scene;
  const guard = protect({ ...options, revocation: { every: 0.1, maxStale: 0.2 } });
  fake.answers["/ended"] = () => listed(1, grantName("g1"));
  const token = await fake.sign({ ...fake.claims, iat: seconds() - 100 });
  await assert.rejects(guard.verify(token), failure("token_refused", /revoked/));
  fake.answers["/ended"] = () => null;
  await sleep(500);
  await assert.rejects(guard.verify(token), failure("token_refused", /revoked/));
});

test("a list that does not come holds up a request for a second, and the next ones not at all", async () => {
  await using scene = await setup();
  const { fake, options } = scene;
  const guard = protect(options);
  const token = await fake.sign(fake.claims);
  await guard.verify(token);
  // The answer never ends.
  fake.answers["/ended"] = () => ({ headers: { "content-length": "1000" } });
  await sleep(2700);
  const took = async () => {
    const began = performance.now();
    await guard.verify(token);
    return performance.now() - began;
  };
  assert.ok((await took()) < 1500);
  assert.ok((await took()) < 100, "the list is known to be late");
});

test("after a pause of the whole process, the first request waits for the list", async () => {
  await using scene = await setup();
  const { fake, options } = scene;
  const guard = protect({ ...options, revocation: { every: 0.3 } });
  const token = await fake.sign({ ...fake.claims, iat: seconds() - 100 });
  await guard.verify(token);
  fake.answers["/ended"] = () => listed(1, grantName("g1"));
  // As in a function that is frozen between two requests: no timer runs.
  for (const until = performance.now() + 1000; performance.now() < until; );
  await assert.rejects(guard.verify(token), failure("token_refused", /revoked/));
});

test("a damaged list counts as no answer", async () => {
  await using scene = await setup();
  const { fake, options } = scene;
  const token = await fake.sign(fake.claims);
  const strict = { every: 0.1, maxStale: 0.2, whenStale: "refuse" } as const;
  const bodies = [[], {}, { now: 1 }, { now: "1", window: 660, after: 0, ended: [] }, "x"];
  for (const body of bodies) {
    fake.answers["/ended"] = () => ({ body });
    const guard = protect({ ...options, revocation: strict });
    assert.equal((await answered(guard, bearer(token))).status, 503, JSON.stringify(body));
  }
  fake.answers["/ended"] = () => list([[0, "%%%"]]);
  const guard = protect({ ...options, revocation: strict });
  assert.equal((await answered(guard, bearer(token))).status, 503);
});

test("an issuer without a list: a JWT lives until it expires, even if the API is strict", async () => {
  await using scene = await setup();
  const { fake, options, count } = scene;
  const { issuer } = fake;
  fake.answers["/.well-known/oauth-authorization-server"] = () => ({
    body: { issuer, jwks_uri: `${issuer}/jwks` },
  });
  const guard = protect({ ...options, revocation: { whenStale: "refuse" } });
  await guard.verify(await fake.sign(fake.claims));
  assert.equal(count("/ended"), 0);
});

test("introspection: another audience, a bound token or a broken answer is refused", async () => {
  await using scene = await setup();
  const { fake, options } = scene;
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
  await using scene = await setup();
  const { fake, options, count } = scene;
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
  await using scene = await setup();
  const { fake, options, count } = scene;
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
  await using scene = await setup();
  const { fake, options } = scene;
  fake.answers["/.well-known/oauth-authorization-server"] = () => ({
    body: { issuer: "https://other.test", jwks_uri: `${fake.issuer}/jwks` },
  });
  const guard = protect(options);
  const token = await fake.sign(fake.claims);
  await assert.rejects(answered(guard, bearer(token)), failure("issuer_mismatch", /other\.test/));
});

test("the function of the option fetch sends every request", async (t) => {
  const { fetch, asked } = tracedFetch(t);
  await using scene = await setup();
  const { fake, options } = scene;
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
