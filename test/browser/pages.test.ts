/** What particular pages do in Chromium; `walk*.test.ts` examine every page and state. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { BrowserContextOptions, Page } from "playwright-core";
import { samples } from "./page_samples.ts";
import { looks } from "./sample_views.ts";
import { browser, server } from "./started.ts";
import { open as openAt, visit as visitWith } from "./visit.ts";

const phone = { width: 375, height: 667 };
const visit = (options: BrowserContextOptions, see: (page: Page) => Promise<void>) =>
  visitWith(browser, { viewport: phone, ...options }, see);
const open = (page: Page, name: string, view = "en") =>
  openAt(page, `${server.origin}/${view}/${name}`);

for (const javaScriptEnabled of [true, false])
  test(`with seven permissions of several APIs, the answer is in the window from the beginning (${javaScriptEnabled ? "with" : "without"} script)`, async () => {
    await visit({ javaScriptEnabled }, async (page) => {
      for (const view of Object.keys(looks))
        for (const [width, height] of [
          [1280, 800],
          [375, 667],
        ] as const) {
          await page.setViewportSize({ width, height });
          await open(page, "consent_seven", view);
          const answers = await page.locator("[name=decision]").all();
          assert.equal(answers.length, 2);
          for (const answer of answers) {
            const box = await answer.boundingBox();
            const is_seen = box && box.y >= 0 && box.y + box.height <= height;
            assert.ok(is_seen, `${view}, ${width} × ${height}`);
          }
        }
    });
  });

/** The top of the first of these elements. */
const topOf = async (page: Page, selector: string): Promise<number> =>
  (await page.locator(selector).first().boundingBox())?.y ?? Number.POSITIVE_INFINITY;

test("each consent page says on its first screen who asks, for what, as whom, and how to say no", async () => {
  // Names and hosts that fill a phone leave no room.
  const asking = Object.keys(samples).filter(
    (name) => name.includes("consent") && !name.includes("hostile"),
  );
  const unseen: string[] = [];
  await visit({}, async (page) => {
    for (const name of asking)
      for (const viewport of [phone, { width: 1280, height: 800 }]) {
        await page.setViewportSize(viewport);
        await open(page, name);
        // On a phone, the bar with the answer covers the end of the window.
        const bar = await topOf(page, ".answer");
        const end = viewport === phone ? bar : viewport.height;
        // Half a line is enough to be read.
        for (const part of ["h1", ".host", ".person", ".do li, .do h2 + p"])
          if ((await topOf(page, part)) + 16 > end)
            unseen.push(`${name}, ${viewport.width} px: ${part}`);
      }
  });
  assert.deepEqual(unseen, []);
});

test("only an app with a secret is asked how it sends the secret", async () => {
  await visit({ javaScriptEnabled: false }, async (page) => {
    await open(page, "register_app_errors");
    const fold = page.locator("summary", { hasText: "How it sends the secret" });
    assert.equal(await fold.isVisible(), false, "a terminal app has none");
    await page.locator("input[name=kind][value=web]").check();
    await fold.click();
    const asked = page.getByRole("group", { name: "How it sends the secret" });
    assert.ok(await asked.getByText("In the form").isVisible());
  });
});

test("a permission that is unticked loses its cut", async () => {
  await visit({ reducedMotion: "reduce" }, async (page) => {
    await open(page, "consent_seven");
    const box = page.locator("input[name=permission]").first();
    const cut = () =>
      box.evaluate((input) => {
        const line = input.closest("li");
        return line ? getComputedStyle(line, "::before").inlineSize : "";
      });
    assert.notEqual(await cut(), "0px");
    await box.uncheck();
    assert.equal(await cut(), "0px");
  });
});

test("the first invalid field has the focus, else the first field of a sign-in", async () => {
  const expected = {
    sign_in: "username",
    sign_in_again: "password",
    sign_in_wrong: "password",
    create_account_errors: "email",
    register_app_errors: "name",
    security_errors: "current_password",
  };
  for (const javaScriptEnabled of [true, false])
    await visit({ javaScriptEnabled }, async (page) => {
      for (const [name, field] of Object.entries(expected)) {
        await open(page, name);
        const focused = page.locator(`#${field}:focus`);
        await focused.waitFor({ timeout: 5000 });
      }
    });
});

