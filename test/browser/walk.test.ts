/**
 * Every page and state in Chromium, in light and dark, with and without script, from 320 px to a desktop, and enlarged
 * to 200 %: accessible as far as axe can tell, nothing too wide, cut, overlapping or too small to touch, and every
 * control within reach of the keyboard.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import type { Browser, CDPSession, Page } from "playwright-core";
import { launchBrowser } from "./chromium.ts";
import { edgeColours } from "./edge_colours.ts";
import { layoutFlaws } from "./layout_flaws.ts";
import { samples } from "./page_samples.ts";
import { servePages } from "./page_server.ts";
import { contrastOf } from "./pixels.ts";
import { accents, looks } from "./sample_views.ts";
import { open, visit } from "./visit.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Size {
  readonly width: number;
  readonly height: number;
  /** Device pixels for one of the page. */
  readonly scale?: number;
  /** The size of text, in per cent, where a person has made text larger and nothing else. */
  readonly text?: number;
}
const desktop: Size = { width: 1280, height: 800 };
const phone: Size = { width: 375, height: 667 };
/** A page that is zoomed has less room: half as many pixels of twice the size. */
const zoomed = ({ width, height }: Size): Size => ({
  width: Math.floor(width / 2),
  height: Math.floor(height / 2),
  scale: 2,
});
const sizes: readonly Size[] = [
  desktop,
  phone,
  { width: 320, height: 568 },
  zoomed(desktop),
  zoomed(phone),
  { ...desktop, text: 200 },
  { ...phone, text: 200 },
];

const schemes = ["light", "dark"] as const;

/** As many tabs as this machine has cores for them. */
const TABS = 2;

let browser: Browser;
let server: Awaited<ReturnType<typeof servePages>>;
before(async () => {
  server = await servePages();
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await server?.close();
});

/** A tab whose size and script can be switched without a new one. */
interface Tab {
  readonly page: Page;
  readonly cdp: CDPSession;
}

/** Shows each of the addresses to `see`, in several tabs. @returns what it found */
async function walk(
  addresses: readonly string[],
  see: (tab: Tab, address: string) => Promise<string[]>,
): Promise<string[]> {
  const rest = [...addresses];
  const found: string[] = [];
  const permissions = ["clipboard-read", "clipboard-write"];
  const options = { bypassCSP: true, viewport: null, permissions };
  const tab = () =>
    visit(browser, options, async (page) => {
      const cdp = await page.context().newCDPSession(page);
      for (let address = rest.shift(); address; address = rest.shift())
        for (const each of await see({ page, cdp }, address)) found.push(`${address}, ${each}`);
    });
  await Promise.all(Array.from({ length: TABS }, tab));
  return found.sort();
}

async function resize({ page, cdp }: Tab, { width, height, scale = 1, text }: Size) {
  await cdp.send("Emulation.setDeviceMetricsOverride", {
    ...{ width, height, deviceScaleFactor: scale, mobile: false },
  });
  await page.evaluate((percent) => {
    document.documentElement.style.fontSize = percent === undefined ? "" : `${percent}%`;
  }, text);
}

/** Opens an address so that its own script runs or doesn't; the tests' scripts run in any case. */
async function openWith({ page, cdp }: Tab, address: string, script: boolean): Promise<void> {
  await cdp.send("Emulation.setScriptExecutionDisabled", { value: !script });
  await open(page, `${server.origin}/${address}`);
  await cdp.send("Emulation.setScriptExecutionDisabled", { value: false });
}

/** Violations that axe finds. @param rules those to check; left out: all */
async function violations(page: Page, rules?: readonly string[]): Promise<string[]> {
  const options = {
    resultTypes: ["violations"],
    // The pages load no other stylesheet.
    preload: false,
    ...(rules
      ? { runOnly: { type: "rule", values: rules } }
      : { rules: { "target-size": { enabled: true } } }),
  };
  const found: unknown = await page.evaluate(
    `axe.run(${JSON.stringify(options)}).then(({ violations }) => violations.map((v) => 'axe, ' + v.id + ': ' + v.nodes.map((n) => n.html).slice(0, 3).join(' | ')))`,
  );
  return Array.isArray(found) ? found.map(String) : ["axe did not run"];
}

