/** Attacks by the URL and the contents of a Client ID Metadata Document. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { after, before, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { createOutbound } from "../../src/http/outbound.ts";
import { authorizationUrl, testBrowser } from "../support/browser.ts";
import { documentClient, REDIRECT } from "../support/document_client.ts";
import { looseOutbound, type Stranger, stranger } from "../support/stranger.ts";
import { refusedOnPage } from "./assertions.ts";
import { type WatchedServer, watchedServer } from "./watched_server.ts";

let site: Stranger;
let server: WatchedServer;
before(async () => {
  site = await stranger();
  server = await watchedServer({ allow_private_fetch: true }, { outbound: looseOutbound() });
  await server.addUser("ada");
});
after(async () => {
  await server.close();
  await site.close();
});

test("G6 a client_id that is no proper URL of a document is refused, and nothing is fetched", async () => {
  const good = documentClient(site).client_id;
  const before = site.asked.length;
  for (const client_id of [
    "https://app.test",
    "https://app.test/",
    "http://app.test/client.json",
    `${good}#`,
    `${good}#fragment`,
    good.replace("//", "//ada@"),
    good.replace("//", "//ada:secret@"),
    good.replace(/\/([^/]*)$/, "/./$1"),
    good.replace(/\/([^/]*)$/, "/a/../$1"),
    good.replace(/\/([^/]*)$/, "/%2e/$1"),
    good.replace("http:", "HTTP:"),
    good.replace("127.0.0.1", "0x7f.1"),
    good.replace("127.0.0.1", "2130706433"),
    `${good}\\`,
    `${good} `,
    `${good}?${"x".repeat(500)}`,
  ]) {
    const { html } = await refusedOnPage(server, authorizationUrl({ client_id }));
    assert.ok(!html.includes(REDIRECT));
  }
  assert.equal(site.asked.length, before);
});

test("G6 a document that is not about its URL, or holds a secret, is refused; the page names only the host", async () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const marker = "text-of-a-stranger";
  const about = { client_name: marker, client_uri: `https://${marker}.test/` };
  for (const members of [
    { client_id: "https://app.test/other.json" },
    { client_id: documentClient(site).client_id },
    { client_id: undefined },
    { client_secret: "secret" },
    { client_secret_expires_at: 0 },
    { token_endpoint_auth_method: "client_secret_basic" },
    { token_endpoint_auth_method: "client_secret_post" },
    { token_endpoint_auth_method: "client_secret_jwt" },
    { jwks: { keys: [{ kty: "oct", k: "AAAA" }] } },
    { jwks: { keys: [privateKey.export({ format: "jwk" })] } },
    { redirect_uris: [REDIRECT, "javascript:alert(1)"] },
    { redirect_uris: ["cursor://callback"] },
  ]) {
    const client = documentClient(site, { ...about, ...members });
    const { html } = await refusedOnPage(server, authorizationUrl(client));
    assert.ok(!html.includes(marker), JSON.stringify(members));
    assert.ok(html.includes(new URL(site.origin).host));
    assert.equal(client.asked(), 1);
  }
});

test("G5 a document that is too large, too slow, encoded, redirected or of another type is refused", async () => {
  const path = "/hostile.json";
  const client_id = site.origin + path;
  const document = { client_id, client_name: "App", redirect_uris: [REDIRECT] };
  const text = JSON.stringify(document);
  const json = { "content-type": "application/json" };
  const cases: Record<string, () => void> = {
    a_byte_too_many: () => void site.publish(path, text + " ".repeat(5121 - text.length)),
    ten_megabytes: () => void site.publish(path, text + " ".repeat(10_000_000)),
    bomb: () =>
      void site.answer(path, (_, response) =>
        response.writeHead(200, { ...json, "content-encoding": "gzip" }).end(gzipSync(text)),
      ),
    slow_drip: () =>
      void site.answer(path, async (_, response) => {
        response.writeHead(200, json);
        for (const byte of text) {
          if (response.destroyed || !response.write(byte)) break;
          await wait(50);
        }
      }),
    redirect: () =>
      void site.answer(path, (_, response) => {
        response.writeHead(302, { location: site.publish("/elsewhere.json", text) }).end();
      }),
    created: () => void site.answer(path, (_, response) => response.writeHead(201, json).end(text)),
    not_modified: () => void site.answer(path, (_, response) => response.writeHead(304).end()),
    html: () => void site.publish(path, text, { "content-type": "text/html" }),
    plain: () => void site.publish(path, text, { "content-type": "text/plain" }),
    javascript: () => void site.publish(path, text, { "content-type": "application/jsonx" }),
    no_json: () => void site.publish(path, `${text}x`),
    twice: () => void site.publish(path, text.replace("{", '{"client_name":"Other",')),
  };
  for (const [what, publish] of Object.entries(cases)) {
    publish();
    const began = performance.now();
    await refusedOnPage(server, authorizationUrl({ client_id }));
    assert.ok(performance.now() - began < 5000, what);
  }
  assert.ok(!site.asked.includes("/elsewhere.json"));
  for (const type of [
    "application/json",
    "Application/JSON; charset=utf-8",
    "application/oauth+json",
  ]) {
    site.publish(path, text + " ".repeat(5120 - text.length), { "content-type": type });
    const page = await testBrowser(server).get(authorizationUrl({ client_id }));
    assert.equal(page.url.pathname, "/sign-in", type);
    server.advance(301);
  }
});

test("G2 G3 a document inside is not fetched, and the page tells nothing about the networks here", async () => {
  const lookup = async (name: string) =>
    name === "nobody.test"
      ? []
      : name === "mixed.test"
        ? ["93.184.216.34", "10.0.0.1"]
        : ["10.0.0.1"];
  const outbound = createOutbound({ allow_private_fetch: false, lookup, timeout: 300 });
  await using closed = await watchedServer({}, { outbound });
  const texts = new Set<string>();
  for (const host of [
    "10.0.0.1",
    "169.254.169.254",
    "[::1]",
    "[2002:7f00:1::]",
    "[64:ff9b::7f00:1]",
    "[fec0::1]",
    "inside.test",
    "mixed.test",
    "nobody.test",
    "localhost",
  ]) {
    const url = authorizationUrl({ client_id: `https://${host}/client.json` });
    const { html } = await refusedOnPage(closed, url);
    assert.ok(html.includes(host), host);
    assert.doesNotMatch(html.replaceAll(host, ""), /10\.0\.0\.1|not public|no address|looked up/);
    // Apart from the host, the id and the language links, each page is the same.
    texts.add(html.match(/<dd><code class="any">(.*?)<\/code>/)?.[1] ?? "");
  }
  assert.equal(texts.size, 1, [...texts].join("\n"));
  const plain = await testBrowser(closed).get(
    authorizationUrl({ client_id: documentClient(site).client_id }),
  );
  assert.equal(plain.status, 400);
});

test("G5 one document is fetched by one request, and many documents have a budget", async () => {
  const slow = documentClient(site);
  const path = new URL(slow.client_id).pathname;
  const text = JSON.stringify({ client_id: slow.client_id, redirect_uris: [REDIRECT] });
  site.answer(path, async (_, response) => {
    await wait(100);
    response.writeHead(200, { "content-type": "application/json" }).end(text);
  });
  const pages = await Promise.all(
    Array.from({ length: 20 }, () => testBrowser(server).get(authorizationUrl(slow))),
  );
  assert.deepEqual([...new Set(pages.map(({ url }) => url.pathname))], ["/sign-in"]);
  assert.equal(slow.asked(), 1);

  // Of one origin, as many as the guarded way out allows; of all origins together, fewer than it allows in all.
  // Its clock stands still, so that a slow machine refills no budget.
  const outbound = createOutbound({ allow_private_fetch: true, timeout: 1000, now: () => 0 });
  await using limited = await watchedServer({ allow_private_fetch: true }, { outbound });
  const before = site.asked.length;
  for (let n = 0; n < 40; n += 1)
    await testBrowser(limited).get(authorizationUrl({ client_id: `${site.origin}/many/${n}` }));
  assert.equal(site.asked.length - before, 30);

  // Names are not found: each look-up is a request.
  let asked = 0;
  const lookup = async () => {
    asked += 1;
    return [];
  };
  const named = createOutbound({ allow_private_fetch: false, lookup, now: () => 0 });
  await using flooded = await watchedServer({}, { outbound: named });
  for (let n = 0; n < 1000; n += 1) {
    const client_id = `https://app-${n}.test/client.json`;
    await flooded.fetch(new Request(flooded.issuer + authorizationUrl({ client_id })));
  }
  assert.equal(asked, 300);
  assert.equal(flooded.count("client"), 0);
});

test("G6 a name on the pages is cut, cleaned and escaped, and the host is always there", async () => {
  const client_name = "\u202eBank<img src=x onerror=alert(1)>\u200b".padEnd(150, "x");
  const client = documentClient(site, { client_name });
  const page = await testBrowser(server).get(authorizationUrl(client));
  assert.ok(!page.html.includes("<img src=x"));
  assert.ok(!page.html.includes("\u202e"));
  const { host } = new URL(site.origin);
  const text = page.html.replace(/<wbr>/g, "");
  assert.ok(text.includes(`<b class="owner">${host}</b>`));
});
