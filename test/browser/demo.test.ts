/**
 * The demo in Chromium: wide and narrow, light and dark, and without JavaScript.
 * With VALETKEY_SCREENSHOTS=FOLDER a screenshot of each page is saved there.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { type Demo, runDemo } from "../../demo/demo.ts";
import { launchBrowser } from "./chromium.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const album = process.env.VALETKEY_SCREENSHOTS;
const folder = mkdtempSync(join(tmpdir(), "valetkey-demo-"));
let demo: Demo;
let browser: Browser;

before(async () => {
  if (album) mkdirSync(album, { recursive: true });
  demo = await runDemo({ ports: { server: 0, snaps: 0, printly: 0 }, folder });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await demo?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Visitor {
  page: Page;
  /** Takes a screenshot and checks rules that hold on every page. */
  look(name: string): Promise<void>;
}

/** axe takes a second a page: these two cover both widths and both schemes. */
const EXAMINED = ["1280.light", "360.dark"];

async function visitor(label: string, options: BrowserContextOptions): Promise<Visitor> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error.message}`));
  return {
    page,
    async look(name) {
      await page.waitForLoadState("load");
      if (album) {
        // The prints on the front page appear one after the other.
        await page.waitForTimeout(900);
        await page.screenshot({ path: join(album, `${name}.${label}.png`), fullPage: true });
      }
      assert.deepEqual(complaints, []);
      // Without JavaScript in the page, the checks cannot run either.
      if (options.javaScriptEnabled === false) return;
      assert.deepEqual(await brokenPictures(page), [], `${name}: pictures that did not load`);
      const beyond = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assert.ok(beyond <= 0, `${name} is ${beyond} px wider than the window`);
      if (EXAMINED.includes(label)) assert.deepEqual(await barriers(page), [], name);
    },
  };
}

const brokenPictures = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.images].filter((image) => image.naturalWidth === 0).map((image) => image.src),
  );

/** Violations that axe finds, of the rules for WCAG 2.2 AA and best practices. */
async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found: unknown = await page.evaluate(
    "axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html).slice(0, 3).join(' | ')))",
  );
  return Array.isArray(found) ? found.map(String) : ["axe did not run"];
}

async function signIn(page: Page): Promise<void> {
  await page.getByRole("button", { name: `Sign in as ${demo.account.username}` }).click();
}

async function walk({ page, look }: Visitor): Promise<void> {
  const { urls } = demo;
  await page.goto(`${urls.snaps}/`);
  await look("snaps");
  await page.getByRole("link", { name: "Print some with Printly" }).click();
  await page.getByRole("heading", { name: "Photos belong on paper." }).waitFor();
  await look("printly");
  await page.getByRole("link", { name: "Walkthrough" }).click();
  await look("walkthrough-empty");

  await page.getByRole("link", { name: "Print your Snaps photos" }).click();
  await signIn(page);
  await page.getByRole("heading", { name: "Printly wants to access your account" }).waitFor();
  await look("consent");
  await page.getByRole("button", { name: "Allow", exact: true }).click();
  await page.waitForURL(`${urls.printly}/photos`);
  await look("photos");

  const photos = page.locator("input[name=photo]");
  assert.equal(await photos.count(), 12);
  for (const index of [0, 3, 4, 7]) await photos.nth(index).check();
  await page.getByLabel("13 × 18 cm").check();
  await look("photos-chosen");
  await page.getByRole("button", { name: /Print the chosen photos/ }).click();
  await page.waitForURL(/\/prints\/\d+$/);
  assert.equal(await page.locator(".sheets img").count(), 4);
  await look("prints");

  await page.getByRole("link", { name: "Walkthrough" }).click();
  await page.getByRole("heading", { name: "Asking for your permission" }).waitFor();
  await look("walkthrough");
  await page.locator("summary", { hasText: "You are sent to the server" }).click();
  await page.locator("summary", { hasText: "The code becomes tokens" }).click();
  await page.getByText("which app it was given to").first().waitFor();
  await look("walkthrough-opened");

  await page.getByRole("link", { name: "connected apps" }).click();
  await page.locator("summary", { hasText: "Printly" }).click();
  await look("connected-apps");
  await page.getByRole("link", { name: "Remove access…" }).click();
  await look("remove-access");
  await page.getByRole("button", { name: /^Remove/ }).click();
  await page.getByText("You have removed Printly.").waitFor();
  // Snaps learns it within two seconds and a half.
  await page.waitForTimeout(3000);
  await page.goto(`${urls.printly}/photos`);
  await page.getByText("Printly may no longer see your photos.").waitFor();
  await look("printly-withdrawn");
  await page.getByRole("link", { name: "see how Snaps said no" }).click();
  await page.getByText("The photos, please: refused").waitFor();
  await look("walkthrough-withdrawn");
}

const wide = { width: 1280, height: 800 };
const narrow = { width: 360, height: 740 };
const visits: [string, BrowserContextOptions][] = [
  ["1280.light", { viewport: wide, colorScheme: "light" }],
  ["1280.dark", { viewport: wide, colorScheme: "dark" }],
  ["360.light", { viewport: narrow, colorScheme: "light" }],
  ["360.dark", { viewport: narrow, colorScheme: "dark" }],
  ["1280.light.no-script", { viewport: wide, colorScheme: "light", javaScriptEnabled: false }],
];

for (const [label, options] of visits)
  test(`the story from Snaps to the removed permission, ${label}`, async () => {
    const { page, look } = await visitor(label, options);
    await walk({ page, look });
    await page.context().close();
  });

test("no page is wider than a small phone, or a window at 400 % zoom", async () => {
  const { page, look } = await visitor("320.light", { viewport: { width: 320, height: 640 } });
  await walk({ page, look });
  await page.context().close();
});

test("a refusal leads back to Printly, with a calm word", async () => {
  const { page, look } = await visitor("1280.light", { viewport: wide, colorScheme: "light" });
  await page.goto(`${demo.urls.printly}/`);
  await page.getByRole("link", { name: "Print your Snaps photos" }).click();
  await signIn(page);
  await page.getByRole("button", { name: "Don’t allow" }).click();
  await page.getByText("You did not allow it, and that is fine.").waitFor();
  await look("printly-denied");
  await page.context().close();
});

test("on real paper the photos are printed alone, each at its size", async () => {
  const { page } = await visitor("print", { viewport: wide });
  await page.goto(`${demo.urls.printly}/`);
  await page.getByRole("link", { name: "Print your Snaps photos" }).click();
  await signIn(page);
  await page.getByRole("button", { name: "Allow", exact: true }).click();
  await page.waitForURL(`${demo.urls.printly}/photos`);
  await page.locator("input[name=photo]").first().check();
  await page.getByRole("button", { name: /Print the chosen photos/ }).click();
  await page.waitForURL(/\/prints\/\d+$/);
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.getByRole("navigation").isVisible(), false);
  assert.equal(await page.locator(".receipt").isVisible(), false);
  const box = await page.locator(".sheets .paper").first().boundingBox();
  const centimetre = 96 / 2.54;
  const sides = [box?.width ?? 0, box?.height ?? 0].map((side) => Math.round(side / centimetre));
  assert.deepEqual(
    sides.map((side) => [10, 15].includes(side)),
    [true, true],
  );
  await page.context().close();
});
