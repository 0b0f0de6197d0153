/** Opens samples in a context of its own; errors that the browser reports fail the test. */
import assert from "node:assert/strict";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

/** Closes the context afterwards. */
export async function visit(
  browser: Browser,
  options: BrowserContextOptions,
  see: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext(options);
  const complaints: string[] = [];
  try {
    const page = await context.newPage();
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(`${page.url()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error.message}`));
    await see(page);
  } finally {
    await context.close();
  }
  assert.deepEqual(complaints, []);
}

/** Goes to a page and waits until its script, which comes last, is there. */
export async function open(page: Page, address: string): Promise<void> {
  await page.goto(address, { waitUntil: "commit" });
  await page.locator("body > script").waitFor({ state: "attached" });
}
