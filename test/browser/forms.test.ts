/** What the script adds to forms: a count while a password is typed, and a button that waits for a change. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { browser, server } from "./started.ts";

async function open(name: string, see: (page: Page) => Promise<void>): Promise<void> {
  const page = await browser.newPage();
  await page.goto(`${server.origin}/en/${name}`, { waitUntil: "commit" });
  await page.locator("body > script").waitFor({ state: "attached" });
  await see(page);
  await page.close();
}

test("people, create account: a new password is counted while it is typed, in characters", async () => {
  for (const [name, field] of [
    ["create_account", "password"],
    ["security", "new_password"],
  ] as const)
    await open(name, async (page) => {
      const line = page.locator(".secret + [role=status]");
      // The form of the security page is folded.
      if (name === "security") await page.locator("main summary").click();
      await page.fill(`#${field}`, "🔑🔑🔑 seven");
      assert.equal(await line.textContent(), "9 of 10 characters");
      assert.equal(await line.getAttribute("aria-live"), "off", "not read aloud with every key");
      await page.fill(`#${field}`, "🔑🔑🔑 seven!");
      assert.equal(await line.textContent(), "Long enough");
      assert.equal(await line.getAttribute("aria-live"), "polite");
      await page.fill(`#${field}`, "");
      assert.equal(await line.textContent(), "");
    });
});

test("people, your apps: Save changes wakes when something has changed", async () => {
  await open("edit_app", async (page) => {
    const save = page.getByRole("button", { name: "Save changes" });
    assert.ok(await save.isDisabled());
    await page.fill("#name", "Printly 2");
    assert.ok(await save.isEnabled());
    await page.fill("#name", "Printly");
    assert.ok(await save.isDisabled(), "it sleeps again when nothing differs");
    await page.getByText("How it sends the secret").first().click();
    await page.locator("[name=auth_method][value=client_secret_post]").check();
    assert.ok(await save.isEnabled());
  });
});

test("Save changes is awake where the fields hold what was refused, and without script", async () => {
  await open("edit_app_errors", async (page) => {
    assert.ok(await page.getByRole("button", { name: "Save changes" }).isEnabled());
  });
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${server.origin}/en/edit_app`, { waitUntil: "commit" });
  assert.ok(await page.getByRole("button", { name: "Save changes" }).isEnabled());
  await context.close();
});
