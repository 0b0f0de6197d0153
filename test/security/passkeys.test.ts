/** Attacks on passkeys: bent ceremonies, replays, copies, other people's keys (WebAuthn Level 3 §7, §13). */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { authenticator, type Bent } from "../support/authenticator.ts";
import { authorizationUrl, type Page, type TestBrowser, testBrowser } from "../support/browser.ts";
import {
  ADD,
  addPasskey,
  optionsOf,
  PASSKEYS,
  REMOVE,
  signInByPasskey,
} from "../support/passkeys.ts";
import { ISSUER, testServer, WEB } from "../support/server.ts";

const server = await testServer();
after(() => server.close());
const client = await server.addClient(WEB);
const synced = authenticator(ISSUER);
const bound = authenticator(ISSUER, { synced: false });

async function person(name: string) {
  const sub = await server.addUser(name);
  const browser = testBrowser(server);
  await browser.signIn(await browser.get("/sign-in"), name);
  return { sub, browser };
}
const ceremonyOn = ({ html }: Page) => /name="ceremony" value="([^"]*)"/.exec(html)?.[1] ?? "";
const isSignedIn = ({ url }: Page) => url.pathname === "/account";
const fresh = async (): Promise<[TestBrowser, Page]> => {
  const browser = testBrowser(server);
  return [browser, await browser.get("/sign-in")];
};

test("an assertion counts only as it was asked for", async () => {
  const { browser } = await person("ada");
  const passkey = await addPasskey(browser, synced);
  const bends: [string, Bent][] = [
    ["another site", { origin: "https://as.test.evil.example" }],
    ["another port", { origin: `${ISSUER}:8443` }],
    ["plain http", { origin: "http://as.test" }],
    ["a registration", { type: "webauthn.create" }],
    ["another challenge", { challenge: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }],
    ["another relying party", { rp_id: "evil.example" }],
    ["inside a frame of another site", { crossOrigin: true }],
    ["a frame that names its top", { topOrigin: ISSUER }],
    ["nobody present", { up: false }],
    ["nobody verified", { uv: false }],
    ["no longer fit for a backup", { be: false, bs: false }],
    ["backed up, and not fit for it", { be: false, bs: true }],
    ["no person named", { user_handle: null }],
    ["another person named", { user_handle: "AAAA" }],
    ["a wrong signature", { wrong_key: true }],
  ];
  for (const [what, bent] of bends) {
    const [other, page] = await fresh();
    const answer = await signInByPasskey(other, page, synced, [passkey, bent]);
    assert.equal(answer.status, 401, what);
    assert.ok(![...other.cookies.keys()].some((name) => name.includes("session")), what);
  }
  const [other, page] = await fresh();
  assert.ok(isSignedIn(await signInByPasskey(other, page, synced, [passkey])));
});

test("a key without a PIN is told to set one, at the sign-in and when it is added", async () => {
  const { browser } = await person("ben");
  const page = await browser.get(PASSKEYS);
  const { credential } = bound.create(optionsOf(page, "create"), { uv: false });
  const refused = await browser.submit(page, { credential, name: "Key" }, ADD);
  assert.match(refused.html, /Give it a PIN/);
  const passkey = await addPasskey(browser, bound);
  const [other, sign_in] = await fresh();
  const answer = await signInByPasskey(other, sign_in, bound, [passkey, { uv: false }]);
  assert.match(answer.html, /Give it a PIN/);
});

test("a response is used once, and only in the browser where it began", async () => {
  const { browser } = await person("cleo");
  const passkey = await addPasskey(browser, synced);
  const [one, page] = await fresh();
  const credential = synced.get(optionsOf(page, "get"), passkey);
  const way = { action: "", having: { way: "passkey" } };
  const [other, own] = await fresh();
  assert.equal((await other.submit(page, { credential }, way)).status, 403, "another browser");
  const stolen = { credential, ceremony: ceremonyOn(page) };
  assert.equal((await other.submit(own, stolen, way)).status, 401, "with a form of its own");
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => one.submit(page, { credential }, way)),
  );
  assert.equal(answers.filter(isSignedIn).length, 1);
  assert.equal(answers.filter(({ status }) => status === 401).length, 49);
});

test("a challenge of one purpose, or of ten minutes ago, counts for no other", async () => {
  const { browser } = await person("dora");
  const passkey = await addPasskey(browser, synced);
  const confirm = await browser.get(PASSKEYS);
  assert.equal(confirm.url.pathname, "/confirm");
  const sign_in = await browser.get("/sign-in");
  const credential = synced.get(optionsOf(sign_in, "get"), passkey);
  const way = { action: "", having: { way: "passkey" } };
  const crossed = { credential, ceremony: ceremonyOn(sign_in) };
  assert.equal((await browser.submit(confirm, crossed, way)).status, 401);
  // The challenge of a registration is for the same person and browser, and for nothing else.
  const page = await signInByPasskey(browser, confirm, synced, [passkey]);
  const { challenge, rp } = JSON.parse(optionsOf(page, "create"));
  const begun = { challenge, rpId: rp.id };
  const answer = {
    credential: synced.get(JSON.stringify(begun), passkey),
    ceremony: ceremonyOn(page),
  };
  assert.equal((await browser.submit(confirm, answer, way)).status, 401);
  server.advance(601);
  const late = await signInByPasskey(browser, sign_in, synced, [passkey]);
  assert.match(late.html, /open for too long/);
});