async function layout(tab: Tab, some: readonly Size[] = sizes): Promise<string[]> {
  const found: string[] = [];
  for (const size of some) {
    await resize(tab, size);
    const where = `${size.width} px${size.scale ? ", zoomed" : ""}${size.text ? ", large text" : ""}`;
    for (const flaw of await tab.page.evaluate(layoutFlaws)) found.push(`${where}: ${flaw}`);
  }
  return found;
}

interface Run {
  readonly size: Size;
  readonly scheme: "light" | "dark";
  /** Left out: all rules. */
  readonly rules?: readonly string[];
}
/** A colour scheme changes contrasts and nothing else. */
const CONTRAST = ["color-contrast"];
const first_run: Run = { size: phone, scheme: "light" };
const other_runs: readonly Run[] = [
  { size: phone, scheme: "dark", rules: CONTRAST },
  { size: desktop, scheme: "light", rules: CONTRAST },
  { size: desktop, scheme: "dark" },
];

async function accessibility(tab: Tab, runs: readonly Run[]): Promise<string[]> {
  const found: string[] = [];
  for (const { size, scheme, rules } of runs) {
    await tab.page.emulateMedia({ colorScheme: scheme });
    await resize(tab, size);
    for (const each of await violations(tab.page, rules))
      found.push(`${size.width} px, ${scheme}: ${each}`);
  }
  return found;
}

const named = (state: string, found: readonly string[]) => found.map((each) => `${state}, ${each}`);
const ROWS = "details:not(.menu)";
const unfold = (page: Page, selector: string, is_open: boolean): Promise<void> =>
  page.evaluate(
    ([selector, is_open]) => {
      for (const each of document.querySelectorAll(selector)) each.toggleAttribute("open", is_open);
    },
    [selector, is_open] as const,
  );

/** Brings a page to each of its states: rows folded and unfolded, the account's menu, every button of the script pressed. */
async function states(
  { page }: Tab,
  kind: string,
  see: () => Promise<string[]>,
): Promise<string[]> {
  await unfold(page, "details", false);
  const found = await see();
  // An open menu covers the page, so that only the menu is examined: once, since it is the same on many pages.
  const menu = await page.evaluate(() => document.querySelector(".top")?.outerHTML);
  if (menu !== undefined && !menus.has(kind + menu)) {
    menus.add(kind + menu);
    await unfold(page, ".menu", true);
    found.push(...named("menu", await see()));
    await unfold(page, ".menu", false);
  }
  const has_rows = (await page.locator(ROWS).count()) > 0;
  const has_buttons = await press(page);
  if (has_rows || has_buttons) found.push(...named("unfolded", await see()));
  return found;
}
const menus = new Set<string>();

/** Presses every button that only the script has, and types a password: it is shown, it is counted, values are copied. */
async function press(page: Page): Promise<boolean> {
  await unfold(page, ROWS, true);
  const done = await page.evaluate(async () => {
    // The word “Copied” stays for as long as it is examined.
    const later = window.setTimeout;
    window.setTimeout = (() => 0) as unknown as typeof setTimeout;
    for (const field of document.querySelectorAll<HTMLInputElement>(".secret input")) {
      field.value = "correct horse battery staple";
      field.dispatchEvent(new Event("input"));
    }
    const buttons = [
      ...document.querySelectorAll<HTMLButtonElement>(".secret button, [data-copy]:not([hidden])"),
    ];
    for (const button of buttons) button.click();
    const isCopied = ({ dataset, textContent }: HTMLButtonElement) =>
      dataset.copied === undefined || dataset.copied === textContent;
    for (let tries = 0; tries < 500 && !buttons.every(isCopied); tries++)
      await new Promise((resolve) => later(resolve, 10));
    window.setTimeout = later;
    return buttons.map(isCopied);
  });
  assert.ok(done.every(Boolean), `${page.url()}: not every value was copied`);
  return done.length > 0;
}

