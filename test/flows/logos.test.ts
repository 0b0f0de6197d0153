/** people.md 10: logos are fetched once and come from this server; policy and terms are links on the consent page. */
import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { changeClient } from "../../src/clients/change_client.ts";
import { logoJobs, MOST_LOGO_BYTES } from "../../src/clients/logo.ts";
import { createOutbound } from "../../src/http/outbound.ts";
import { fetchLogo } from "../../src/jobs/fetch_logo.ts";
import type { ClientRecord } from "../../src/store/records.ts";
import { authorizationUrl, testBrowser } from "../support/browser.ts";
import { testServer, WEB } from "../support/server.ts";

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAYAAACddGYaAAAAEklEQVR4AWJiaGj4D8NMDEgAAAAA///PIfizAAAABklEQVQDAHCyBgKj0ycmAAAAAElFTkSuQmCC",
  "base64",
);
const WEBP = Buffer.from(
  "UklGRkYAAABXRUJQVlA4WAoAAAAQAAAAAgAAAQAAVlA4ICgAAABwAQCdASoDAAIAAsBMJaACdAFAAAD+645eRzvSpVf/KV/7Gv8FeVAA",
  "base64",
);
const OPERATOR = { kind: "operator", id: "root", via: "command" } as const;

/** Another company's web server, by the path of each answer. */
const asked: string[] = [];
const answers: Record<string, RequestListener> = {};
const stranger = createServer((request, response) => {
  asked.push(request.url ?? "");
  const answer = answers[request.url ?? ""];
  if (answer) answer(request, response);
  else response.writeHead(404).end("nothing here");
});
await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
const SITE = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
const serve = (path: string, body: string | Buffer, headers: Record<string, string> = {}) => {
  answers[path] = (_, response) => response.writeHead(200, headers).end(body);
  return SITE + path;
};

const outbound = createOutbound({ allow_private_fetch: true, timeout: 300, now: fastClock() });
const server = await testServer({}, { outbound });
after(async () => {
  await server.close();
  stranger.closeAllConnections();
  await new Promise((resolve) => stranger.close(resolve));
});
await server.addUser("ada");
const { store } = server.server;

/** A steady clock that runs ahead, so that many requests of a test stay within the budget. */
function fastClock(): () => number {
  let ms = 0;
  return () => {
    ms += 60_000;
    return ms;
  };
}

/** Without a stored job, so that only the test fetches its logo. */
const registered = async (metadata: object): Promise<ClientRecord> =>
  (await server.addClient({ ...WEB, ...metadata })).record;

/** Runs the job of the client, as the runner does. */
async function fetched(client: ClientRecord): Promise<ClientRecord> {
  const signal = new AbortController().signal;
  for (const job of logoJobs(client, server.server))
    await fetchLogo.run(job, { server: server.server, signal });
  const now = await store.findClient(client.client_id);
  assert.ok(now);
  return now;
}

/** The pages that show the app to a visitor, and to a person who is asked. */
async function pagesOf(client: ClientRecord): Promise<{ sign_in: string; consent: string }> {
  const browser = testBrowser(server);
  const sign_in = await browser.get(authorizationUrl(client));
  const consent = await browser.signIn(sign_in, "ada");
  assert.equal(consent.url.pathname, "/consent");
  return { sign_in: sign_in.html, consent: consent.html };
}

test("people 10: a logo is fetched once, by a job, and comes from this server", async () => {
  const logo_uri = serve("/logo.png", PNG, { "content-type": "text/html" });
  const client = await registered({ logo_uri });
  const before = await pagesOf(client);
  assert.doesNotMatch(before.consent, /<img/, "a letter until then");
  const shown = await fetched(client);
  assert.equal(asked.filter((path) => path === "/logo.png").length, 1);
  const { consent } = await pagesOf(shown);
  const [, src = ""] = /<img class="tile" src="([^"]*)"/.exec(consent) ?? [];
  assert.equal(src, `/logo/${client.client_id}/${shown.logo}`);
  assert.doesNotMatch(consent, /127\.0\.0\.1/, "no page names the other server");

  const answer = await server.fetch(new Request(server.issuer + src));
  assert.equal(answer.status, 200);
  assert.deepEqual(Buffer.from(await answer.arrayBuffer()), PNG);
  const header = (name: string) => answer.headers.get(name);
  assert.equal(header("content-type"), "image/png", "by its bytes, not by the stranger's word");
  assert.equal(header("x-content-type-options"), "nosniff");
  assert.equal(header("content-security-policy"), "default-src 'none'; sandbox");
  assert.equal(header("cross-origin-resource-policy"), "same-origin");
  assert.equal(header("cache-control"), "public, max-age=31536000, immutable");
  assert.equal(asked.filter((path) => path === "/logo.png").length, 1, "views fetch nothing");
  for (const other of [`/logo/${client.client_id}/x`, `/logo/nobody/${shown.logo}`])
    assert.equal((await server.fetch(new Request(server.issuer + other))).status, 404);
});

