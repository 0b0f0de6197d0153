/** The code flow (OpenID Connect Core §3.1, profile Basic OP): the authorization request. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "../../../test/support/browser.ts";
import {
  ask,
  CALLBACK,
  type Client,
  register,
  requestOf,
  SCOPES,
  signIn,
  userinfo,
} from "../client.ts";
import type { Demand } from "../demand.ts";
import { answerOf, goOn, isAnswer, seenOn, verifyIdToken, type World } from "../world.ts";

const LONG_STATE = "aZ9-._~x".repeat(16);
/** The only members of an error response (RFC 6749 §4.1.2.1, RFC 9207). */
const ERROR_MEMBERS = ["error", "error_description", "error_uri", "state", "iss"];
const OUTSIDE = /^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/;

/** Two times of sign-ins differ only when a second has passed between them. */
const SECOND = 1100;

async function open(client: Client, world: World, parameters: Record<string, string | undefined>) {
  const browser = world.browser();
  return { browser, page: await browser.get(requestOf(client, world, parameters)) };
}

function isOurPage({ status, url, html }: Page, { issuer }: World): void {
  assert.equal(url.origin, new URL(issuer).origin, "it was sent elsewhere");
  assert.ok(status >= 400 && /error|invalid|not|can/i.test(html), `${status}`);
}

const harmless = (text: string, parameters: Record<string, string>): Demand => ({
  text: `${text} is never an error`,
  async check(world) {
    const client = await register(world);
    const { claims } = await signIn(client, world, parameters);
    assert.ok(claims.sub);
  },
});

const silent: Demand[] = [
  {
    text: "prompt=none without a session is an error at the client, with a state of 128 characters unharmed",
    async check(world) {
      const client = await register(world);
      const { page } = await open(client, world, { prompt: "none", state: LONG_STATE });
      const { answer } = answerOf(page);
      assert.match(answer.error ?? "", /^(login|interaction|consent|account_selection)_required$/);
      assert.equal(answer.state, LONG_STATE);
      assert.deepEqual(
        Object.keys(answer).filter((name) => !ERROR_MEMBERS.includes(name)),
        [],
      );
      assert.match(answer.error_description ?? "", OUTSIDE);
    },
  },
  {
    text: "prompt=none with a session is silent, with the same sub and auth_time; id_token_hint likewise",
    async check(world) {
      const client = await register(world);
      const first = await signIn(client, world, { max_age: "10000" });
      await sleep(SECOND);
      for (const extra of [{}, { id_token_hint: first.tokens.id_token }]) {
        const asked = { prompt: "none", max_age: "10000", ...extra };
        const page = await first.browser.get(requestOf(client, world, asked));
        assert.ok(isAnswer(page), seenOn(page));
        const again = await signIn(client, world, asked, first.browser);
        assert.equal(again.claims.sub, first.claims.sub);
        assert.equal(again.claims.auth_time, first.claims.auth_time);
      }
    },
  },
];

const reauthentication: Demand[] = [
  ...(["prompt", "max_age"] as const).map((name): Demand => {
    const value = name === "prompt" ? "login" : "1";
    return {
      text: `${name}=${value} shows the sign-in page although a session exists, and auth_time is later`,
      async check(world) {
        const client = await register(world);
        const first = await signIn(client, world, { max_age: "10000" });
        await sleep(2 * SECOND);
        const page = await first.browser.get(requestOf(client, world, { [name]: value }));
        assert.match(page.url.pathname, /\/sign-in$/, seenOn(page));
        const asked = { [name]: value, max_age: name === "max_age" ? value : "10000" };
        const again = await signIn(client, world, asked, first.browser);
        const [before, after] = [first.claims.auth_time, again.claims.auth_time];
        assert.ok(Number(after) > Number(before), `auth_time ${before}, then ${after}`);
      },
    };
  }),
  {
    text: "max_age=10000 shows no page, and auth_time stays",
    async check(world) {
      const client = await register(world);
      const first = await signIn(client, world, { max_age: "15000" });
      const page = await first.browser.get(requestOf(client, world, { max_age: "10000" }));
      assert.ok(isAnswer(page), seenOn(page));
      const again = await signIn(client, world, { max_age: "10000" }, first.browser);
      assert.equal(again.claims.auth_time, first.claims.auth_time);
    },
  },
  {
    text: "prompt=consent with offline_access shows the consent page, and a refresh token comes",
    async check(world) {
      const client = await register(world);
      const first = await signIn(client, world, { scope: SCOPES });
      const asked = { scope: SCOPES, prompt: "consent" };
      const page = await first.browser.get(requestOf(client, world, asked));
      assert.match(page.url.pathname, /\/consent$/, seenOn(page));
      const { tokens } = await signIn(client, world, asked, first.browser);
      assert.ok(tokens.refresh_token);
    },
  },
];

