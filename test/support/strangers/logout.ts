/** openid-client signs people out, and is told of sign-outs (OpenID RP-Initiated Logout, Back-Channel Logout). */
import assert from "node:assert/strict";
import * as oidc from "openid-client";
import { setPersonDisabled } from "../../../src/people/change_person.ts";
import { type TestBrowser, testBrowser } from "../browser.ts";
import { answerWith, claimsOf, logoutReceiver } from "../logout_receiver.ts";
import { OPERATOR } from "../operation.ts";
import type { WebServer } from "../web.ts";
import type { Stories } from "./place.ts";
import { type RelyingParty, relyingParty, signIn } from "./relying_party.ts";

const BYE = "https://printly.test/bye";
const STATE = "aZ09-._~ !$&'()*+,;=:@/?%\"<>ü".repeat(2);

const withBye = (server: WebServer, more: object = {}): Promise<RelyingParty> =>
  relyingParty(server, { post_logout_redirect_uris: [BYE], ...more });

async function isSignedIn(app: RelyingParty, browser: TestBrowser): Promise<boolean> {
  try {
    return (await signIn(app, { prompt: "none" }, browser)).seen.length === 0;
  } catch (error) {
    assert.ok(error instanceof oidc.AuthorizationResponseError && error.error === "login_required");
    return false;
  }
}

const confirm = async (browser: TestBrowser, url: URL) =>
  browser.submit(await browser.get(url.href), { which: "one" }, "/sign-out");

export const logoutStrangers: Stories = {
  async "a genuine id_token_hint signs out at once, and leads back with state and nothing else"({
    server,
  }) {
    const app = await withBye(server);
    const { browser, tokens } = await signIn(app);
    const { id_token = "" } = tokens;
    const asked = { id_token_hint: id_token, post_logout_redirect_uri: BYE, state: STATE };
    // The session has ended by the second time: it leads back all the same.
    for (let times = 0; times < 2; times += 1) {
      const { url } = await browser.get(oidc.buildEndSessionUrl(app.config, asked).href);
      assert.equal(url.origin + url.pathname, BYE);
      assert.deepEqual([...url.searchParams], [["state", STATE]]);
      assert.equal(await isSignedIn(app, browser), false);
    }
  },

  async "a sign-out by POST is sealed, and goes on as a GET"({ server }) {
    const app = await withBye(server);
    const { browser, tokens } = await signIn(app);
    const { id_token = "" } = tokens;
    const asked = { id_token_hint: id_token, post_logout_redirect_uri: BYE, state: "s" };
    const { origin, pathname, searchParams } = oidc.buildEndSessionUrl(app.config, asked);
    // A post from another site comes without cookies.
    const init = { method: "POST", body: searchParams };
    const posted = await testBrowser(server).request(origin + pathname, init);
    assert.equal(posted.status, 303);
    const { url } = await browser.get(new URL(posted.headers.get("location") ?? "", origin).href);
    assert.equal(url.href, `${BYE}?state=s`);
    assert.equal(await isSignedIn(app, browser), false);
  },

  async "without a hint a page asks, and leads back after its button; a wrong hint never does"({
    server,
  }) {
    const app = await withBye(server);
    const other = await signIn(await withBye(server));
    const asked = { post_logout_redirect_uri: BYE, state: "s" };
    const { browser, tokens } = await signIn(app);
    const plain = oidc.buildEndSessionUrl(app.config, asked);
    assert.equal((await browser.get(plain.href)).url.pathname, "/logout");
    assert.equal(await isSignedIn(app, browser), true, "a GET alone ends nothing");
    assert.equal((await confirm(browser, plain)).url.href, `${BYE}?state=s`);
    assert.equal(await isSignedIn(app, browser), false);
    for (const id_token_hint of [
      other.tokens.id_token ?? "",
      `${tokens.id_token}x`,
      tokens.access_token,
    ]) {
      const again = await signIn(app, {}, testBrowser(server));
      const wrong = oidc.buildEndSessionUrl(app.config, { ...asked, id_token_hint });
      const { url } = await confirm(again.browser, wrong);
      assert.equal(url.origin, server.issuer);
    }
    const unknown = { id_token_hint: tokens.id_token ?? "", post_logout_redirect_uri: `${BYE}/x` };
    const { url } = await browser.get(oidc.buildEndSessionUrl(app.config, unknown).href);
    assert.equal(url.origin, server.issuer, "an address that is not registered");
  },

  async "a sign-out at one app tells the others: logout tokens with their own sub and sid"({
    server,
  }) {
    await using first = await logoutReceiver();
    await using second = await logoutReceiver((response, times) =>
      response.writeHead(times === 1 ? 503 : 204).end(),
    );
    const told = { backchannel_logout_session_required: true };
    const app = await withBye(server, { ...told, backchannel_logout_uri: first.uri });
    const metadata = app.config.serverMetadata();
    assert.equal(metadata.backchannel_logout_supported, true);
    assert.equal(metadata.backchannel_logout_session_supported, true);
    const pairwise = {
      ...{ subject_type: "pairwise", id_token_signed_response_alg: "ES256" },
      ...{ ...told, backchannel_logout_uri: second.uri },
    };
    const one = await signIn(app);
    const person = { username: app.username, sub: app.sub };
    const neighbour = await relyingParty(server, pairwise, {
      person,
      options: { sector: "neighbour.test" },
    });
    const two = await signIn(neighbour, {}, one.browser);
    assert.notEqual(two.claims.sub, one.claims.sub);
    const { id_token = "" } = one.tokens;
    const asked = { id_token_hint: id_token, post_logout_redirect_uri: BYE };
    await one.browser.get(oidc.buildEndSessionUrl(app.config, asked).href);
    await first.until(1);
    await second.until(2, 30);
    const seen = new Set<unknown>();
    for (const [receiver, client, { claims }] of [
      [first, app.client, one],
      [second, neighbour.client, two],
    ] as const)
      for (const each of receiver.told) {
        const { sub, sid, jti, events, iat, exp } = await claimsOf(each, server, client.client_id);
        assert.deepEqual([sub, sid], [claims.sub, claims.sid]);
        assert.deepEqual(events, { "http://schemas.openid.net/event/backchannel-logout": {} });
        assert.equal(Number(exp) - Number(iat), 120);
        seen.add(jti);
      }
    assert.equal(seen.size, 3, "each try has a new jti");
  },

  async "disabling a person tells the app, and ends what it holds"({ server }) {
    await using receiver = await logoutReceiver(answerWith(200));
    const app = await relyingParty(server, { backchannel_logout_uri: receiver.uri });
    const { tokens, claims } = await signIn(app);
    const account = (await server.server.store.findAccount(app.sub)) ?? assert.fail();
    await setPersonDisabled({ account, disabled: true }, OPERATOR, server.server);
    await receiver.until(1);
    const [told] = receiver.told;
    assert.ok(told);
    assert.equal((await claimsOf(told, server, app.client.client_id)).sid, claims.sid);
    await assert.rejects(oidc.refreshTokenGrant(app.config, tokens.refresh_token ?? ""), {
      error: "invalid_grant",
    });
    const { active } = await oidc.tokenIntrospection(app.config, tokens.access_token);
    assert.equal(active, false);
  },
};
