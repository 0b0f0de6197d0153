/** `valetkey/client/web`: the provider ends a session, and says so (OpenID Connect Back-Channel Logout 1.0). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createAuth, memoryStore, type SessionStore } from "../../../src/sdk/client/web/web.ts";
import { startIssuer } from "../../../src/testing/testing.ts";
import { demoBrowser } from "../../support/demo_browser.ts";
import { listening } from "./listening.ts";
import { appWith, CLIENT, registeredAt, SECRET } from "./scene.ts";

const eventually = async (isTrue: () => Promise<boolean>): Promise<void> => {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("it did not happen within 5 s");
};

async function scene(store?: SessionStore) {
  const http = await listening();
  const client = {
    ...registeredAt(http.origin),
    backchannel_logout_uri: `${http.origin}/auth/backchannel-logout`,
  };
  const issuer = await startIssuer({ clients: [client] });
  const messages: string[] = [];
  const auth = createAuth({
    ...{ secret: SECRET, issuer: issuer.issuer, ...CLIENT },
    session: store ? { store } : { recheck: 0 },
    onError: (error) => void messages.push(error.message),
  });
  const forms: string[] = [];
  const asked: { form: string; status: number }[] = [];
  const app = appWith(auth);
  http.serve(async (request: Request) => {
    if (!request.url.endsWith("/backchannel-logout")) return app(request);
    const form = await request.clone().text();
    forms.push(form);
    const answer = await app(request);
    asked.push({ form, status: answer.status });
    return answer;
  });
  return {
    ...{ http, issuer, forms, asked, messages },
    async [Symbol.asyncDispose]() {
      await issuer.close();
      await http[Symbol.asyncDispose]();
    },
  };
}

test("a session that ends at the provider ends here within a moment, by one message, once", async () => {
  await using app = await scene(memoryStore());
  const { origin } = app.http;
  const [ada, other] = [demoBrowser(), demoBrowser()];
  for (const browser of [ada, other]) await browser.get(`${origin}/auth/login`);
  const isIn = async (browser: typeof ada): Promise<boolean> =>
    JSON.parse((await browser.get(`${origin}/me`)).html).user !== null;
  assert.deepEqual([await isIn(ada), await isIn(other)], [true, true]);
  const page = await ada.get(`${app.issuer.issuer}/logout`);
  await ada.submit(page, "/sign-out");
  await eventually(async () => !(await isIn(ada)));
  assert.equal(await isIn(other), true, "another session of the same person stays");
  assert.equal(app.asked.length, 1);
  const [{ form, status } = { form: "", status: 0 }] = app.asked;
  assert.equal(status, 200);
  const again = await fetch(`${origin}/auth/backchannel-logout`, {
    method: "POST",
    body: new URLSearchParams(form),
  });
  assert.equal(again.status, 400);
  assert.match(await again.text(), /used before/);
});

test("a logout that the store did not carry out can be sent again", async () => {
  const memory = memoryStore();
  let is_down = true;
  let has_failed = false;
  const store: SessionStore = {
    ...memory,
    async end(by) {
      if (!is_down) return memory.end(by);
      has_failed = true;
      throw new Error("the store is away");
    },
  };
  await using app = await scene(store);
  const { origin } = app.http;
  const ada = demoBrowser();
  await ada.get(`${origin}/auth/login`);
  await ada.submit(await ada.get(`${app.issuer.issuer}/logout`), "/sign-out");
  await eventually(async () => has_failed);
  is_down = false;
  const again = await fetch(`${origin}/auth/backchannel-logout`, {
    method: "POST",
    body: new URLSearchParams(app.forms[0]),
  });
  assert.equal(again.status, 200);
  assert.equal(JSON.parse((await ada.get(`${origin}/me`)).html).user, null);
});

test("without a store, the provider is told that it did not work", async () => {
  await using app = await scene();
  const answer = await fetch(`${app.http.origin}/auth/backchannel-logout`, {
    method: "POST",
    body: new URLSearchParams({ logout_token: "x" }),
  });
  assert.equal(answer.status, 400);
  assert.match(await answer.text(), /^\{"error":"server_error",.*session\.store/);
  assert.equal(app.messages.length, 1);
});