test("people 10: the job of a new client is taken by the running server", async () => {
  const logo_uri = serve("/soon.webp", WEBP);
  const { client_id } = await server.registerClient({ ...WEB, logo_uri });
  for (let i = 0; i < 150 && !(await store.findClient(client_id))?.logo; i += 1) await wait(100);
  assert.equal((await store.findLogo(client_id))?.media_type, "image/webp");
});

test("people 10: what is no small raster picture is not shown, and the log says why", async () => {
  answers["/moved"] = (_, response) => response.writeHead(302, { location: "/logo.png" }).end();
  answers["/gone"] = (_, response) => response.writeHead(410).end();
  const huge = Buffer.from(PNG);
  huge.writeUInt32BE(30_000, 16);
  for (const [logo_uri, why] of [
    [serve("/logo.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>"), /no PNG, JPEG or WebP/],
    [
      serve("/page.png", "<!doctype html>", { "content-type": "image/png" }),
      /no PNG, JPEG or WebP/,
    ],
    [serve("/bomb.png", huge), /30000 × 2 pixels/],
    [serve("/large.png", Buffer.concat([PNG, Buffer.alloc(MOST_LOGO_BYTES)])), /more than 102400/],
    [`${SITE}/moved`, /redirect/],
    [`${SITE}/gone`, /the answer is 410/],
    [serve("/packed.png", PNG, { "content-encoding": "gzip" }), /encodes/],
  ] as const) {
    const client = await fetched(await registered({ logo_uri }));
    assert.equal(client.logo, null, logo_uri);
    assert.equal(await store.findLogo(client.client_id), null);
    const line = server.lines.find(
      ({ event, fields }) => event === "logo not shown" && fields.client_id === client.client_id,
    );
    assert.match(String(line?.fields.why), why);
  }
  const exact = Buffer.concat([PNG, Buffer.alloc(MOST_LOGO_BYTES - PNG.length)]);
  const large = await fetched(await registered({ logo_uri: serve("/exact.png", exact) }));
  assert.notEqual(large.logo, null, "the largest one is taken");
});

