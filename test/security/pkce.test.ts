/** Attacks on PKCE: omitted, downgraded, or with the code of another session. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { authorizationUrl, s256, type TestBrowser, VERIFIER } from "../support/browser.ts";
import { authorize, redeem } from "../support/flow.ts";
import { NATIVE, type TestClient, WEB } from "../support/server.ts";
import { errorSent, INVALID_GRANT, refusedAs, refusedOnPage } from "./assertions.ts";
import { type WatchedServer, watchedServer } from "./watched_server.ts";

const LOOPBACK = "http://127.0.0.1:5000/callback";

let server: WatchedServer;
let web: TestClient;
let pub: TestClient;
/** A confidential client with require_pkce off. */
let exempt: TestClient;
let ada: TestBrowser;

before(async () => {
  server = await watchedServer();
  await server.addUser("ada");
  web = await server.addClient(WEB);
  pub = await server.addClient(NATIVE);
  exempt = await server.addClient(WEB, { require_pkce: false });
  ({ browser: ada } = await authorize(server, web));
  await authorize(server, exempt, { browser: ada });
});
after(() => server.close());

const uriOf = (client: TestClient) => (client === pub ? LOOPBACK : (WEB.redirect_uris[0] ?? ""));
const without = { code_challenge: undefined, code_challenge_method: undefined };

async function refusedAtStart(client: TestClient, parameters: Record<string, string | undefined>) {
  const redirect_uri = uriOf(client);
  const path = authorizationUrl(client, { redirect_uri, ...parameters });
  await errorSent(server, path, "invalid_request", { redirect_uri, browser: ada });
}

test("P2 P3 a request without code_challenge is refused; a code_verifier does not make up for it", async () => {
  for (const client of [web, pub]) {
    await refusedAtStart(client, without);
    await refusedAtStart(client, { ...without, nonce: "n", prompt: "none" });
    await refusedAtStart(client, { ...without, code_verifier: VERIFIER });
  }
  // A public client needs PKCE even if its record says otherwise.
  const loose = await server.addClient(NATIVE, { require_pkce: false });
  const path = authorizationUrl(loose, { redirect_uri: LOOPBACK, ...without });
  await errorSent(server, path, "invalid_request", { redirect_uri: LOOPBACK });
});

test("P2 with require_pkce off, a code_verifier for a code without code_challenge is refused", async () => {
  const parameters = { ...without, nonce: "n" };
  const { code } = await authorize(server, exempt, { browser: ada, parameters });
  assert.match(code, /^vkc_/);
  const redirect_uri = uriOf(exempt);
  await refusedAs(server, () => redeem(server, exempt, code, { redirect_uri }), INVALID_GRANT);
  const nothing = { code_verifier: undefined };
  await refusedAs(server, () => redeem(server, exempt, code, nothing), INVALID_GRANT);
  const empty = { redirect_uri, code_verifier: undefined };
  assert.equal((await redeem(server, exempt, code, empty)).status, 200);
});

test("P2 with require_pkce off, a code is bound to its redirect_uri, and to its code_challenge if it has one", async () => {
  const bare = { code_verifier: undefined };
  const { code } = await authorize(server, exempt, { browser: ada, parameters: without });
  await refusedAs(server, () => redeem(server, exempt, code, bare), INVALID_GRANT);
  const other = { ...bare, redirect_uri: "https://printly.test/callback/" };
  await refusedAs(server, () => redeem(server, exempt, code, other), INVALID_GRANT);
  const bound = await authorize(server, exempt, { browser: ada });
  const late = { ...bare, redirect_uri: uriOf(exempt) };
  await refusedAs(server, () => redeem(server, exempt, bound.code, late), INVALID_GRANT);
  assert.equal((await redeem(server, exempt, bound.code)).status, 200);
});

test("P5 only S256 is accepted, with a well-formed code_challenge", async () => {
  const challenge = s256(VERIFIER);
  const wrong: Record<string, string | undefined>[] = [
    { code_challenge_method: "plain" },
    { code_challenge_method: "plain", code_challenge: VERIFIER },
    { code_challenge_method: undefined },
    { code_challenge_method: "" },
    { code_challenge_method: "s256" },
    { code_challenge_method: "S512" },
    { code_challenge_method: "S256 plain" },
    { code_challenge: "" },
    { code_challenge: challenge.slice(0, 42) },
    { code_challenge: `${challenge}A` },
    { code_challenge: `${challenge}=` },
    { code_challenge: `${challenge.slice(0, 42)}=` },
    { code_challenge: `${challenge.slice(0, 42)}+` },
    { code_challenge: `${challenge.slice(0, 42)}\n` },
    { code_challenge: `${challenge}\n` },
    { code_challenge: "é".repeat(43) },
    { code_challenge: "A".repeat(5000) },
    { code_challenge: undefined, code_challenge_method: "S256" },
  ];
  for (const client of [web, pub, exempt])
    for (const parameters of wrong) {
      // Without both, the exempt client's request counts as one without PKCE.
      if (client === exempt && parameters.code_challenge === "") continue;
      await refusedAtStart(client, parameters);
    }
  await refusedOnPage(server, authorizationUrl(web, { code_challenge: [challenge, challenge] }));
});

test("P5 a malformed code_verifier is refused without a server error", async () => {
  for (const client of [web, pub]) {
    const parameters = { redirect_uri: uriOf(client) };
    const { code } = await authorize(server, client, { browser: ada, parameters });
    const verifiers = [
      undefined,
      "",
      VERIFIER.slice(0, 42),
      "a".repeat(42),
      "a".repeat(129),
      "a".repeat(20_000),
      `${VERIFIER}=`,
      `${VERIFIER} `,
      ` ${VERIFIER}`,
      `${VERIFIER}\n`,
      VERIFIER.toUpperCase(),
      `${VERIFIER.slice(0, -1)}é`,
      `${VERIFIER}\u0000`,
      s256(VERIFIER),
    ];
    for (const code_verifier of verifiers)
      await refusedAs(server, () => redeem(server, client, code, { code_verifier }), INVALID_GRANT);
    assert.equal((await redeem(server, client, code)).status, 200);
  }
});

test("P5 code verifiers of the minimum and maximum length are accepted", async () => {
  for (const code_verifier of ["a".repeat(43), "~".repeat(128), "-._~".repeat(20)]) {
    const parameters = { code_challenge: s256(code_verifier) };
    const { code } = await authorize(server, web, { browser: ada, parameters });
    assert.equal((await redeem(server, web, code, { code_verifier })).status, 200);
  }
});

test("P6 a code is refused with the code_verifier of another session", async () => {
  const [one, two] = ["one-".repeat(12), "two-".repeat(12)];
  for (const client of [web, pub]) {
    const start = async (verifier: string) => {
      const parameters = { redirect_uri: uriOf(client), code_challenge: s256(verifier) };
      return (await authorize(server, client, { browser: ada, parameters })).code;
    };
    const [first, second] = [await start(one), await start(two)];
    const swap = (code: string, code_verifier: string) => () =>
      redeem(server, client, code, { code_verifier });
    await refusedAs(server, swap(first, two), INVALID_GRANT);
    await refusedAs(server, swap(second, one), INVALID_GRANT);
    assert.equal((await swap(first, one)()).status, 200);
    assert.equal((await swap(second, two)()).status, 200);
  }
});