test("the passkey of somebody else confirms nothing", async () => {
  const eve = await person("eve");
  const hers = await addPasskey(eve.browser, synced);
  const { sub, browser } = await person("fay");
  const own = await addPasskey(browser, synced);
  const confirm = await browser.get(PASSKEYS);
  const refused = await signInByPasskey(browser, confirm, synced, [hers]);
  assert.match(refused.html, /belongs to another account/);
  const page = await signInByPasskey(browser, confirm, synced, [own]);
  assert.equal(page.url.pathname, PASSKEYS);
  const [theirs] = (await server.server.store.loadFactors(eve.sub)).passkeys;
  assert.ok(theirs);
  await browser.submit(page, { credential_id: theirs.credential_id }, REMOVE);
  assert.equal((await server.server.store.loadFactors(eve.sub)).passkeys.length, 1);
  assert.equal((await server.server.store.loadFactors(sub)).passkeys.length, 1);
});

test("a counter that went back: a key that can't be copied is refused, a synced one is noted", async () => {
  const { browser } = await person("gus");
  const key = await addPasskey(browser, bound);
  const signIn = async (bent: Bent) => {
    const [other, page] = await fresh();
    return signInByPasskey(other, page, bound, [key, bent]);
  };
  assert.ok(isSignedIn(await signIn({ sign_count: 7 })));
  for (const sign_count of [7, 6, 0]) assert.equal((await signIn({ sign_count })).status, 401);
  assert.ok(isSignedIn(await signIn({ sign_count: 8 })));
  const { browser: other } = await person("hal");
  const copy = await addPasskey(other, synced);
  for (const sign_count of [9, 3]) {
    const [again, page] = await fresh();
    const answer = await signInByPasskey(again, page, synced, [copy, { sign_count }]);
    assert.ok(isSignedIn(answer));
  }
  const told = server.lines.filter(({ event }) => event.includes("counter of a passkey"));
  assert.deepEqual(
    told.map(({ fields: { stored, sent } }) => [stored, sent]),
    [
      [7, 7],
      [7, 6],
      [7, 0],
      [9, 3],
    ],
  );
});

test("an attestation counts only as it was asked for, once, and for a key that is new", async () => {
  const { sub, browser } = await person("ida");
  const { browser: other } = await person("jon");
  for (const bent of [
    { origin: "https://evil.example" },
    { type: "webauthn.get" },
    { challenge: "AAAA" },
    { rp_id: "evil.example" },
    { crossOrigin: true },
    { topOrigin: ISSUER },
    { up: false },
  ] as Bent[]) {
    const page = await browser.get(PASSKEYS);
    const { credential } = synced.create(optionsOf(page, "create"), bent);
    const answer = await browser.submit(page, { credential, name: "x" }, ADD);
    assert.equal(answer.status, 400, JSON.stringify(bent));
  }
  const page = await browser.get(PASSKEYS);
  const { credential } = synced.create(optionsOf(page, "create"));
  const foreign = await other.get(PASSKEYS);
  await other.submit(foreign, { credential, name: "x" }, ADD);
  const sent = Array.from({ length: 50 }, () =>
    browser.submit(page, { credential, name: "x" }, ADD),
  );
  const answers = await Promise.all(sent);
  assert.equal(answers.filter(({ url }) => url.searchParams.has("done")).length, 1);
  assert.equal((await server.server.store.loadFactors(sub)).passkeys.length, 1);
});

test("text of any kind in the fields of a ceremony is refused, and never a failure of the server", async () => {
  const [browser, page] = await fresh();
  const way = { action: "", having: { way: "passkey" } };
  const long = "A".repeat(13_000);
  for (const credential of [
    ...["", "{", "null", "[]", '"x"', "{}", '{"id":"AAAA"}', '{"id":"AAAA","response":null}'],
    '{"id":"AAAA","id":"BBBB","response":{}}',
    '{"id":"A","response":{"clientDataJSON":"AAAA","authenticatorData":"AAAA","signature":"AAAA"}}',
    '{"id":"AAAA","response":{"clientDataJSON":"AAAA","authenticatorData":"AAAA","signature":"AAAA"}}',
    `{"id":"AAAA","response":{"clientDataJSON":"${long}"}}`,
    '{"__proto__":{"id":"AAAA"}}',
  ]) {
    const answer = await browser.submit(page, { credential }, way);
    assert.equal(answer.status, 401, credential.slice(0, 60));
  }
  for (const ceremony of ["", "AAAA", "%00"])
    assert.equal((await browser.submit(page, { credential: "{}", ceremony }, way)).status, 401);
});

test("L1 the sign-in page names no passkey, whoever it is for", async () => {
  const { browser } = await person("kim");
  await addPasskey(browser, synced);
  const shown = [];
  for (const login_hint of ["kim", "nobody"]) {
    const other = testBrowser(server);
    const { html } = await other.get(authorizationUrl(client, { login_hint }));
    const { challenge, ...options } = JSON.parse(optionsOf({ html }, "get"));
    assert.match(challenge, /^[\w-]{43}$/);
    shown.push(options);
  }
  assert.deepEqual(shown[0], shown[1]);
  assert.deepEqual(Object.keys(shown[0] ?? {}), ["rpId", "timeout", "userVerification"]);
});

test("a removed passkey, and one of a disabled person, sign in nobody", async () => {
  const { sub, browser } = await person("leo");
  const passkey = await addPasskey(browser, synced);
  const { store } = server.server;
  const account = await store.findAccount(sub);
  assert.ok(account);
  const disabled = { ...account, disabled_at: server.now() };
  await store.updateAccount(disabled, ["leo"]);
  const [one, page] = await fresh();
  const refused = await signInByPasskey(one, page, synced, [passkey]);
  assert.match(refused.html, /could not be checked/);
  await store.updateAccount(account, ["leo"]);
  await store.removeFactors(sub);
  const [other, again] = await fresh();
  const gone = await signInByPasskey(other, again, synced, [passkey]);
  assert.match(gone.html, /not known here/);
  assert.match(gone.html, /data-signal="signalUnknownCredential"/);
});
