/** The logo of an app as a real browser shows it: from this server, under the policy of the page. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { logoFrom } from "../../src/clients/logo.ts";
import { authorizationUrl } from "../support/browser.ts";
import { PASSWORD, WEB } from "../support/server.ts";
import { webServer } from "../support/web.ts";
import { launchBrowser } from "./chromium.ts";

const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAYAAACddGYaAAAAEklEQVR4AWJiaGj4D8NMDEgAAAAA///PIfizAAAABklEQVQDAHCyBgKj0ycmAAAAAElFTkSuQmCC";

for (const path of ["", "/id"])
  test(`people 10: a browser shows the logo (issuer${path === "" ? " at the root" : ` with path ${path}`})`, async () => {
    await using server = await webServer({}, { path });
    await server.addUser("ada");
    const logo_uri = "https://printly.test/logo.png";
    const { record } = await server.addClient({ ...WEB, logo_uri });
    const { client_id } = record;
    const made = logoFrom(Buffer.from(PNG, "base64"), { client_id, now: server.now() });
    assert.ok("logo" in made);
    assert.equal(await server.server.store.storeLogo(record, made.logo), true);
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      const asked: string[] = [];
      page.on("request", (request) => asked.push(new URL(request.url()).origin));
      await page.goto(server.issuer + authorizationUrl(record));
      await page.fill("input[name=username]", "ada");
      await page.fill("input[name=password]", PASSWORD);
      await page.click("button.main");
      await page.waitForURL("**/consent?*", { waitUntil: "load" });
      const width = `document.querySelector("main img.tile").naturalWidth`;
      assert.equal(await page.evaluate(width), 3);
      assert.deepEqual([...new Set(asked)], [new URL(server.issuer).origin]);
    } finally {
      await browser.close();
    }
  });