for (const javaScriptEnabled of [true, false])
  test(`only its own button gives consent (${javaScriptEnabled ? "with" : "without"} script)`, async () => {
    await visit({ javaScriptEnabled }, async (page) => {
      await open(page, "consent");
      const address = page.url();
      await page.locator("input[value$=' photos.write']").uncheck();
      await page.locator("input[value$=' photos.read']").press("Enter");
      await page.waitForTimeout(200);
      assert.equal(page.url(), address, "Enter in a checkbox sent the form");

      await page.getByRole("button", { name: "Allow", exact: true }).click();
      // The whole address: the page itself is /en/consent.
      await page.waitForURL(`${server.origin}/consent`);
      const sent = new URLSearchParams((await page.textContent("body")) ?? "");
      assert.deepEqual(
        sent.getAll("permission").map((each) => each.split(" ")[1]),
        ["photos.read", "profile", "email"],
      );
      assert.deepEqual(sent.getAll("decision"), ["allow"]);
      assert.equal(sent.get("continue"), "sealed.request");
    });
  });

test("the buttons Allow and Don’t allow have the same size", async () => {
  await visit({}, async (page) => {
    for (const view of Object.keys(looks)) {
      await open(page, "consent", view);
      const sizes = await page.evaluate(() =>
        [...document.querySelectorAll("[name=decision]")].map((button) => {
          const { width, height } = button.getBoundingClientRect();
          return `${width} × ${height}`;
        }),
      );
      assert.equal(sizes.length, 2);
      assert.equal(sizes[0], sizes[1], view);
    }
  });
});

test("a password can be shown, and is still sent as a password", async () => {
  await visit({}, async (page) => {
    await open(page, "sign_in");
    await page.locator("#username").fill("ada");
    await page.locator("#password").fill("correct horse");
    await page.getByRole("button", { name: "Show password" }).click();
    assert.equal(await page.locator("#password").getAttribute("type"), "text");
    assert.ok(await page.locator("#password:focus").isVisible());
    await page.getByRole("button", { name: "Hide password" }).click();
    assert.equal(await page.locator("#password").getAttribute("type"), "password");
    await page.locator("#password").press("Enter");
    await page.waitForURL(`${server.origin}/sign-in`);
    const sent = new URLSearchParams((await page.textContent("body")) ?? "");
    assert.equal(sent.get("password"), "correct horse");
  });
});

test("people 9: values that are shown once can be copied, all together and one by one", async () => {
  await visit({ permissions: ["clipboard-read", "clipboard-write"] }, async (page) => {
    await open(page, "app_secret");
    const copied = async (of: string) => {
      await page.locator(`button[data-copy="${of}"]`).click();
      await page.getByRole("button", { name: "Copied" }).waitFor();
      assert.equal(
        await page.evaluate(() => navigator.clipboard.readText()),
        await page.locator(`#${of}`).textContent(),
      );
      await page.getByRole("button", { name: "Copied" }).waitFor({ state: "detached" });
    };
    for (const id of ["env", "snippet"]) await copied(id);
    await page.getByText("One by one").click();
    await copied("client-secret");
    // The first thing to do is the first control of the page that is filled with colour.
    const mains = page.locator("main .main");
    assert.deepEqual(await mains.allTextContents(), ["Copy all as .env"]);
  });
  await visit({ javaScriptEnabled: false }, async (page) => {
    await open(page, "app_secret");
    await page.getByText("One by one").click();
    assert.equal(await page.getByRole("button", { name: "Copy" }).count(), 0);
    await page.locator("#client-secret").click();
    assert.equal(
      await page.evaluate(() => String(getSelection())),
      await page.locator("#client-secret").textContent(),
      "one click selects the value",
    );
  });
});

test("a form submitted twice in a hurry is sent once", async () => {
  await visit({}, async (page) => {
    let sent = 0;
    await page.route("**/account", (route) => {
      sent += 1;
      return route.fulfill({ status: 204 });
    });
    await open(page, "connected_apps_remove");
    const button = page.getByRole("button", { name: "Remove access" });
    await button.click();
    await button.click();
    await page.waitForTimeout(200);
    assert.equal(sent, 1);
  });
});

for (const javaScriptEnabled of [true, false])
  test(`a form_post response reaches the app (${javaScriptEnabled ? "by itself" : "by its button"})`, async () => {
    await visit({ javaScriptEnabled }, async (page) => {
      // The app's response has no body, so the page stays as it is.
      await page.route("https://printly.example/**", (route) => route.fulfill({ status: 204 }));
      const posted = page.waitForRequest("https://printly.example/callback");
      await open(page, "form_post");
      if (!javaScriptEnabled) await page.getByRole("button").click();
      const sent = new URLSearchParams((await posted).postData() ?? "");
      assert.equal(sent.get("code"), "vkc_sample");
      assert.equal(sent.get("state"), '"><script>alert(1)</script>');
    });
  });
