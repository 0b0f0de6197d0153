/** The demo over real sockets: three origins, its story, and its failures. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { type Demo, type DemoOptions, runDemo } from "../../demo/demo.ts";
import { PORTS } from "../../demo/ports.ts";
import { logo } from "../../demo/printly/pages/style.ts";
import { printly } from "../../demo/printly/printly.ts";
import { parseConfig } from "../../src/config.ts";
import { allowOnly } from "../support/browser.ts";
import { type DemoBrowser, demoBrowser, type Visited } from "../support/demo_browser.ts";

/** Milliseconds. Snaps learns within 2.5 s what has ended; a busy machine may take longer. */
const PATIENCE = 10_000;
const ANY_PORT = { server: 0, snaps: 0, printly: 0 };
const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "valetkey-demo-"));
  folders.push(folder);
  return folder;
}

async function withDemo(use: (demo: Demo, folder: string) => Promise<void>, options?: DemoOptions) {
  const folder = newFolder();
  const demo = await runDemo({ ports: ANY_PORT, folder, ...options });
  try {
    await use(demo, folder);
  } finally {
    await demo.close();
  }
}

async function connect(browser: DemoBrowser, { urls }: Demo): Promise<Visited> {
  const front = await browser.get(`${urls.printly}/`);
  return follow(browser, front, "Print your Snaps photos");
}

/** Follows the link with this text. */
function follow(browser: DemoBrowser, { html, url }: Visited, text: string): Promise<Visited> {
  const [, href] = new RegExp(`<a [^>]*href="([^"]+)"[^>]*>${text}</a>`).exec(html) ?? [];
  assert.ok(href, `${url} has no link “${text}”`);
  return browser.get(new URL(href.replaceAll("&amp;", "&"), url).href);
}

function signIn(browser: DemoBrowser, page: Visited, { account }: Demo): Promise<Visited> {
  assert.equal(page.url.pathname, "/sign-in");
  const { username, password } = account;
  return browser.submit(page, "/sign-in", { username, password: password ?? "" });
}

/** From Printly's front page to the photos. Everything is allowed unless `answer` or the ticked scopes say otherwise. */
async function arrive(
  browser: DemoBrowser,
  demo: Demo,
  answer: string[] | { decision: string } = { decision: "allow" },
): Promise<Visited> {
  let page = await connect(browser, demo);
  if (page.url.pathname === "/sign-in") page = await signIn(browser, page, demo);
  if (page.url.pathname !== "/consent") return page;
  const fields = Array.isArray(answer) ? allowOnly(page, ...answer) : answer;
  return browser.submit(page, "/consent", fields);
}

const photoIds = (page: Visited): string[] =>
  [...page.html.matchAll(/name="photo" value="([^"]+)"/g)].map(([, id = ""]) => id);

test("the demo leaves the port of `valetkey start` free, and docs/demo.md names its ports", () => {
  const ports = Object.values(PORTS);
  assert.ok(!ports.includes(parseConfig({}).port));
  const docs = readFileSync("docs/demo.md", "utf8");
  for (const port of ports) assert.ok(docs.includes(`:${port} |`), `${port}`);
});

