/** Walks through pages in Chromium: opens them in several tabs, at every size and in every state. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { CDPSession, Page } from "playwright-core";
import { layoutFlaws } from "./layout_flaws.ts";
import { samples } from "./page_samples.ts";
import { browser, server } from "./started.ts";
import { open, visit } from "./visit.ts";

export const axe = readFileSync(
  createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
  "utf8",
);

export interface Size {
  readonly width: number;
  readonly height: number;
  /** Device pixels for one of the page. */
  readonly scale?: number;
  /** The size of text, in per cent, where a person has made text larger and nothing else. */
  readonly text?: number;
}
export const desktop: Size = { width: 1280, height: 800 };
export const phone: Size = { width: 375, height: 667 };
/** A page that is zoomed has less room: half as many pixels of twice the size. */
export const zoomed = ({ width, height }: Size): Size => ({
  width: Math.floor(width / 2),
  height: Math.floor(height / 2),
  scale: 2,
});
export const sizes: readonly Size[] = [
  desktop,
  phone,
  { width: 320, height: 568 },
  zoomed(desktop),
  zoomed(phone),
  { ...desktop, text: 200 },
  { ...phone, text: 200 },
];

export const names = Object.keys(samples);
/** All pages except the one that submits itself. */
export const staying = names.filter((name) => name !== "form_post");

/** As many tabs as this machine has cores for them. */
const TABS = 2;

/** A tab whose size and script can be switched without a new one. */
export interface Tab {
  readonly page: Page;
  readonly cdp: CDPSession;
}

/** Shows each of the addresses to `see`, in several tabs. @returns what it found */
export async function walk(
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

export async function resize({ page, cdp }: Tab, { width, height, scale = 1, text }: Size) {
  await cdp.send("Emulation.setDeviceMetricsOverride", {
    ...{ width, height, deviceScaleFactor: scale, mobile: false },
  });
  await page.evaluate((percent) => {
    document.documentElement.style.fontSize = percent === undefined ? "" : `${percent}%`;
  }, text);
}

/** Opens an address so that its own script runs or doesn't; the tests' scripts run in any case. */
export async function openWith(
  { page, cdp }: Tab,
  address: string,
  script: boolean,
): Promise<void> {
  await cdp.send("Emulation.setScriptExecutionDisabled", { value: !script });
  await open(page, `${server.origin}/${address}`);
  await cdp.send("Emulation.setScriptExecutionDisabled", { value: false });
}

/** Violations that axe finds. @param rules those to check; left out: all */
export async function violations(page: Page, rules?: readonly string[]): Promise<string[]> {
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

export async function layout(tab: Tab, some: readonly Size[] = sizes): Promise<string[]> {
  const found: string[] = [];
  for (const size of some) {
    await resize(tab, size);
    const where = `${size.width} px${size.scale ? ", zoomed" : ""}${size.text ? ", large text" : ""}`;
    for (const flaw of await tab.page.evaluate(layoutFlaws)) found.push(`${where}: ${flaw}`);
  }
  return found;
}

export interface Run {
  readonly size: Size;
  readonly scheme: "light" | "dark";
  /** Left out: all rules. */
  readonly rules?: readonly string[];
}
/** A colour scheme changes contrasts and nothing else. */
export const CONTRAST = ["color-contrast"];
export const first_run: Run = { size: phone, scheme: "light" };
export const other_runs: readonly Run[] = [
  { size: phone, scheme: "dark", rules: CONTRAST },
  { size: desktop, scheme: "light", rules: CONTRAST },
  { size: desktop, scheme: "dark" },
];

export async function accessibility(tab: Tab, runs: readonly Run[]): Promise<string[]> {
  const found: string[] = [];
  for (const { size, scheme, rules } of runs) {
    await tab.page.emulateMedia({ colorScheme: scheme });
    await resize(tab, size);
    for (const each of await violations(tab.page, rules))
      found.push(`${size.width} px, ${scheme}: ${each}`);
  }
  return found;
}

export const named = (state: string, found: readonly string[]) =>
  found.map((each) => `${state}, ${each}`);
export const ROWS = "details:not(.menu)";
export const unfold = (page: Page, selector: string, is_open: boolean): Promise<void> =>
  page.evaluate(
    ([selector, is_open]) => {
      for (const each of document.querySelectorAll(selector)) each.toggleAttribute("open", is_open);
    },
    [selector, is_open] as const,
  );

/** Brings a page to each of its states: rows folded and unfolded, the account's menu, every button of the script pressed. */
export async function states(
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
export const menus = new Set<string>();

/** Presses every button that only the script has, and types a password: it is shown, it is counted, values are copied. */
export async function press(page: Page): Promise<boolean> {
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
export const bodyOf = (page: Page): Promise<string> =>
  page.evaluate(() => document.body.outerHTML.replaceAll(/<script>[\s\S]*?<\/script>/g, ""));