/** The page as it is now, without the script's own text. */
const bodyOf = (page: Page): Promise<string> =>
  page.evaluate(() => document.body.outerHTML.replaceAll(/<script>[\s\S]*?<\/script>/g, ""));

async function examine(tab: Tab, address: string): Promise<string[]> {
  const { page } = tab;
  const axeIn = (runs: readonly Run[]) => async () => accessibility(tab, runs);
  const see = (runs: readonly Run[]) => async () => [
    ...(await layout(tab)),
    ...(await accessibility(tab, runs)),
  ];
  const all = [first_run, ...other_runs];
  await openWith(tab, address, false);
  await page.evaluate(axe);
  // The page that submits itself stays only without script.
  if (address.endsWith("/form_post")) return states(tab, "plain", see(all));
  const plain = await bodyOf(page);
  const found = named("without script", await states(tab, "plain", see([first_run])));

  await openWith(tab, address, true);
  await page.evaluate(axe);
  // Where the script has changed nothing, the layout is the same.
  const changed = (await bodyOf(page)) !== plain;
  found.push(
    ...(await states(tab, changed ? "changed" : "same", changed ? see(all) : axeIn(other_runs))),
  );
  return found;
}

const names = Object.keys(samples);
/** All pages except the one that submits itself. */
const staying = names.filter((name) => name !== "form_post");

test("every page and state is accessible and whole at every size, in both schemes, with and without script", async () => {
  const addresses = names.map((name) => `en/${name}`);
  assert.deepEqual(await walk(addresses, examine), []);
});

test("every page and state is whole in another language and right to left", async () => {
  const some = [desktop, { width: 320, height: 568 }];
  const addresses = staying.flatMap((name) => [`de/${name}`, `rtl/${name}`]);
  const found = await walk(addresses, async (tab, address) => {
    await openWith(tab, address, true);
    return states(tab, address.slice(0, 2), () => layout(tab, some));
  });
  assert.deepEqual(found, []);
});

test("axe finds nothing in another language, right to left, and with an operator's colours", async () => {
  const some = staying.filter((name) => /^(consent|sign_in|your_apps|security)$/.test(name));
  const addresses = Object.keys(looks).flatMap((look) => some.map((name) => `${look}/${name}`));
  const runs = [first_run, { size: phone, scheme: "dark" }] as const;
  assert.deepEqual(await walk(addresses, (tab, address) => contrasts(tab, address, runs)), []);
});

test("contrast holds with any accent, light and dark", async () => {
  // Between them they have everything that the accent colours.
  const some = [
    "sign_in_wrong",
    "consent_seven",
    "connected_apps",
    "security",
    "register_app_errors",
  ];
  const addresses = Object.keys(accents).flatMap((look) => some.map((name) => `${look}/${name}`));
  const found = await walk(addresses, async (tab, address) => {
    const found: string[] = [];
    for (const scheme of schemes) {
      const runs = [{ size: desktop, scheme, rules: CONTRAST }];
      found.push(...(await contrasts(tab, address, runs)));
      const edges = await tab.page.evaluate(edgeColours);
      assert.ok(edges.length > 0);
      for (const { name, colours, ground } of edges)
        if (!colours.some((colour) => contrastOf(colour, ground) >= 3))
          found.push(`${scheme}: ${name} is ${colours} on ${ground}`);
    }
    return [...new Set(found)];
  });
  assert.deepEqual(found, []);
});

async function contrasts(tab: Tab, address: string, runs: readonly Run[]): Promise<string[]> {
  await openWith(tab, address, true);
  await unfold(tab.page, ROWS, true);
  await tab.page.evaluate(axe);
  return accessibility(tab, runs);
}

