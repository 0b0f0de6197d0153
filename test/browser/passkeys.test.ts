/** Passkeys in Chromium, with the virtual authenticator of its debugging protocol (CDP, domain WebAuthn). */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, CDPSession, Page } from "playwright-core";
import { PASSWORD } from "../support/server.ts";
import { type WebServer, webServer } from "../support/web.ts";
import { launchBrowser } from "./chromium.ts";

let browser: Browser;
let server: WebServer;
before(async () => {
  browser = await launchBrowser();
  server = await webServer({}, { host: "localhost" });
});
after(async () => {
  await browser?.close();
  await server?.close();
});

interface Device {
  page: Page;
  cdp: CDPSession;
  authenticator: string;
}

/** A browser with an authenticator, which is there before the page loads. */
async function device(
  { verified = true, synced = false, present = true } = {},
  script = true,
): Promise<Device> {
  const context = await browser.newContext({ javaScriptEnabled: script });
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const options = {
    ...({ protocol: "ctap2", transport: "internal", hasResidentKey: true } as const),
    ...{ hasUserVerification: true, isUserVerified: verified },
    ...{ automaticPresenceSimulation: present },
    ...{ defaultBackupEligibility: synced, defaultBackupState: synced },
  };
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", { options });
  return { page, cdp, authenticator: authenticatorId };
}

async function person(name: string, { page }: Device): Promise<string> {
  const sub = await server.addUser(name);
  await page.goto(`${server.issuer}/sign-in`);
  await byPassword(page, name);
  return sub;
}
async function byPassword(page: Page, name: string): Promise<void> {
  await page.fill("#username", name);
  await page.fill("#password", PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL(`${server.issuer}/account`);
}
async function add({ page }: Device, name: string): Promise<void> {
  await page.goto(`${server.issuer}/account/security/passkeys`);
  await page.fill("#name", name);
  await page.getByRole("button", { name: "Create the passkey" }).click();
  await page.waitForURL(/\/account\/security\?done=/);
}
const forgetSession = ({ page }: Device) => page.context().clearCookies();
const press = (page: Page) => page.getByRole("button", { name: "Use a passkey" }).click();
const stored = async (sub: string) => (await server.server.store.loadFactors(sub)).passkeys;

test("a passkey is added, and signs in by the button; its flags are stored as they are", async () => {
  for (const synced of [true, false]) {
    const own = await device({ synced, present: true });
    const name = synced ? "ada" : "ben";
    const sub = await person(name, own);
    await add(own, "Laptop");
    const [passkey] = await stored(sub);
    assert.deepEqual([passkey?.backup_eligible, passkey?.backed_up], [synced, synced]);
    await forgetSession(own);
    // The autofill request begins with the page, and an authenticator that is always touched answers it.
    await own.page.goto(`${server.issuer}/sign-in`);
    await own.page.waitForURL(`${server.issuer}/account`);
    const [used] = await stored(sub);
    assert.ok((used?.sign_count ?? 0) > (passkey?.sign_count ?? 0), "its counter is kept");
    await own.page.context().close();
  }
});

test("the button asks while the autofill waits, and a cancelled dialogue leaves the page in silence", async () => {
  const own = await device({ present: false });
  const { page, cdp, authenticator } = own;
  const touch = (enabled: boolean) =>
    cdp.send("WebAuthn.setAutomaticPresenceSimulation", {
      ...{ authenticatorId: authenticator, enabled },
    });
  const sub = await person("cleo", own);
  await touch(true);
  await add(own, "Phone");
  assert.equal((await stored(sub)).length, 1);
  await forgetSession(own);
  await touch(false);
  await page.goto(`${server.issuer}/sign-in`);
  await page.waitForFunction(() => document.querySelector("[data-passkey] button:not([hidden])"));
  assert.equal(await page.getAttribute("#username", "autocomplete"), "username webauthn");
  await press(page);
  // The person takes the key away: the dialogue ends with NotAllowedError.
  await cdp.send("WebAuthn.setUserVerified", {
    authenticatorId: authenticator,
    isUserVerified: false,
  });
  await touch(true);
  await page.waitForTimeout(300);
  assert.equal(new URL(page.url()).pathname, "/sign-in");
  assert.equal(await page.locator("[data-passkey] [role=status]").textContent(), "");
  await cdp.send("WebAuthn.setUserVerified", {
    authenticatorId: authenticator,
    isUserVerified: true,
  });
  await press(page);
  await page.waitForURL(`${server.issuer}/account`);
  await page.context().close();
});

test("a device without the person's passkey leaves the page as it is, and the password signs in", async () => {
  const own = await device();
  await server.addUser("dora");
  await own.page.goto(`${server.issuer}/sign-in`);
  await press(own.page);
  await own.page.waitForTimeout(300);
  assert.equal(new URL(own.page.url()).pathname, "/sign-in");
  await byPassword(own.page, "dora");
  await own.page.context().close();
});

test("a passkey that this server has removed is told, with the way on", async () => {
  const own = await device();
  const sub = await person("emil", own);
  await add(own, "Old");
  await server.server.store.removeFactors(sub);
  await forgetSession(own);
  const requests: string[] = [];
  own.page.on("request", (request) => requests.push(request.method()));
  await own.page.goto(`${server.issuer}/sign-in`);
  await own.page.getByText("This passkey is not known here").waitFor();
  // An authenticator that answers by itself is not asked again.
  await own.page.waitForTimeout(300);
  assert.equal(requests.filter((each) => each === "POST").length, 1);
  await own.page.context().close();
});

test("one device holds the passkeys of two accounts, and none twice", async () => {
  const own = await device();
  const first = await person("fay", own);
  await add(own, "Shared");
  await own.page.goto(`${server.issuer}/account/security/passkeys`);
  await press(own.page);
  await own.page.waitForURL(/passkeys$/);
  await own.page.getByRole("button", { name: "Create the passkey" }).click();
  await own.page.getByText("This device has a passkey for this account already.").waitFor();
  await forgetSession(own);
  const second = await server.addUser("gus");
  await own.cdp.send("WebAuthn.setAutomaticPresenceSimulation", {
    ...{ authenticatorId: own.authenticator, enabled: false },
  });
  await own.page.goto(`${server.issuer}/sign-in`);
  await byPassword(own.page, "gus");
  await own.cdp.send("WebAuthn.setAutomaticPresenceSimulation", {
    ...{ authenticatorId: own.authenticator, enabled: true },
  });
  await add(own, "Shared");
  const { credentials } = await own.cdp.send("WebAuthn.getCredentials", {
    authenticatorId: own.authenticator,
  });
  assert.equal(credentials.length, 2);
  const handles = new Set(credentials.map(({ userHandle }) => userHandle));
  assert.equal(handles.size, 2);
  assert.deepEqual([(await stored(first)).length, (await stored(second)).length], [1, 1]);
  await own.page.context().close();
});

test("without script the page says what a passkey needs, and the password signs in", async () => {
  const own = await device({}, false);
  await server.addUser("hal");
  await own.page.goto(`${server.issuer}/sign-in`);
  assert.ok(await own.page.getByText("A passkey needs JavaScript").isVisible());
  assert.ok(await own.page.getByRole("button", { name: "Use a passkey" }).isHidden());
  await byPassword(own.page, "hal");
  await own.page.context().close();
});