const redirects: Demand[] = [
  {
    text: "a missing, unregistered or changed redirect_uri is a page of the server, never a redirect",
    async check(world) {
      const client = await register(world);
      const wrong = [undefined, "https://evil.test/cb", `${CALLBACK}/xyz`, `${CALLBACK}?foo=bar`];
      for (const redirect_uri of wrong) {
        const { page } = await open(client, world, { redirect_uri });
        isOurPage(page, world);
      }
    },
  },
  {
    text: "the query of a registered redirect_uri stays, and another one is refused",
    async check(world) {
      const registered = `${CALLBACK}?foo=bar`;
      const client = await register(world, { redirect_uris: [registered] });
      const { page, answer } = await ask(client, world, { redirect_uri: registered });
      assert.equal(page.url.searchParams.get("foo"), "bar");
      assert.ok(answer.code);
      for (const redirect_uri of [CALLBACK, `${registered}&baz=1`, `${CALLBACK}?foo=baz`]) {
        const other = await open(client, world, { redirect_uri });
        isOurPage(other.page, world);
      }
    },
  },
  {
    text: "a missing response_type is an error at the client",
    async check(world) {
      const client = await register(world);
      const { page } = await open(client, world, { response_type: undefined });
      const { answer } = answerOf(page);
      assert.match(answer.error ?? "", /^(invalid_request|unsupported_response_type)$/);
    },
  },
];

export const authorization_request: readonly Demand[] = [
  {
    text: "a code comes without PKCE and without nonce, with state",
    async check(world) {
      const client = await register(world);
      const { answer, header, claims } = await signIn(client, world);
      assert.equal(answer.state, "af0ifjsldkj");
      assert.equal(header.alg, "RS256");
      assert.equal(claims.nonce, undefined);
    },
  },
  {
    text: "nonce comes back in the ID token, also one of 384 characters",
    async check(world) {
      const client = await register(world);
      const nonce = "n".repeat(384);
      const { claims } = await signIn(client, world, { nonce });
      assert.equal(claims.nonce, nonce);
    },
  },
  harmless("display=page", { display: "page" }),
  harmless("display=popup", { display: "popup" }),
  harmless("ui_locales", { ui_locales: "se" }),
  harmless("claims_locales", { claims_locales: "se" }),
  harmless("login_hint", { login_hint: "somebody@example.com" }),
  harmless("an unknown parameter", { extra: "foobar" }),
  harmless("another order of scopes", { scope: "phone address email profile openid" }),
  {
    text: "acr_values is answered with one of acr_values_supported",
    async check(world) {
      const client = await register(world);
      const supported = world.metadata.acr_values_supported;
      assert.ok(Array.isArray(supported));
      const { claims } = await signIn(client, world, { acr_values: supported.join(" ") });
      assert.ok(supported.includes(claims.acr), `acr is ${claims.acr}`);
    },
  },
  {
    text: "an authorization request by POST with a form body works",
    async check(world) {
      const client = await register(world);
      const browser = world.browser();
      const { search, origin, pathname } = new URL(requestOf(client, world));
      const body = new URLSearchParams(search);
      const first = await browser.request(origin + pathname, { method: "POST", body });
      assert.equal(first.status, 303);
      const next = new URL(first.headers.get("location") ?? "", world.issuer);
      const page = await goOn(await browser.get(next.href), browser, world);
      assert.ok(answerOf(page).answer.code, seenOn(page));
    },
  },
  ...silent,
  ...reauthentication,
  ...redirects,
  {
    text: "the claims parameter gives name at userinfo without the scope, and not in the ID token",
    async check(world) {
      const client = await register(world);
      const claims = JSON.stringify({ userinfo: { name: { essential: true } } });
      const asked = await signIn(client, world, { claims });
      const told = await userinfo(asked.tokens.access_token, world);
      assert.ok(told.claims.name, told.text);
      assert.equal(asked.claims.name, undefined);
    },
  },
  {
    text: "an ID token of the code flow has no e-mail address when only userinfo should have it",
    async check(world) {
      const client = await register(world);
      const { tokens } = await signIn(client, world, { scope: SCOPES });
      const { claims } = await verifyIdToken(tokens.id_token, client.client_id, world);
      assert.equal(claims.email, undefined);
    },
  },
];