/** What the focus was like when Tab was pressed to leave a control. */
interface Focus {
  readonly order: number;
  readonly flaw: string | null;
}
declare global {
  interface Window {
    /** Filled by `watchFocus`. */
    visited: Focus[];
    look(): void;
  }
}

/** Numbers the controls in the order of the page, and watches the focus. Runs in the browser. @returns the tab stops */
function watchFocus(): number[] {
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  const controls = "a[href], button, input:not([type=hidden]), textarea, summary, [tabindex='0']";
  const reachable = [...document.querySelectorAll(controls)].filter(
    (control) => control.checkVisibility() && !control.matches(":disabled"),
  );
  for (const [i, control] of reachable.entries()) control.setAttribute("data-order", `${i}`);
  // Tab begins here, whatever had the focus.
  document.body.tabIndex = -1;
  document.body.focus();
  scrollTo(0, 0);
  window.visited = [];
  window.look = () => {
    const element = document.activeElement ?? document.body;
    const { outlineStyle, outlineWidth, outlineOffset } = getComputedStyle(element);
    const thickness = Number.parseFloat(outlineWidth);
    const ring = Math.max(0, thickness + Number.parseFloat(outlineOffset));
    const box = element.getBoundingClientRect();
    const bar = document.querySelector(".answer");
    // A bar that sticks to the edge covers what lies behind it (WCAG 2.2, 2.4.11 and 2.4.12).
    const edge = bar?.getBoundingClientRect();
    const covers =
      bar && edge && !bar.contains(element) && box.right > edge.left && box.left < edge.right;
    const sticks = covers && box.top < edge.bottom && getComputedStyle(bar).position === "sticky";
    const rest = sticks ? edge.top : innerHeight;
    const fits = box.height + 2 * ring <= rest;
    let flaw: string | null = null;
    if (outlineStyle === "none" || thickness < 2) flaw = "has no visible focus";
    else if (fits && box.top - ring < 0)
      flaw = `begins ${Math.round(ring - box.top)} px above the window`;
    else if (fits ? box.bottom + ring > rest : box.top > rest)
      flaw = `is hidden by ${Math.round(box.bottom + ring - rest)} px`;
    const order = Number(element.getAttribute("data-order") ?? -1);
    window.visited.push({ order, flaw: flaw && `${element.outerHTML.slice(0, 80)} ${flaw}` });
  };
  // The focus of the key before has settled, and the page has scrolled.
  addEventListener("keydown", () => {
    if (document.activeElement !== document.body) window.look();
  });
  // In a group of radio buttons, only the chosen one is a tab stop.
  return reachable
    .filter((control) => !control.matches("[type=radio]:not(:checked)"))
    .map((control) => Number(control.getAttribute("data-order")));
}

test("the keyboard reaches every control in page order, with visible focus", async () => {
  const addresses = staying.map((name) => `en/${name}`);
  const found = await walk(addresses, async (tab, address) => {
    const { page } = tab;
    const found: string[] = [];
    await openWith(tab, address, true);
    await unfold(page, ROWS, true);
    const sticks = (await page.locator(".answer").count()) > 0;
    for (const size of sticks ? [phone, desktop] : [phone]) {
      await resize(tab, size);
      const expected = await page.evaluate(watchFocus);
      for (const _ of expected) await page.keyboard.press("Tab");
      await page.evaluate(() => window.look());
      const visited = await page.evaluate(() => window.visited);
      const order = visited.map((each) => each.order);
      if (order.join() !== expected.join()) found.push(`${order} instead of ${expected}`);
      for (const { flaw } of visited) if (flaw) found.push(`${size.width} px: ${flaw}`);
      if (sticks) await openWith(tab, address, true);
    }
    return found;
  });
  assert.deepEqual(found, []);
});