test("the whole story: sign in, allow, choose, print, and read the walkthrough", async () => {
  await withDemo(async (demo) => {
    const { urls } = demo;
    const browser = demoBrowser();
    const photos = await arrive(browser, demo);
    assert.equal(photos.url.href, `${urls.printly}/photos`);
    assert.match(photos.text, /Ada/);
    const ids = photoIds(photos);
    assert.equal(new Set(ids).size, 12);

    const picture = await browser.request(new URL(`${urls.printly}/pictures/${ids[0]}.svg`));
    assert.equal(picture.headers.get("content-type"), "image/svg+xml; charset=utf-8");
    assert.match(await picture.text(), /^<svg /);

    const chosen = ids.slice(0, 2);
    const wish = { photo: chosen, size: "13x18", paper: "silk" };
    const prints = await browser.submit(photos, "/orders", wish);
    assert.equal(prints.url.pathname, "/prints/1");
    assert.match(prints.text, /13 × 18 cm.*Silk.*Written on the back at Snaps/);
    assert.equal(prints.html.match(/<img src="\/pictures\//g)?.length, 2);
    const again = await browser.get(`${urls.printly}/photos`);
    assert.equal(again.text.match(/printed before/g)?.length, 2);

    const told = await browser.get(`${urls.printly}/walkthrough`);
    const paths = [...told.html.matchAll(/class="ask"><code>([^<]+)/g)].map(([, path]) => path);
    assert.deepEqual(paths.slice(0, 10), [
      "GET /.well-known/openid-configuration",
      "GET /authorize",
      "GET /auth/callback",
      "POST /token",
      "GET /userinfo",
      "POST /token",
      "GET /photos",
      "GET /.well-known/oauth-authorization-server",
      "GET /jwks",
      "GET /ended",
    ]);
    assert.ok(paths.includes(`POST /photos/${ids[0]}/notes`));
    assert.match(told.text, /Inside the access_token.*photos\.read photos\.write/);
    assert.doesNotMatch(told.text, /asked before you came/);
  });
});

test("the pictures on the front pages are static SVG under a sandbox policy", async () => {
  await withDemo(async ({ urls }) => {
    for (const [site, count] of [
      [urls.snaps, 8],
      [urls.printly, 3],
    ] as const) {
      const page = await (await fetch(`${site}/`)).text();
      const paths = [...page.matchAll(/<img src="([^"]+)"/g)].map(([, path = ""]) => path);
      assert.equal(paths.length, count);
      for (const path of paths) {
        const { status, headers, text } = await fetched(site + path);
        assert.equal(status, 200, path);
        assert.equal(headers.get("content-type"), "image/svg+xml; charset=utf-8");
        assert.equal(headers.get("content-security-policy"), "default-src 'none'; sandbox");
        assert.equal(headers.get("x-content-type-options"), "nosniff");
        assert.match(text, /^<svg .*<\/svg>\n$/s);
      }
      for (const path of ["/samples/coast-2.svg", "/window/coast-2.svg"])
        assert.equal(
          (await fetched(site + path)).status,
          404,
          "photos in a person's album are not public",
        );
    }
  });
});

async function fetched(url: string): Promise<{ status: number; headers: Headers; text: string }> {
  const response = await fetch(url);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

test("the walkthrough shows no usable secret", async () => {
  await withDemo(async (demo, folder) => {
    const browser = demoBrowser();
    await arrive(browser, demo);
    const { html } = await browser.get(`${demo.urls.printly}/walkthrough`);
    assert.match(html, /vkr_/);
    for (const prefix of ["vkc_", "vkr_", "vks_", "eyJ"])
      assert.doesNotMatch(html, new RegExp(`${prefix}[\\w.%-]{16,}`), prefix);
    assert.ok(!html.includes(secretIn(folder)));
  });
});

test("a walkthrough is shown in its own browser only, and starts empty", async () => {
  await withDemo(async (demo) => {
    await arrive(demoBrowser(), demo);
    const stranger = demoBrowser();
    const told = await stranger.get(`${demo.urls.printly}/walkthrough`);
    assert.match(told.text, /Nothing has happened yet/);
    const photos = await stranger.get(`${demo.urls.printly}/photos`);
    assert.match(photos.text, /Printly is not connected to your photos/);
  });
});

test("the second visitor's walkthrough tells what was asked before", async () => {
  await withDemo(async (demo) => {
    await arrive(demoBrowser(), demo);
    const browser = demoBrowser();
    const photos = await arrive(browser, demo);
    assert.equal(photoIds(photos).length, 12);
    const told = await browser.get(`${demo.urls.printly}/walkthrough`);
    const rows = [
      ...told.html.matchAll(/class="ask"><code>([^<]+)[\s\S]*?class="back ([\s\S]*?)<\/span>\n/g),
    ];
    const lines = rows.map(([, path, back = ""]) =>
      back.includes("asked before you came") ? `${path} before` : path,
    );
    assert.deepEqual(
      lines.filter((line) => line !== "GET /ended" && line !== "GET /ended before"),
      [
        "GET /.well-known/openid-configuration before",
        "GET /authorize",
        "GET /auth/callback",
        "POST /token",
        "GET /userinfo",
        "GET /.well-known/oauth-authorization-server before",
        "GET /jwks before",
        "POST /token",
        "GET /photos",
      ],
    );
    assert.ok(lines.some((line) => line?.startsWith("GET /ended")));
    assert.match(told.text, /This answer came before you did, and is still in use/);
  });
});

test("the cookies of the server and of Printly have different hosts; Snaps sets none", async () => {
  await withDemo(async (demo) => {
    const browser = demoBrowser();
    await arrive(browser, demo);
    const { urls } = demo;
    assert.equal((await browser.get(`${urls.snaps}/`)).status, 200);
    const { port } = new URL(urls.printly);
    assert.deepEqual(
      [...browser.cookiesOf("127.0.0.1").keys()].toSorted(),
      ["printly_walkthrough", `vk_browser_${port}`, `vk_session_${port}`].toSorted(),
    );
    const ofServer = [...browser.cookiesOf("localhost").keys()];
    assert.ok(ofServer.length > 0);
    for (const name of ofServer) assert.match(name, /^valetkey_/);
  });
});

test("each site redirects from another host name to its own", async () => {
  await withDemo(async ({ urls }) => {
    for (const url of [urls.printly, urls.snaps, urls.server]) {
      const other = url.includes("localhost")
        ? url.replace("localhost", "127.0.0.1")
        : url.replace("127.0.0.1", "localhost");
      const page = await fetch(`${other}/sign-in?x=1`, { redirect: "manual" });
      assert.deepEqual(
        [page.status, page.headers.get("location"), page.headers.getSetCookie()],
        [303, `${url}/sign-in?x=1`, []],
      );
      const form = await fetch(`${other}/orders`, { method: "POST" });
      assert.equal(form.status, url === urls.server ? 404 : 421);
    }
  });
});

test("a copied cookie of Printly is worthless after the person has disconnected", async () => {
  await withDemo(async (demo) => {
    const browser = demoBrowser();
    const photos = await arrive(browser, demo);
    const thief = demoBrowser();
    for (const [name, value] of browser.cookiesOf("127.0.0.1"))
      thief.cookiesOf("127.0.0.1").set(name, value);
    assert.equal((await thief.get(`${demo.urls.printly}/photos`)).url.pathname, "/photos");
    await browser.submit(photos, "/disconnect");
    assert.equal((await thief.get(`${demo.urls.printly}/photos`)).url.pathname, "/");
  });
});

test("sessions and consent survive a restart of the demo; a reset ends them", async () => {
  const folder = newFolder();
  const browser = demoBrowser();
  const first = await runDemo({ ports: ANY_PORT, folder });
  await arrive(browser, first);
  await first.close();

  const port = (url: string): number => Number(new URL(url).port);
  const { server, snaps, printly } = first.urls;
  const ports = { server: port(server), snaps: port(snaps), printly: port(printly) };
  const second = await runDemo({ ports, folder });
  assert.deepEqual(second.urls, first.urls);
  const photos = await connect(browser, second);
  assert.equal(photos.url.href, `${printly}/photos`);
  await second.close();

  const third = await runDemo({ ports, folder, reset: true });
  assert.equal((await connect(browser, third)).url.pathname, "/sign-in");
  await third.close();
});

test("the demo's secrets are readable by their owner only, and git ignores its folder", async () => {
  await withDemo(async (_, folder) => {
    for (const file of ["apps.json", "demo.sqlite.key"])
      assert.equal(statSync(join(folder, file)).mode & 0o077, 0, file);
    assert.equal(readFileSync(join(folder, ".gitignore"), "utf8"), "*\n");
  });
});

test("a refusal leads calmly back to Printly, which gets nothing", async () => {
  await withDemo(async (demo) => {
    const browser = demoBrowser();
    const page = await arrive(browser, demo, { decision: "deny" });
    assert.equal(page.url.href, `${demo.urls.printly}/?auth_error=access_denied`);
    assert.match(page.text, /You did not allow it, and that is fine/);
    const told = await browser.get(`${demo.urls.printly}/walkthrough`);
    assert.match(told.text, /You come back with a no/);
    assert.doesNotMatch(told.text, /POST \/token/);
  });
});

test("an unticked permission is not used, and can be asked for again", async () => {
  await withDemo(async (demo) => {
    const browser = demoBrowser();
    const photos = await arrive(browser, demo, ["profile", "photos.read"]);
    const prints = await browser.submit(photos, "/orders", { photo: photoIds(photos).slice(0, 1) });
    assert.match(prints.text, /Nothing was written on the backs at Snaps/);
    const again = await follow(browser, prints, "Ask me again");
    assert.equal(again.url.pathname, "/consent");
    const all = allowOnly(again, "profile", "photos.read", "photos.write");
    const allowed = await browser.submit(again, "/consent", all);
    const noted = await browser.submit(allowed, "/orders", {
      photo: photoIds(allowed).slice(0, 1),
    });
    assert.match(noted.text, /Written on the back at Snaps/);
  });
});

test("without photos.read, Printly knows the person and shows no photos", async () => {
  await withDemo(async (demo) => {
    const page = await arrive(demoBrowser(), demo, []);
    assert.match(page.text, /No photos, by your choice/);
    assert.doesNotMatch(page.text, /Ada/);
  });
});

test("removing a permission at the server ends it at Printly within seconds", async () => {
  await withDemo(async (demo) => {
    const browser = demoBrowser();
    await arrive(browser, demo);
    const apps = await browser.get(`${demo.urls.server}/account`);
    assert.match(apps.text, /Printly/);
    const [, remove = ""] = /href="(\/account\?remove=[^"]*)"/.exec(apps.html) ?? [];
    const asks = await browser.get(demo.urls.server + remove);
    const removed = await browser.submit(asks, "/account", { intent: "remove" });
    assert.equal(removed.status, 200);
    const until = performance.now() + PATIENCE;
    let photos = await browser.get(`${demo.urls.printly}/photos`);
    while (photos.url.pathname === "/photos" && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      photos = await browser.get(`${demo.urls.printly}/photos`);
    }
    assert.equal(photos.url.pathname, "/");
    assert.match(photos.text, /Printly may no longer see your photos/);
    const told = await browser.get(`${demo.urls.printly}/walkthrough`);
    assert.match(
      told.text,
      /What has ended\?.*The photos, please: refused.*A token for Snaps: refused/,
    );
    assert.match(told.html, /error=&quot;invalid_token&quot;/);
    assert.match(told.html, /the token was revoked/);
  });
});

test("Printly uses an access token until it expires, then refreshes it silently", async () => {
  for (const [access_token, renewals] of [
    [600, 1],
    [1, 2],
  ] as const)
    await withDemo(
      async (demo) => {
        const browser = demoBrowser();
        const photos = await arrive(browser, demo);
        await new Promise((resolve) => setTimeout(resolve, 1100));
        const wish = { photo: photoIds(photos).slice(0, 1), size: "18x18" };
        await browser.submit(photos, "/orders", wish);
        const told = await browser.get(`${demo.urls.printly}/walkthrough`);
        const count = told.text.match(/A token for Snaps/g)?.length ?? 0;
        assert.ok(renewals === 1 ? count === 1 : count >= 2, `${access_token} s: ${count}`);
      },
      { access_token },
    );
});

test("Printly revokes its permission on request", async () => {
  await withDemo(async (demo) => {
    const browser = demoBrowser();
    const photos = await arrive(browser, demo);
    const front = await browser.submit(photos, "/disconnect");
    assert.match(front.text, /Disconnected/);
    assert.equal((await browser.get(`${demo.urls.printly}/photos`)).url.pathname, "/");
    const told = await browser.get(`${demo.urls.printly}/walkthrough`);
    assert.match(told.text, /Printly gives the key back/);
  });
});

test("Printly refuses cross-site forms and callbacks that it did not request", async () => {
  await withDemo(async ({ urls }) => {
    const foreign = [
      { origin: "http://evil.test" },
      { origin: urls.printly, "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "cross-site" },
    ];
    for (const headers of foreign) {
      const response = await fetch(`${urls.printly}/disconnect`, {
        method: "POST",
        headers,
        redirect: "manual",
      });
      assert.equal(response.status, 403, JSON.stringify(headers));
    }
    const page = await demoBrowser().get(`${urls.printly}/auth/callback?code=x&state=unknown`);
    assert.match(page.text, /That sign-in is over/);
    assert.equal((await demoBrowser().get(`${urls.printly}/nowhere`)).status, 404);
  });
});

test("every address of the demo without a page leads back to one", async () => {
  await withDemo(async (demo) => {
    const { printly, snaps } = demo.urls;
    const browser = demoBrowser();
    for (const [url, status, way] of [
      [`${printly}/nowhere`, 404, "/"],
      [`${printly}/orders`, 405, "/"],
      [`${snaps}/nowhere`, 404, "/"],
      [`${snaps}/samples/none.svg`, 404, "/"],
    ] as const) {
      const page = await browser.get(url);
      assert.equal(page.status, status, url);
      assert.match(
        page.html,
        new RegExp(`<main>[^]*<a class="(?:main|button)" href="${way}">`),
        url,
      );
    }
    await arrive(browser, demo);
    const missing = await browser.get(`${printly}/nowhere`);
    assert.match(missing.text, /Ada Lovelace/, "a connected person stays connected there");
    assert.match(missing.html, /<a class="main" href="\/photos">/);
    assert.equal((await browser.get(`${printly}/pictures/none.svg`)).status, 404);
  });
});

test("sign-in and consent show Printly's own picture", async () => {
  await withDemo(async (demo) => {
    const browser = demoBrowser();
    const picture = /<img [^>]*src="data:image\/svg\+xml;base64,([^"]+)"/;
    const entrance = await connect(browser, demo);
    const consent = await signIn(browser, entrance, demo);
    for (const [{ url, html }, path] of [
      [entrance, "/sign-in"],
      [consent, "/consent"],
    ] as const) {
      assert.equal(url.pathname, path);
      const [, data = ""] = picture.exec(html) ?? [];
      assert.equal(Buffer.from(data, "base64").toString("utf8"), logo, path);
    }
  });
});

test("Printly names the service that does not answer, and nobody is signed out", async () => {
  await withDemo(async (demo, folder) => {
    const { server, snaps, printly: origin } = demo.urls;
    let away = server;
    const app = printly({
      ...{ origin, issuer: server, snaps_url: snaps, resource: `${snaps}/` },
      credentials: { client_id: "printly", client_secret: secretIn(folder) },
      secret: "a secret of this test, and of no shop",
      fetch: async (input, init) => {
        if (new URL(String(input)).origin === away) throw new TypeError("fetch failed");
        return fetch(input, init);
      },
    });
    const cookies = new Map<string, string>();
    const ask = async (url: string | URL) => {
      const headers = { cookie: [...cookies].map((pair) => pair.join("=")).join("; ") };
      const response = await app(new Request(new URL(url, origin), { headers }));
      for (const line of response.headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        cookies.set(name, value);
      }
      const { status, headers: answered } = response;
      return { status, to: answered.get("location") ?? "", text: await response.text() };
    };

    const without_server = await ask("/auth/login?return_to=/photos");
    assert.equal(without_server.status, 502);
    assert.match(without_server.text, /The sign.in server is not answering/);
    away = "";
    const browser = demoBrowser({ stop_at: `${origin}/auth/callback` });
    const begun = await browser.get((await ask("/auth/login?return_to=/photos")).to);
    const consent = await signIn(browser, begun, demo);
    const back = await browser.submit(consent, "/consent", { decision: "allow" });
    assert.equal((await ask(back.url)).to, "/photos");
    for (const [site, name] of [
      [server, "The sign.in server"],
      [snaps, "Snaps"],
    ] as const) {
      away = site;
      const { status, text } = await ask("/photos");
      assert.equal(status, 502);
      assert.match(text, new RegExp(`<h1>${name} is not answering`));
      assert.match(text, /Ada Lovelace/, "a connected person stays connected there");
    }
    away = "";
    assert.match((await ask("/photos")).text, /Which ones, Ada\?/);
  });
});

const secretIn = (folder: string): string =>
  JSON.parse(readFileSync(join(folder, "apps.json"), "utf8")).printly;

/** Tokens as Printly gets them, obtained with its credentials. */
async function tokensOf(demo: Demo, folder: string) {
  const { urls } = demo;
  const secret = secretIn(folder);
  const callback = `${urls.printly}/auth/callback`;
  const browser = demoBrowser({ stop_at: callback });
  const verifier = "demo-test-verifier-0123456789-0123456789-0123456789";
  const digest = await crypto.subtle.digest("SHA-256", Buffer.from(verifier));
  const parameters = new URLSearchParams({
    client_id: "printly",
    redirect_uri: callback,
    response_type: "code",
    scope: "openid profile photos.read photos.write",
    resource: `${urls.snaps}/`,
    state: "s",
    nonce: "n",
    code_challenge: Buffer.from(digest).toString("base64url"),
    code_challenge_method: "S256",
  });
  let page = await browser.get(`${urls.server}/authorize?${parameters}`);
  page = await signIn(browser, page, demo);
  page = await browser.submit(page, "/consent", { decision: "allow" });
  const post = async (path: string, body: Record<string, string>) => {
    const response = await fetch(urls.server + path, {
      method: "POST",
      headers: {
        authorization: `Basic ${Buffer.from(`printly:${secret}`).toString("base64")}`,
      },
      body: new URLSearchParams(body),
    });
    const answer: Record<string, string> = JSON.parse(await response.text());
    return answer;
  };
  const tokens = await post("/token", {
    grant_type: "authorization_code",
    code: page.url.searchParams.get("code") ?? "",
    code_verifier: verifier,
    redirect_uri: callback,
    resource: `${urls.snaps}/`,
  });
  const renewed = (more: Record<string, string>) =>
    post("/token", {
      grant_type: "refresh_token",
      refresh_token: tokens.refresh_token ?? "",
      ...more,
    });
  return { tokens, renewed, post };
}

test("Snaps refuses altered, forged and foreign tokens, and a token without the needed scope", async () => {
  await withDemo(async (demo, folder) => {
    const { urls } = demo;
    const { tokens, renewed } = await tokensOf(demo, folder);
    const token = tokens.access_token ?? "";
    const [head = "", payload = "", signature = ""] = token.split(".");
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const { privateKey, publicKey } = await generateKeyPair("ES256");
    const forge = (more: object, header: object = {}) =>
      new SignJWT({ ...claims, ...more })
        .setProtectedHeader({ alg: "ES256", typ: "at+jwt", ...header })
        .sign(privateKey);
    const narrow = await renewed({ resource: `${urls.snaps}/`, scope: "photos.read" });
    const other_door = await renewed({ resource: urls.server });

    const photos = `${urls.snaps}/photos`;
    const ask = (authorization: string | null, url = photos, init: RequestInit = {}) =>
      fetch(url, { ...init, headers: authorization === null ? {} : { authorization } });
    const challengeOf = async (response: Response) => {
      await response.bytes();
      const challenge = response.headers.get("www-authenticate") ?? "";
      return [response.status, challenge.replace(/error_description="[^"]+"/, "…")];
    };
    const metadata = `resource_metadata="${urls.snaps}/.well-known/oauth-protected-resource"`;

    assert.equal((await ask(`Bearer ${token}`)).status, 200);
    assert.deepEqual(await challengeOf(await ask(null)), [
      401,
      `Bearer scope="photos.read", ${metadata}`,
    ]);
    assert.deepEqual(await challengeOf(await ask(null, `${photos}?access_token=${token}`)), [
      401,
      `Bearer scope="photos.read", ${metadata}`,
    ]);
    const invalid = [401, `Bearer error="invalid_token", …, scope="photos.read", ${metadata}`];
    const bad: Record<string, string> = {
      "not a token": "abc",
      "signature of another token": `${head}.${payload}.${signature.split("").reverse().join("")}`,
      "more scope than was signed": `${head}.${encode({ ...claims, scope: "photos.write" })}.${signature}`,
      "alg none": `${encode({ alg: "none", typ: "at+jwt" })}.${payload}.`,
      "own key": await forge({}),
      "own key, named in the header": await forge({}, { jwk: await exportJWK(publicKey) }),
      "ID token": tokens.id_token ?? "",
      "refresh token": tokens.refresh_token ?? "",
      "token for the server": other_door.access_token ?? "",
    };
    for (const [what, each] of Object.entries(bad))
      assert.deepEqual(await challengeOf(await ask(`Bearer ${each}`)), invalid, what);
    assert.equal((await ask("Bearer a b")).status, 401);

    const note = `${photos}/any-1/notes`;
    const write = { method: "POST", body: JSON.stringify({ text: "hello" }) };
    assert.deepEqual(await challengeOf(await ask(`Bearer ${narrow.access_token}`, note, write)), [
      403,
      `Bearer error="insufficient_scope", …, scope="photos.read photos.write", ${metadata}`,
    ]);
    assert.equal((await ask(`Bearer ${token}`, note, write)).status, 404);
  });
});

test("Snaps refuses a revoked token although its signature is valid", async () => {
  await withDemo(async (demo, folder) => {
    const { tokens, post } = await tokensOf(demo, folder);
    const ask = () =>
      fetch(`${demo.urls.snaps}/photos`, {
        headers: { authorization: `Bearer ${tokens.access_token}` },
      });
    const first = await ask();
    const { photos }: { photos: { id: string }[] } = JSON.parse(await first.text());
    assert.equal(photos.length, 12);
    await post("/revoke", { token: tokens.refresh_token ?? "" });
    const until = performance.now() + PATIENCE;
    let second = await ask();
    while (second.status === 200 && performance.now() < until) {
      await second.bytes();
      await new Promise((resolve) => setTimeout(resolve, 100));
      second = await ask();
    }
    assert.equal(second.status, 401);
    assert.match(
      second.headers.get("www-authenticate") ?? "",
      /error="invalid_token", error_description="the token was revoked"/,
    );
  });
});

test("Snaps keeps people's photos apart and publishes its protected resource metadata", async () => {
  await withDemo(async (demo, folder) => {
    const { urls } = demo;
    const { tokens } = await tokensOf(demo, folder);
    const headers = { authorization: `Bearer ${tokens.access_token}` };
    const missing = await fetch(`${urls.snaps}/photos/aurora-1abc.svg`, { headers });
    assert.equal(missing.status, 404);
    const front = await demoBrowser().get(`${urls.snaps}/`);
    assert.match(front.text, /All your photos, in one quiet place/);
    const described = await fetch(`${urls.snaps}/.well-known/oauth-protected-resource`);
    const metadata: Record<string, unknown> = JSON.parse(await described.text());
    assert.equal(metadata.resource, `${urls.snaps}/`);
    assert.deepEqual(metadata.authorization_servers, [urls.server]);
  });
});

test("a port in use is reported in one line that names it, and nothing is created", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => holder.once("listening", resolve));
  const address = holder.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const folder = join(newFolder(), "state");
  await assert.rejects(runDemo({ ports: { ...ANY_PORT, snaps: port }, folder }), {
    name: "ListenError",
    message: `Snaps can't be started: port ${port} on 127.0.0.1 is in use`,
    hint: /--port/,
  });
  assert.ok(!existsSync(folder));
  await new Promise((resolve) => holder.close(resolve));
});

test("the start message names the addresses, the account, and how to stop", async () => {
  let said = "";
  const log = (text: string) => {
    said += text;
  };
  await withDemo(
    async ({ urls, account }) => {
      for (const url of Object.values(urls)) assert.ok(said.includes(`${url}/`), url);
      assert.ok(said.includes(account.username) && said.includes(account.password ?? "?"));
      assert.match(said, /Ctrl-C/);
    },
    { log },
  );
});
