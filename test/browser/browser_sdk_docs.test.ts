/** The code blocks of docs/sdk-browser.md, in Chromium, as a reader would run them. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";
import { build } from "esbuild";
import type { Page } from "playwright-core";
import { startIssuer } from "../../src/testing/testing.ts";
import { project } from "../support/doc_project.ts";
import { launchBrowser } from "./chromium.ts";

const DOC = "docs/sdk-browser.md";
const http = createServer();
http.listen(0, "localhost");
await once(http, "listening");
const origin = `http://localhost:${(http.address() as AddressInfo).port}`;
const uris = [`${origin}/`];
const issuer = await startIssuer({
  clients: [
    {
      ...{ client_id: "photos", client_name: "Photos", token_endpoint_auth_method: "none" },
      ...{ redirect_uris: uris, post_logout_redirect_uris: uris },
    },
  ],
  config: {
    resources: { "http://localhost:3000": { name: "Photos", scopes: ["photos.read"] } },
    scopes: { "photos.read": "See your photos" },
  },
});
const folder = project(DOC, { "http://localhost:4000": issuer.issuer, CLIENT_ID: "photos" });
const browser = await launchBrowser();
after(async () => {
  await browser.close();
  http.closeAllConnections();
  http.close();
  await issuer.close();
});

/** A page with this script; it has the modules of the folder. */
async function pageWith(contents: string): Promise<Page> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder, loader: "ts" },
    ...{ bundle: true, format: "esm", write: false, conditions: ["valetkey-source"] },
  });
  const script = outputFiles[0]?.text ?? "";
  http.removeAllListeners("request");
  http.on("request", (request, response) => {
    const [type, body] =
      request.url === "/main.js"
        ? ["text/javascript", script]
        : ["text/html", '<!doctype html><body><script type="module" src="/main.js"></script>'];
    response.writeHead(200, { "content-type": `${type}; charset=utf-8` }).end(body);
  });
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(10_000);
  await page.goto(`${origin}/`);
  return page;
}

test("the page begins with ten working lines", async () => {
  const [, first = ""] = /^# .*\n\n```ts\n([\s\S]*?)```/.exec(readFileSync(DOC, "utf8")) ?? [];
  const lines = first.split("\n").filter((line) => line.trim() !== "" && !/^\s*\/[/*]/.test(line));
  assert.ok(lines.length > 5 && lines.length <= 10, `${lines.length} lines`);
  const page = await pageWith(readFileSync(join(folder, "main.ts"), "utf8"));
  await page.getByRole("button", { name: "Sign in" }).click();
  const out = page.getByRole("button", { name: /^Sign out/ });
  await out.waitFor();
  await page.getByText('"email":"ada@example.com"').waitFor();
  await out.click();
  await page.getByRole("button", { name: "Sign in" }).waitFor();
});

test("app.ts", async () => {
  const page = await pageWith(`
    import { auth, photos, start, stepUp } from "./app.ts";
    const said = document.body.appendChild(document.createElement("p"));
    Object.assign(window, { auth, photos, stepUp });
    await start((text) => { said.textContent = text; });`);
  await page.getByText("Nobody is signed in").waitFor();
  // The promise never settles, since the page goes away.
  await page.evaluate(() => void window.auth.login());
  await page.getByText("Hello Ada Lovelace").waitFor();
  const asked: string[] = [];
  await page.route("http://localhost:3000/photos", async (route) => {
    const headers = { "access-control-allow-origin": "*", "access-control-allow-headers": "*" };
    asked.push(route.request().headers().authorization ?? "");
    await route.fulfill({ headers, body: "two photos" });
  });
  const told = await page.evaluate(() => (window as never as { photos(): unknown }).photos());
  assert.equal(told, "two photos");
  assert.match(asked.at(-1) ?? "", /^Bearer ey/);
  await page.evaluate(() => void (window as never as { stepUp(): unknown }).stepUp());
  await page.waitForURL(`${origin}/transfer`);
  await page.getByText("Hello Ada Lovelace").waitFor();
});
