/** OpenID Connect RP-Initiated Logout 1.0. */
import assert from "node:assert/strict";
import type { Page, TestBrowser } from "../../../test/support/browser.ts";
import { readForm } from "../../../test/support/browser.ts";
import { type Client, register, requestOf, signIn } from "../client.ts";
import type { Demand } from "../demand.ts";
import { answerOf, seenOn, type World } from "../world.ts";

const BYE = "https://rp.test/bye";
const STATE = Array.from({ length: 50 }, (_, i) => String.fromCharCode(0x30 + i)).join("");

async function begin(world: World) {
  const client = await register(world, { post_logout_redirect_uris: [BYE] });
  return { client, ...(await signIn(client, world)) };
}

function logout(
  browser: TestBrowser,
  { metadata }: World,
  parameters: Readonly<Record<string, string>>,
): Promise<Page> {
  assert.ok(metadata.end_session_endpoint, "the metadata has no end_session_endpoint");
  return browser.get(`${metadata.end_session_endpoint}?${new URLSearchParams(parameters)}`);
}

/** Presses the button of a page of the server, where there is one. */
async function press(page: Page, browser: TestBrowser, { issuer }: World): Promise<Page> {
  if (page.url.origin !== new URL(issuer).origin) return page;
  try {
    readForm(page.html, "/sign-out");
  } catch {
    return page;
  }
  return browser.submit(page, { which: "one" }, "/sign-out");
}

async function isSignedOut(client: Client, browser: TestBrowser, world: World): Promise<void> {
  const page = await browser.get(requestOf(client, world, { prompt: "none" }));
  assert.match(answerOf(page).answer.error ?? "", /_required$/, "somebody is still signed in");
}

const never = (text: string, wrong: (hint: string) => Record<string, string>): Demand => ({
  text: `${text} never leads back, not even after the button`,
  async check(world) {
    const { browser, tokens } = await begin(world);
    const asked = { post_logout_redirect_uri: BYE, state: "x", ...wrong(tokens.id_token) };
    const page = await press(await logout(browser, world, asked), browser, world);
    assert.equal(page.url.origin, new URL(world.issuer).origin, seenOn(page));
    assert.ok(!page.html.includes(BYE), "the page links to the address");
  },
});

const page_only = (text: string, parameters: Record<string, string>): Demand => ({
  text: `${text} signs out, and a page says so`,
  async check(world) {
    const { browser, client } = await begin(world);
    const page = await press(await logout(browser, world, parameters), browser, world);
    assert.equal(page.url.origin, new URL(world.issuer).origin);
    assert.match(page.html, /signed out/i, seenOn(page));
    await isSignedOut(client, browser, world);
  },
});

const altered = (token: string): string => `${token.slice(0, -8)}AAAAAAAA`;

export const rp_logout: readonly Demand[] = [
  {
    text: "a hint and a registered address lead back at once, with state unharmed and nothing else",
    async check(world) {
      const { browser, tokens, client } = await begin(world);
      const asked = { id_token_hint: tokens.id_token, post_logout_redirect_uri: BYE, state: STATE };
      const page = await logout(browser, world, asked);
      assert.equal(page.url.origin + page.url.pathname, BYE, seenOn(page));
      assert.deepEqual([...page.url.searchParams], [["state", STATE]]);
      await isSignedOut(client, browser, world);
    },
  },
  {
    text: "without state nothing is added to the address",
    async check(world) {
      const { browser, tokens } = await begin(world);
      const asked = { id_token_hint: tokens.id_token, post_logout_redirect_uri: BYE };
      assert.equal((await logout(browser, world, asked)).url.href, BYE);
    },
  },
  {
    text: "a second logout with the hint of the ended session leads back",
    async check(world) {
      const { browser, tokens } = await begin(world);
      const asked = { id_token_hint: tokens.id_token, post_logout_redirect_uri: BYE };
      await logout(browser, world, asked);
      assert.equal((await logout(browser, world, asked)).url.href, BYE);
    },
  },
  never("a missing hint", () => ({})),
  never("an altered hint", (hint) => ({ id_token_hint: altered(hint) })),
  never("an unregistered address", (id_token_hint) => ({
    id_token_hint,
    post_logout_redirect_uri: `${BYE}/other`,
  })),
  never("an address with another query", (id_token_hint) => ({
    id_token_hint,
    post_logout_redirect_uri: `${BYE}?foo=bar`,
  })),
  page_only("a request without parameters", {}),
  page_only("a request with only state", { state: "x" }),
  {
    text: "a hint without an address signs out, and a page says so",
    async check(world) {
      const { browser, tokens, client } = await begin(world);
      const asked = { id_token_hint: tokens.id_token };
      const page = await press(await logout(browser, world, asked), browser, world);
      assert.match(page.html, /signed out/i, seenOn(page));
      await isSignedOut(client, browser, world);
    },
  },
];