test("people 10: trouble that may pass is tried again", async () => {
  let times = 0;
  answers["/later.png"] = (_, response) => {
    times += 1;
    if (times === 1) response.writeHead(503).end();
    else if (times === 2) setTimeout(() => response.end(PNG), 2000).unref();
    else if (times === 3) response.socket?.destroy();
    else response.end(PNG);
  };
  const record = await registered({ logo_uri: `${SITE}/later.png` });
  await assert.rejects(fetched(record), /the answer is 503/);
  await assert.rejects(fetched(record), /takes too long/);
  await assert.rejects(fetched(record), /can't be reached/);
  assert.notEqual((await fetched(record)).logo, null);
});

test("people 10: addresses inside are not reached, and no other scheme is registered", async () => {
  const inside = await testServer({}, { outbound: createOutbound({ allow_private_fetch: false }) });
  try {
    for (const logo_uri of [
      `${SITE}/logo.png`,
      "https://127.0.0.1/logo.png",
      "https://[::1]/logo.png",
      "https://169.254.169.254/latest/meta-data",
      "https://10.0.0.7/logo.png",
    ]) {
      const before = asked.length;
      const { record } = await inside.addClient({ ...WEB, logo_uri });
      const signal = new AbortController().signal;
      const [job] = logoJobs(record, inside.server);
      assert.ok(job);
      await fetchLogo.run(job, { server: inside.server, signal });
      assert.equal((await inside.server.store.findClient(record.client_id))?.logo, null, logo_uri);
      assert.equal(asked.length, before);
    }
  } finally {
    await inside.close();
  }
  for (const logo_uri of ["http://printly.test/x.png", "file:///etc/passwd", "javascript:1"])
    await assert.rejects(server.registerClient({ ...WEB, logo_uri }), /logo_uri/);
});

test("people 10: a logo of another address replaces it, and no address removes it", async () => {
  const first = await fetched(await registered({ logo_uri: serve("/a.png", PNG) }));
  assert.notEqual(first.logo, null);
  const to = async (client: ClientRecord, change: object) => {
    const made = await changeClient({ client, change }, OPERATOR, server.server);
    assert.ok(typeof made === "object");
    return made.client;
  };
  const renamed = await to(first, { client_name: "Prints" });
  assert.equal(renamed.logo, first.logo, "another change leaves it");
  const moved = await to(renamed, { logo_uri: serve("/b.webp", WEBP) });
  assert.equal(moved.logo, null);
  assert.equal(await store.findLogo(moved.client_id), null);
  const second = await fetched(moved);
  assert.equal((await store.findLogo(moved.client_id))?.media_type, "image/webp");
  const [late] = logoJobs(first, server.server);
  assert.ok(late);
  await fetchLogo.run(late, { server: server.server, signal: new AbortController().signal });
  assert.equal((await store.findLogo(moved.client_id))?.media_type, "image/webp", "an earlier job");
  const none = await to(second, { logo_uri: null });
  assert.deepEqual([none.logo, await store.findLogo(moved.client_id)], [null, null]);
});

test("an app that registered itself has a letter at its name, and its picture apart, as not checked", async () => {
  const logo_uri = serve("/itself.png", PNG);
  const { record } = await server.addClient(
    { ...WEB, logo_uri, policy_uri: "https://printly.test/privacy" },
    { created_by: "registration", registration_hash: "x" },
  );
  const before = await pagesOf(record);
  for (const html of Object.values(before)) assert.doesNotMatch(html, /<img/, "not fetched yet");
  const { versions } = await store.currentState();
  const shown = await fetched(record);
  assert.deepEqual((await server.server.store.readState()).versions, versions, "caches stay");
  const picture = new RegExp(
    `<figure class="own"><img class="tile small" src="/logo/${shown.client_id}/${shown.logo}" alt="" width="40" height="40"><figcaption class="hint"><strong>The app’s own picture, not checked by Valetkey.</strong><br>From .*?Printly.*?Privacy policy</a>`,
  );
  for (const html of Object.values(await pagesOf(shown))) {
    assert.match(html, picture);
    assert.equal(html.match(/<img/g)?.length, 1);
    assert.match(html, /<span class="tile" aria-hidden="true">P<\/span>/, "at its name");
  }
});

test("people 10: an app that a person registered has no logo", async () => {
  const logo_uri = serve("/theirs.png", PNG);
  const { record } = await server.addClient({ ...WEB, logo_uri }, { created_by: "user" });
  assert.deepEqual(logoJobs(record, server.server), []);
  await store.updateClient({ ...record, logo: "x" });
  const { consent } = await pagesOf(record);
  assert.doesNotMatch(consent, /<img/);
  assert.ok(!asked.includes("/theirs.png"));
});

test("people 10: privacy policy and terms are links on the pages that ask, by https only", async () => {
  const documents = {
    policy_uri: "https://printly.test/privacy?a=1&b=2",
    tos_uri: "http://localhost:3000/terms",
  };
  const { consent, sign_in } = await pagesOf(await registered(documents));
  assert.match(
    consent,
    /<a href="https:\/\/printly\.test\/privacy\?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">Privacy policy<\/a>/,
  );
  assert.doesNotMatch(consent, /localhost:3000|Terms of service/);
  assert.match(sign_in, /<a href="https:\/\/printly\.test\/privacy\?a=1&amp;b=2"/);
  for (const uri of ["javascript:alert(1)", "data:text/html,x", "http://printly.test/"])
    for (const name of ["policy_uri", "tos_uri"])
      await assert.rejects(server.registerClient({ ...WEB, [name]: uri }), new RegExp(name));
});
