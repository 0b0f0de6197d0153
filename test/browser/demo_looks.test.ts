/** What people must be able to see on the demo's pages, measured on the pixels that Chromium shows. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Locator, Page } from "playwright-core";
import { type Demo, runDemo } from "../../demo/demo.ts";
import { launchBrowser } from "./chromium.ts";
import { type Box, type Colour, coloursIn, contrastOf } from "./pixels.ts";

const SCHEMES = ["light", "dark"] as const;
type Scheme = (typeof SCHEMES)[number];
const WIDE = { width: 1280, height: 800 };
const PHONE = { width: 375, height: 667 };
const folder = mkdtempSync(join(tmpdir(), "valetkey-demo-"));
let demo: Demo;
let browser: Browser;
let page: Page;

before(async () => {
  demo = await runDemo({ ports: { server: 0, snaps: 0, printly: 0 }, folder });
  browser = await launchBrowser();
  page = await (await browser.newContext({ viewport: WIDE })).newPage();
  await walk(page);
});
after(async () => {
  await browser?.close();
  await demo?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A visitor has allowed everything and printed a photo, so that every kind of message was sent. */
async function walk(page: Page): Promise<void> {
  page.setDefaultTimeout(30_000);
  const { urls, account } = demo;
  await page.goto(`${urls.printly}/`);
  await page.getByRole("link", { name: "Print your Snaps photos" }).click();
  await page.getByRole("button", { name: `Sign in as ${account.username}` }).click();
  await page.waitForURL("**/consent?*");
  await page.locator("button[value=allow]").click();
  await page.waitForURL(`${urls.printly}/photos`, { waitUntil: "load" });
  await page.locator("input[name=photo]").first().check();
  await page.getByRole("button", { name: /Print the chosen photos/ }).click();
  await page.waitForURL(/\/prints\/\d+$/, { waitUntil: "load" });
}

/** Adds rules, which the page's policy allows to a script. */
const restyle = (page: Page, css: string): Promise<void> =>
  page.evaluate((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    document.adoptedStyleSheets = [sheet];
  }, css);

interface Label {
  text: string;
  box: Box;
  cut_off: boolean;
}

const labelsOf = (page: Page): Promise<Label[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll(".lane :is(.ask, .back) *, .lane .via")].map((element) => {
      const range = document.createRange();
      range.selectNodeContents(element);
      const { x, y, width, height } = range.getBoundingClientRect();
      return {
        text: element.textContent,
        box: { x: x + window.scrollX, y: y + window.scrollY, width, height },
        cut_off: element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0,
      };
    }),
  );

async function open(path: string, viewport: typeof WIDE, colorScheme: Scheme): Promise<void> {
  await page.setViewportSize(viewport);
  await page.emulateMedia({ colorScheme });
  await page.goto(demo.urls.printly + path, { waitUntil: "load" });
}

for (const scheme of SCHEMES)
  test(`people, demo: no label of the walkthrough touches a line at 1280 px, ${scheme}`, async () => {
    await open("/walkthrough", WIDE, scheme);
    const labels = await labelsOf(page);
    const texts = labels.map(({ text }) => text);
    for (const text of [
      "GET /.well-known/oauth-authorization-server",
      "GET /.well-known/openid-configuration",
      "GET /ended",
      "through your browser",
      "× 12",
    ])
      assert.ok(texts.includes(text), text);
    const cut_off = labels.filter((label) => label.cut_off);
    assert.deepEqual(cut_off, []);
    const [lane] = await coloursIn(page, [await boxOf(page.locator(".lane").first())]);
    assert.ok((lane?.size ?? 0) > 3, "the lines themselves are in the picture");

    // Without the letters, and without a ground that could hide a line, the place of a label must be empty.
    await restyle(page, ".lane * { color: transparent !important; background: none !important }");
    const boxes = labels.map(({ box }) => box);
    const places = await coloursIn(page, boxes);
    const ground = await groundOf(page);
    const found = places.map((colours, i) => [labels[i]?.text, ...colours.keys()]);
    assert.deepEqual(
      found,
      labels.map(({ text }) => [text, ground]),
    );
  });

for (const scheme of SCHEMES)
  for (const viewport of [WIDE, PHONE])
    test(`people, demo: each row shows that it opens, ${viewport.width}.${scheme}`, async () => {
      await open("/walkthrough", viewport, scheme);
      const rows = page.locator(".steps-told summary");
      const shut = await arrowsOf(page);
      assert.equal(shut.length, await rows.count());
      for (const { share } of shut) assert.ok(share > 0.1, `${share} of the place is an arrow`);

      await rows.nth(1).focus();
      await page.keyboard.press("Enter");
      const opened = page.locator(".steps-told .opened").nth(1);
      await opened.waitFor({ state: "visible" });
      const [, turned] = await arrowsOf(page);
      assert.notDeepEqual(turned?.shape, shut[1]?.shape);
      await page.keyboard.press("Space");
      await opened.waitFor({ state: "hidden" });
    });

/** Of each arrow: where it points, and how much of its place has a contrast of 3:1 to the page. */
async function arrowsOf(page: Page): Promise<{ share: number; shape: string }[]> {
  const arrows = await page.locator(".steps-told summary .turn").all();
  const boxes = await Promise.all(arrows.map(boxOf));
  const colours = await coloursIn(page, boxes);
  const ground = await groundOf(page);
  const found = arrows.map(async (arrow, i) => ({
    share: shareOf(colours[i], (colour) => contrastOf(colour, ground) >= 3),
    shape: await arrow.evaluate((element) => getComputedStyle(element).transform),
  }));
  return Promise.all(found);
}

for (const scheme of SCHEMES)
  test(`people, demo: boxes on photos can be seen, ticked or not, ${scheme}`, async () => {
    await open("/photos", WIDE, scheme);
    const inputs = await page.locator(".contact input[name=photo]").all();
    assert.equal(inputs.length, 12);
    // The rings around the boxes belong to them.
    const boxes = (await Promise.all(inputs.map(boxOf))).map((box) => grown(box, 2));
    const unticked = await coloursIn(page, boxes);
    for (const input of inputs) await input.setChecked(true);
    const ticked = await coloursIn(page, boxes);
    await restyle(page, ".contact input { visibility: hidden }");
    const behind = await coloursIn(page, boxes);
    for (const [state, drawn] of Object.entries({ unticked, ticked }))
      behind.forEach((photo, i) => {
        const mixed = [...(drawn[i] ?? [])];
        const colours = mixed.filter(([, share]) => share >= 0.08).map(([colour]) => colour);
        const share = shareOf(photo, (colour) =>
          colours.every((each) => contrastOf(each, colour) < 3),
        );
        // Single pixels of the grain may be lost.
        assert.ok(share < 0.02, `${state} box ${i}: ${colours} is lost on ${share} of the photo`);
      });
  });

const groundOf = (page: Page): Promise<Colour> =>
  page.evaluate(() => getComputedStyle(document.body).getPropertyValue("--ground"));

async function boxOf(place: Locator): Promise<Box> {
  const box = await place.boundingBox();
  assert.ok(box, `${place} has no box`);
  return box;
}

const grown = ({ x, y, width, height }: Box, by: number): Box => ({
  x: x - by,
  y: y - by,
  width: width + 2 * by,
  height: height + 2 * by,
});

const shareOf = (
  colours: ReadonlyMap<Colour, number> = new Map(),
  counts: (colour: Colour) => boolean,
): number => [...colours].reduce((sum, [colour, share]) => (counts(colour) ? sum + share : sum), 0);
