/** The list of ended tokens as it may come: late, long, damaged, or not at all. */
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { sha256 } from "../../../src/crypto/hash.ts";
import { clientName, epochName, grantName, keyName, tokenName } from "../../../src/oauth/ended.ts";
import { protect } from "../../../src/sdk/resource_server/protect.ts";
import { failure } from "../failure.ts";
import { fakeIssuer, seconds } from "./fake_issuer.ts";
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

test("a name ends the tokens that it should, and no others", async () => {
  await using fake = await fakeIssuer();
  const { options } = fake;
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
  await using fake = await fakeIssuer();
  const { options } = fake;
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

/** A list that answers as the server does. Time passes for the guard and for the list. */
async function listOverTime() {
  const fake = await fakeIssuer();
  let passed = 0;
  const own = performance.now.bind(performance);
  const clock = mock.method(performance, "now", () => own() + passed * 1000);
  const names: [ended_at: number, name: string][] = [];
  const now = () => seconds() + passed;
  const answer: Answer = ({ url = "" }) => {
    const after = Math.max(Number(url.split("=")[1]), now() - 660);
    const since = names.filter(([ended_at]) => ended_at >= after);
    const ended = since.map(([ended_at, name]) => [ended_at - after, hash(name)]);
    return { body: { now: now(), window: 660, after, ended } };
  };
  fake.answers["/ended"] = answer;
  return {
    ...{ fake, options: fake.options, answer, now },
    pass(more: number) {
      passed += more;
    },
    end: (name: string) => names.push([now(), name]),
    async [Symbol.asyncDispose]() {
      clock.mock.restore();
      await fake[Symbol.asyncDispose]();
    },
  };
}
type Answer = NonNullable<Awaited<ReturnType<typeof fakeIssuer>>["answers"][string]>;

test("what ends while nobody asks, or while the issuer is away, is known afterwards", async () => {
  for (const is_away of [false, true]) {
    await using scene = await listOverTime();
    const { fake, options, pass, end, answer } = scene;
    const guard = protect(options);
    const token = await fake.sign({ ...fake.claims, iat: seconds() - 100 });
    await guard.verify(token);
    if (is_away) fake.answers["/ended"] = () => null;
    pass(30);
    end(grantName("g1"));
    pass(200);
    if (is_away) await guard.verify(token);
    fake.answers["/ended"] = answer;
    pass(3);
    await assert.rejects(guard.verify(token), failure("token_refused", /revoked/));
  }
});

test("without news, the list is asked for from later seconds", async () => {
  await using scene = await listOverTime();
  const { fake, options, pass, now, answer } = scene;
  fake.answers["/ended"] = (request) =>
    request.headers["if-none-match"] === '"same"'
      ? { status: 304 }
      : { ...answer(request), headers: { etag: '"same"' } };
  const guard = protect(options);
  const token = await fake.sign(fake.claims);
  await guard.verify(token);
  for (let i = 0; i < 40; i += 1) {
    pass(5);
    await guard.verify(token);
  }
  const after = Number(fake.asked.at(-1)?.split("=")[1]);
  assert.ok(after > now() - 60 - 20, `${now() - after} s ago`);
});

test("a long list whose rest did not come is read again from the same second", async () => {
  await using scene = await listOverTime();
  const { fake, options, now, pass } = scene;
  const start = now() - 600;
  let rest: Answer = () => ({ status: 503 });
  fake.answers["/ended"] = (request) => {
    const after = Number(request.url?.split("=")[1]);
    if (after >= start + 100) return rest(request);
    return list([[0, hash("g:other")]], { after: start, next: start + 100 });
  };
  const guard = protect(options);
  const token = await fake.sign({ ...fake.claims, iat: start });
  await guard.verify(token);
  rest = ({ url = "" }) =>
    url.endsWith(`=${start + 100}`)
      ? list([[50, hash(grantName("g1"))]], { after: start + 100 })
      : list([]);
  pass(3);
  await assert.rejects(guard.verify(token), failure("token_refused", /revoked/));
});

test("a list that does not end counts as no answer", async () => {
  await using fake = await fakeIssuer();
  const { options } = fake;
  fake.answers["/ended"] = ({ url = "" }) => {
    const after = Number(url.split("=")[1]);
    return list([], { after, next: after + 1 });
  };
  const strict = { every: 2, maxStale: 60, whenStale: "refuse" } as const;
  const guard = protect({ ...options, revocation: strict });
  assert.equal((await answered(guard, bearer(await fake.sign(fake.claims)))).status, 503);
});

test("what has ended stays so while the issuer is away", async () => {
  await using fake = await fakeIssuer();
  const { options } = fake;
  const guard = protect({ ...options, revocation: { every: 0.1, maxStale: 0.2 } });
  fake.answers["/ended"] = () => listed(1, grantName("g1"));
  const token = await fake.sign({ ...fake.claims, iat: seconds() - 100 });
  await assert.rejects(guard.verify(token), failure("token_refused", /revoked/));
  fake.answers["/ended"] = () => null;
  await sleep(500);
  await assert.rejects(guard.verify(token), failure("token_refused", /revoked/));
});

test("a list that does not come holds up a request for a second, and the next ones not at all", async () => {
  await using fake = await fakeIssuer();
  const { options } = fake;
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
  await using fake = await fakeIssuer();
  const { options } = fake;
  const guard = protect({ ...options, revocation: { every: 0.3 } });
  const token = await fake.sign({ ...fake.claims, iat: seconds() - 100 });
  await guard.verify(token);
  fake.answers["/ended"] = () => listed(1, grantName("g1"));
  // As in a function that is frozen between two requests: no timer runs.
  for (const until = performance.now() + 1000; performance.now() < until; );
  await assert.rejects(guard.verify(token), failure("token_refused", /revoked/));
});

test("a damaged list counts as no answer", async () => {
  await using fake = await fakeIssuer();
  const { options } = fake;
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
  await using fake = await fakeIssuer();
  const { options, count } = fake;
  const { issuer } = fake;
  fake.answers["/.well-known/oauth-authorization-server"] = () => ({
    body: { issuer, jwks_uri: `${issuer}/jwks` },
  });
  const guard = protect({ ...options, revocation: { whenStale: "refuse" } });
  await guard.verify(await fake.sign(fake.claims));
  assert.equal(count("/ended"), 0);
});
