/**
 * Every page in Chromium: phone and desktop, light and dark, with and without script. Accessible as far as axe can
 * tell, never wider than the window, every control large enough for a thumb and reachable by keyboard.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { launchBrowser } from "./chromium.ts";
import { accents, looks, samples } from "./page_samples.ts";
import { servePages } from "./page_server.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const names = Object.keys(samples);
const phone = { width: 360, height: 740 };
const schemes = ["light", "dark"] as const;

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

/** Opens a page in a context of its own, which is closed afterwards. Errors that the browser reports fail the test. */
async function visit(options: BrowserContextOptions, see: (page: Page) => Promise<void>) {
  const context = await browser.newContext({ viewport: phone, ...options });
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

async function open(page: Page, name: string, view = "en"): Promise<void> {
  await page.goto(`${server.origin}/${view}/${name}`, { waitUntil: "commit" });
  await page.locator("body > script").waitFor({ state: "attached" });
}

/** All pages except the one that submits itself. */
const staying = names.filter((name) => name !== "form_post");

test("axe finds no violation on any page, on phone and desktop, light and dark", async () => {
  await visit({ bypassCSP: true }, async (page) => {
    for (const name of staying) {
      await open(page, name);
      await page.evaluate(axe);
      for (const [colorScheme, width] of [
        ["light", 360],
        ["dark", 1280],
      ] as const) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ ...phone, width });
        assert.deepEqual(await violations(page), [], `${name}, ${colorScheme}, ${width} px`);
      }
    }
  });
});

test("axe finds no violation in another language, right to left, and with an operator's colours", async () => {
  const some = staying.filter((name) => /^(consent|sign_in|your_apps|security)$/.test(name));
  await visit({ bypassCSP: true }, async (page) => {
    for (const view of Object.keys(looks))
      for (const name of some) {
        await open(page, name, view);
        await page.evaluate(axe);
        for (const colorScheme of schemes) {
          await page.emulateMedia({ colorScheme });
          assert.deepEqual(await violations(page), [], `${name}, ${view}, ${colorScheme}`);
        }
      }
  });
});

async function violations(page: Page): Promise<string[]> {
  const found: unknown = await page.evaluate(
    "axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html).slice(0, 3).join(' | ')))",
  );
  return Array.isArray(found) ? found.map(String) : ["axe did not run"];
}

test("contrast holds with any accent, light and dark", async () => {
  const some = [
    "sign_in_wrong",
    "consent_seven",
    "connected_apps",
    "security",
    "register_app_errors",
  ];
  await visit({ bypassCSP: true }, async (page) => {
    for (const view of Object.keys(accents))
      for (const name of some) {
        await open(page, name, view);
        await unfold(page);
        await page.evaluate(axe);
        for (const colorScheme of schemes) {
          await page.emulateMedia({ colorScheme });
          assert.deepEqual(await violations(page), [], `${name}, ${view}, ${colorScheme}`);
        }
      }
  });
});

/** Opens every row and menu, as a person may. */
const unfold = (page: Page): Promise<void> =>
  page.evaluate(() => {
    for (const each of document.querySelectorAll("details")) each.open = true;
  });

test("with seven permissions of several APIs, the answer is in the window from the beginning", async () => {
  await visit({}, async (page) => {
    for (const [width, height] of [
      [1280, 800],
      [375, 667],
    ] as const) {
      await page.setViewportSize({ width, height });
      await open(page, "consent_seven");
      for (const answer of await page.locator("[name=decision]").all()) {
        const box = await answer.boundingBox();
        assert.ok(box && box.y >= 0 && box.y + box.height <= height, `${width} × ${height}`);
      }
    }
  });
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

for (const javaScriptEnabled of [true, false]) {
  const script = javaScriptEnabled ? "with script" : "without script";
  const pages = javaScriptEnabled ? staying : names;

  test(`no page is wider than its window, and every control is 44 px high (${script})`, async () => {
    await visit({ javaScriptEnabled }, async (page) => {
      for (const name of pages) {
        await open(page, name);
        assert.deepEqual(await smallTargets(page), [], name);
        // 320 px is also the width that 200 % zoom leaves of a small laptop's window.
        for (const width of [320, 375, 768, 1280]) await assertFits(page, name, width);
        if (!javaScriptEnabled) continue;
        await unfold(page);
        assert.deepEqual(await smallTargets(page), [], `${name}, unfolded`);
        await assertFits(page, `${name}, unfolded`, 320);
      }
    });
  });
}

test("no page is wider than its window in another language or right to left", async () => {
  await visit({}, async (page) => {
    for (const view of ["de", "rtl"])
      for (const name of staying) {
        await open(page, name, view);
        for (const width of [320, 768]) await assertFits(page, `${name}, ${view}`, width);
      }
  });
});

async function assertFits(page: Page, name: string, width: number): Promise<void> {
  await page.setViewportSize({ ...phone, width });
  const beyond = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  assert.equal(beyond, 0, `${name} is wider than ${width} px`);
}

/** Links inside a sentence are exempt (WCAG 2.2, 2.5.8): a line of text has its own height. */
function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const controls =
      "button, input:not([type=hidden]), textarea, summary, .button, nav a, .row-link";
    return [...document.querySelectorAll(controls)]
      .filter((control) => control.checkVisibility())
      .map((control) => {
        const box = control.matches("[type=checkbox], [type=radio]")
          ? control.closest("label")
          : control;
        return { text: control.outerHTML, height: box?.getBoundingClientRect().height ?? 0 };
      })
      .filter(({ height }) => height < 44)
      .map(({ text, height }) => `${height} px: ${text}`);
  });
}

test("the keyboard reaches every control in page order, with visible focus", async () => {
  await visit({}, async (page) => {
    for (const name of staying) {
      await open(page, name);
      const expected = await page.evaluate(() => {
        if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
        const controls =
          "a[href], button, input:not([type=hidden]), textarea, summary, [tabindex='0']";
        const reachable = [...document.querySelectorAll(controls)].filter(
          (control) => control.checkVisibility() && !control.matches(":disabled"),
        );
        for (const [i, control] of reachable.entries()) control.setAttribute("data-order", `${i}`);
        // Tab begins here, whatever had the focus.
        document.body.tabIndex = -1;
        document.body.focus();
        // In a group of radio buttons, only the chosen one is a tab stop.
        return reachable
          .filter((control) => !control.matches("[type=radio]:not(:checked)"))
          .map((control) => Number(control.getAttribute("data-order")));
      });
      const reached: number[] = [];
      for (const _ of expected) {
        await page.keyboard.press("Tab");
        const { order, ring } = await page.evaluate(() => {
          const element = document.activeElement ?? document.body;
          const { outlineStyle, outlineWidth } = getComputedStyle(element);
          const seen = element.getBoundingClientRect().bottom > 0;
          return {
            order: Number(element.getAttribute("data-order") ?? -1),
            ring: seen && outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2,
          };
        });
        assert.ok(ring, `${name}: no visible focus at ${order}`);
        reached.push(order);
      }
      assert.deepEqual(reached, expected, name);
    }
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
