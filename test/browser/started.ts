/** Starts the samples' server and a browser before the tests of a file, and stops them after. */
import { after, before } from "node:test";
import type { Browser } from "playwright-core";
import { launchBrowser } from "./chromium.ts";
import { servePages } from "./page_server.ts";

export let browser: Browser;
export let server: Awaited<ReturnType<typeof servePages>>;
before(async () => {
  server = await servePages();
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await server?.close();
});
