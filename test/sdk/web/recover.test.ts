/** `valetkey/client/web`: pages whose `token` or `fetch` fails because the person has to sign in again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Auth, AuthError, createAuth } from "../../../src/sdk/client/web/web.ts";
import {
  type Answer,
  type App,
  CLIENT,
  NAVIGATION,
  ORIGIN,
  type Scene,
  SECRET,
  SESSION,
  scene,
  testBrowser,
} from "./scene.ts";

const API = "https://api.test";
const config = {
  scopes: { "photos.read": "See your photos" },
  resources: { [API]: { name: "Snaps", scopes: ["photos.read"] } },
};

/** Each page of this app shows an access token. */
const tokenPages =
  (auth: Auth, o: Parameters<Auth["token"]>[1] = {}): App =>
  async (request) => {
    const own = await auth.handle(request);
    if (own) return own;
    const page = await auth.token(request, o).then(
      (token) => new Response(token),
      async (error: Error) =>
        (await auth.recover(request, error)) ?? new Response(error.message, { status: 500 }),
    );
    return auth.commit(request, page);
  };

const claimsIn = (token: string) =>
  JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());

test("nobody is signed in: the person signs in, and comes back to the page", async () => {
  await using app = await scene();
  const answer = await testBrowser(tokenPages(app.auth)).open("/photos?page=2");
  assert.deepEqual(
    [answer.status, answer.url.pathname + answer.url.search],
    [200, "/photos?page=2"],
  );
  assert.equal(claimsIn(answer.text).iss, app.issuer.issuer);
});

test("the provider ended the session: the person signs in again", async () => {
  await using app = await scene({ session: { recheck: 0 } });
  const browser = testBrowser(tokenPages(app.auth));
  const before = claimsIn((await browser.open("/photos")).text);
  app.issuer.fault.revoke("ada");
  app.issuer.clock.advance(3600);
  const after = claimsIn((await browser.open("/photos")).text);
  assert.notEqual(after.grant_id, before.grant_id);
});

test("the app asks for more than at the sign-in: the person is asked for it", async () => {
  await using app = await scene({}, { config });
  const browser = testBrowser(tokenPages(app.auth));
  const before = claimsIn((await browser.open("/photos")).text);
  assert.equal(before.aud, app.issuer.issuer);

  const scope = "openid offline_access photos.read";
  const options = { baseUrl: ORIGIN, secret: SECRET, issuer: app.issuer.issuer, scope };
  const newer = createAuth({ ...options, ...CLIENT, resource: API });
  const later = testBrowser(tokenPages(newer, { resource: API }));
  for (const [name, value] of browser.cookies) later.cookies.set(name, value);
  app.issuer.clock.advance(600);
  const after = claimsIn((await later.open("/photos")).text);
  assert.deepEqual([after.aud, after.scope], [[API, app.issuer.issuer], scope]);
});

/** The provider was asked once, and the person reads what is missing. */
function assertInVain(answer: Answer, { issuer }: Scene): void {
  assert.equal(answer.status, 403);
  assert.match(answer.text, /This page needs more access/);
  const link = /<a href="([^"]+)">Change what you allow</.exec(answer.text)?.[1] ?? "";
  const { searchParams, pathname } = new URL(link.replaceAll("&amp;", "&"), ORIGIN);
  assert.equal(pathname, "/auth/login");
  assert.deepEqual(Object.fromEntries(searchParams), { return_to: "/photos", prompt: "consent" });
  const asked = issuer.requests.filter(({ path }) => path.startsWith("/authorize"));
  assert.equal(asked.length, 1);
}

test("a sign-in that does not help is not repeated", async () => {
  await using app = await scene();
  const browser = testBrowser(tokenPages(app.auth, { resource: "https://other.test" }));
  assertInVain(await browser.open("/photos"), app);
});

test("nor is one that began at the address of the login, as those of Next.js do", async () => {
  await using app = await scene();
  const browser = testBrowser(async (request) => {
    const own = await app.auth.handle(request);
    if (own) return own;
    const error = await app.auth.token(request, { resource: "https://other.test" }).catch((e) => e);
    const location = `/auth/login?return_to=/photos&recovers=${error.code}`;
    return new Response(null, { status: 307, headers: { location } });
  });
  assertInVain(await browser.open("/photos"), app);
});

test("the link asks the provider for its page", async () => {
  await using app = await scene();
  const request = new Request(`${ORIGIN}/auth/login?return_to=/a&prompt=consent&recovers=nonsense`);
  const way = await app.auth.handle(request);
  assert.equal(new URL(way?.headers.get("location") ?? "").searchParams.get("prompt"), "consent");
});

test("a session that ended a moment after such a sign-in is followed by another one", async () => {
  await using app = await scene();
  const browser = testBrowser(tokenPages(app.auth));
  await browser.open("/photos");
  const cookie = [...browser.cookies].map((pair) => pair.join("=")).join("; ");
  const recover = (code: "session_over" | "sign_in_needed") =>
    app.auth.recover(
      new Request(`${ORIGIN}/photos`, { headers: { ...NAVIGATION, cookie } }),
      new AuthError(code, "the refresh was refused", { hint: "sign in" }),
    );
  assert.equal((await recover("session_over"))?.status, 303);
  assert.equal((await recover("sign_in_needed"))?.status, 500);
});

test("a form leads back to its page", async () => {
  await using app = await scene();
  const pages = {
    [`${ORIGIN}/photos/new?album=2`]: "/photos/new?album=2",
    "https://other.test/photos": "/",
    "no address": "/",
  };
  for (const [referer, page] of Object.entries(pages)) {
    const browser = testBrowser(tokenPages(app.auth));
    const headers = { ...NAVIGATION, referer };
    const way = await browser.request("/photos", { method: "POST", headers });
    const callback = await browser.atIssuer(way.headers.get("location") ?? "");
    const path = callback.pathname + callback.search;
    const back = await browser.request(path, { headers: NAVIGATION });
    assert.equal(back.headers.get("location"), page);
  }
});

test("what a person left out is asked for on the page of the provider", async () => {
  await using app = await scene();
  const promptFor = async (code: "no_session" | "step_up_needed") => {
    const error = new AuthError(code, "the page needs more", { hint: "sign in" });
    const way = await app.auth.recover(new Request(`${ORIGIN}/`, { headers: NAVIGATION }), error);
    return new URL(way?.headers.get("location") ?? "").searchParams.get("prompt");
  };
  assert.equal(await promptFor("no_session"), null);
  assert.equal(await promptFor("step_up_needed"), "consent");
});

test("other errors are the app's, and scripts are not sent away", async () => {
  await using app = await scene();
  const request = (headers: Record<string, string>) => new Request(`${ORIGIN}/photos`, { headers });
  const busy = new AuthError("storage_busy", "another process has it", { hint: "try again" });
  for (const other of [new Error("no"), busy])
    assert.equal(await app.auth.recover(request(NAVIGATION), other), null);
  const error = await app.auth.token(request({})).catch((reason: unknown) => reason);
  const script = { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" };
  assert.equal(await app.auth.recover(request(script), error), null);
  const page = await app.auth.recover(request(NAVIGATION), error);
  assert.equal(page?.status, 303);
  assert.ok(!page?.headers.getSetCookie().some((line) => line.startsWith(SESSION)));
});
