/** A single-page app with `valetkey/client/browser`, and an issuer, for tests in Chromium. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { build } from "esbuild";
import type { Browser, BrowserContext, Page } from "playwright-core";
import type {
  BrowserAuth,
  BrowserAuthOptions,
  LoginOptions,
  TokenOptions,
} from "../../src/sdk/client/browser/browser.ts";
import { type IssuerOptions, startIssuer, type TestIssuer } from "../../src/testing/testing.ts";
import { launchBrowser } from "./chromium.ts";

declare global {
  interface Window {
    auth: BrowserAuth;
    create(o: BrowserAuthOptions): BrowserAuth;
    options: BrowserAuthOptions;
    /** Who was told to be signed in. */
    changes: (string | null)[];
    issuer: string;
    /** Milliseconds. */
    skew: number;
  }
}

export interface Scene extends AsyncDisposable {
  issuer: TestIssuer;
  /** Of the app. The issuer is at 127.0.0.1: another site. */
  origin: string;
  context: BrowserContext;
  page: Page;
  /** A new tab of the app, which knows who is signed in. */
  open(path?: string): Promise<Page>;
  /** Time passes for the issuer and for each page. */
  advance(seconds: number): Promise<void>;
  /** The script of the app, for changes. */
  script: string;
  /** Serves the app to a page at another origin as well. */
  serve(page: Page, elsewhere: string): Promise<void>;
  /** Requests to the token endpoint so far. */
  tokenRequests(): number;
  /** The `Authorization` headers that the app's API has received. */
  seen: string[];
  /** The next requests to the API are refused. */
  refuse(times: number): void;
}

const CLIENT = "photos";

/** A browser that finds the app's server under a name like those of the world: at localhost, some things differ. */
export const appBrowser = (): Promise<Browser> =>
  launchBrowser("--host-resolver-rules=MAP *.test 127.0.0.1");

export interface SceneOptions extends IssuerOptions {
  /** As the servers of developers are; else under a name of the world, by https. */
  atLocalhost?: boolean;
  /** Port of the app. Default: a free one. */
  at?: number;
  /** Nobody is asked for consent. */
  trusted?: boolean;
}

export async function spa(
  browser: Browser,
  options: Partial<BrowserAuthOptions> = {},
  { atLocalhost = false, trusted = false, at = 0, ...issuerOptions }: SceneOptions = {},
): Promise<Scene> {
  const tls = { cert: readFileSync(`${TLS}.crt`), key: readFileSync(`${TLS}.key`) };
  const server = atLocalhost ? createHttpServer() : createServer(tls);
  server.listen(at, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const origin = atLocalhost ? `http://localhost:${port}` : `https://photos.test:${port}`;
  const uris = [`${origin}/`];
  const client = {
    ...{ client_id: CLIENT, client_name: "Photos", token_endpoint_auth_method: "none" },
    ...{ redirect_uris: uris, post_logout_redirect_uris: uris, trusted },
  };
  const issuer = await startIssuer({ clients: [client], ...issuerOptions });
  const script = await bundled({ issuer: issuer.issuer, clientId: CLIENT, ...options });
  const seen: string[] = [];
  let refusals = 0;
  server.on("request", (request, response) => {
    if (request.url === "/app.js") {
      response.writeHead(200, { "content-type": "text/javascript" }).end(script);
    } else if (request.url === "/photos") {
      seen.push(request.headers.authorization ?? "");
      refusals -= 1;
      response.writeHead(refusals >= 0 ? 401 : 200).end("photos");
    } else response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(PAGE);
  });
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  context.setDefaultTimeout(10_000);
  let skew = 0;
  const moved = (ms: number): void => {
    // Each document runs all of these scripts, the latest last.
    const isFirst = window.skew === undefined;
    window.skew = ms;
    if (!isFirst) return;
    const real = Date.now;
    Date.now = () => real() + window.skew;
  };
  async function open(path = "/"): Promise<Page> {
    const page = await context.newPage();
    await page.addInitScript(moved, skew);
    await page.goto(origin + path);
    await who(page);
    return page;
  }
  return {
    ...{ issuer, origin, script, context, open, seen, page: await open() },
    tokenRequests: () => issuer.requests.filter(({ path }) => path === "/token").length,
    async serve(page, elsewhere) {
      await page.route(`${elsewhere}/**`, async (route) => {
        const url = route.request().url().replace(elsewhere, `https://127.0.0.1:${port}`);
        await route.fulfill({ response: await route.fetch({ url }) });
      });
    },
    refuse(times) {
      refusals = times;
    },
    async advance(seconds) {
      issuer.clock.advance(seconds);
      skew += seconds * 1000;
      for (const page of context.pages()) {
        await page.addInitScript(moved, skew);
        await page.evaluate((ms) => {
          window.skew = ms;
        }, skew);
      }
    },
    async [Symbol.asyncDispose]() {
      await context.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await issuer.close();
    },
  };
}

const TLS = "test/vectors/tls/one";
const PAGE = '<!doctype html><title>Photos</title><p id="who">…</p><script src="/app.js"></script>';

async function bundled(options: BrowserAuthOptions): Promise<string> {
  const contents = `import { createBrowserAuth } from "./src/sdk/client/browser/browser.ts";
    const show = (text) => { document.querySelector("#who").textContent = text; };
    window.changes = [];
    window.create = createBrowserAuth;
    window.options = ${JSON.stringify(options)};
    window.issuer = ${JSON.stringify(options.issuer)};
    try {
      window.auth = createBrowserAuth(options);
      auth.onChange((user) => { changes.push(user?.email ?? null); show(user?.email ?? "nobody"); });
      auth.ready.then((user) => show(user?.email ?? "nobody"), (error) => show(error.message));
    } catch (error) { show(error.message); }`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: "." },
    ...{ bundle: true, format: "iife", write: false, mainFields: ["module", "main"] },
  });
  return outputFiles[0]?.text ?? "";
}

/** What the app shows, once it knows: the address of the person, `nobody`, or an error. */
export async function who(page: Page): Promise<string> {
  await page.waitForFunction(() => {
    const shown = document.querySelector("#who")?.textContent ?? "…";
    return shown !== "…";
  });
  return (await page.locator("#who").textContent()) ?? "";
}

/** Leaves for the provider. The promise of `login` never settles, since the page goes away. */
export const leave = (page: Page, options: LoginOptions = {}): Promise<void> =>
  page.evaluate((o) => void window.auth.login(o), options);

/** Signs in, from the page where the person is, and comes back to it. */
export async function signIn(page: Page): Promise<void> {
  await leave(page);
  await shows(page, "@");
}

/** Waits until the app shows a text. */
export async function shows(page: Page, text: string): Promise<void> {
  await page.locator("#who", { hasText: text }).waitFor();
}

/** An access token, or the error. */
export const token = (page: Page, options: TokenOptions = {}): Promise<string> =>
  page.evaluate((o) => window.auth.token(o).catch((error) => error.message), options);

/** Loads the page anew. It may leave for the provider before all of it has arrived. */
export const reload = async (page: Page): Promise<void> => {
  await page.reload({ waitUntil: "commit" });
};
