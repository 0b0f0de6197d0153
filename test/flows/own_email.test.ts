/** A new address of a person: proved by a code, told to the old one, and brought back from there. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Mail } from "../../src/mail_sender.ts";
import { addAppCodes, sendCode } from "../support/app_codes.ts";
import { linkOn, type Page, type TestBrowser, testBrowser } from "../support/browser.ts";
import { addVerified, codeIn, inbox, linkIn } from "../support/inbox.ts";
import { testServer } from "../support/server.ts";

const post = inbox();
const server = await testServer({ mail: post.mail });
after(() => server.close());
const EMAIL = "/account/security/email";
const SECURITY = "/account/security";

async function mailTo(to: string, subject: RegExp): Promise<Mail | null> {
  await post.settle(server);
  for (let i = 0; i < 100; i += 1) {
    const found = post.mails.findLast((mail) => mail.to === to && subject.test(mail.subject));
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return null;
}
async function signedIn(name: string): Promise<TestBrowser> {
  const browser = testBrowser(server, { address: `198.51.100.${name.length}` });
  const page = await browser.signIn(await browser.get("/sign-in"), name);
  assert.equal(page.url.pathname, "/account");
  return browser;
}
const send = (browser: TestBrowser, page: Page, email: string) =>
  browser.submit(page, { email }, { action: EMAIL, having: { intent: "send" } });
const type = (browser: TestBrowser, page: Page, code: string) =>
  browser.submit(page, { code }, { action: EMAIL, having: { intent: "code" } });
const findByEmail = async (address: string) =>
  (await server.server.users.findByVerifiedEmail?.(address))?.sub ?? null;

test("a new address counts when its code is typed, and the old one is told and can bring it back", async () => {
  const sub = await addVerified(server, "ada");
  const browser = await signedIn("ada");
  const page = await browser.get(linkOn(await browser.get(SECURITY), EMAIL));
  const asked = await send(browser, page, "countess@example.net");
  assert.equal(await findByEmail("countess@example.net"), null, "not before");
  const code = codeIn((await mailTo("countess@example.net", /code/i)) ?? assert.fail("no code"));
  const wrong = await type(browser, asked, code === "000000" ? "111111" : "000000");
  assert.equal(wrong.status, 401);
  const done = await type(browser, wrong, code);
  assert.equal(done.url.pathname, SECURITY);
  assert.match(done.html, /Your new address counts/);
  assert.equal(await findByEmail("countess@example.net"), sub);
  assert.equal(await findByEmail("ada@example.org"), null, "the old one signs in no more");
  const told = (await mailTo("ada@example.org", /address/)) ?? assert.fail("not told");
  assert.match(told.text, /countess@example\.net/);
  const stranger = testBrowser(server);
  const undo = await stranger.get(linkIn(told));
  assert.equal(await findByEmail("ada@example.org"), null, "opening it changes nothing");
  await stranger.submit(undo, {}, "/undo");
  assert.equal(await findByEmail("ada@example.org"), sub);
  assert.equal(await findByEmail("countess@example.net"), null);
  assert.equal((await browser.get("/account")).url.pathname, "/sign-in", "sessions have ended");
});

test("an address that was changed with two factors stays; the link of the old one ends the sessions only", async () => {
  const sub = await addVerified(server, "grace");
  const browser = await signedIn("grace");
  const app = await addAppCodes(server, sub);
  const confirm = await browser.get(EMAIL);
  assert.equal(confirm.url.pathname, "/confirm");
  const page = await sendCode(browser, confirm, app.code());
  assert.equal(page.url.pathname, EMAIL);
  const asked = await send(browser, page, "hopper@example.net");
  const code = codeIn((await mailTo("hopper@example.net", /code/i)) ?? assert.fail("no code"));
  await type(browser, asked, code);
  const told = (await mailTo("grace@example.org", /address/)) ?? assert.fail("not told");
  const stranger = testBrowser(server);
  await stranger.submit(await stranger.get(linkIn(told)), {}, "/undo");
  assert.equal(await findByEmail("hopper@example.net"), sub);
});

test("somebody else's address gets no mail, and the page looks the same", async () => {
  await addVerified(server, "linus");
  await addVerified(server, "mallory");
  const browser = await signedIn("mallory");
  const page = await browser.get(EMAIL);
  const taken = await send(browser, page, "linus@example.org");
  const free = await send(browser, page, "nobody@example.org");
  const shape = ({ html }: Page, address: string) =>
    html.replaceAll(address, "ADDRESS").replaceAll(/value="[^"]*"|href="[^"]*"/g, "");
  assert.equal(shape(taken, "linus@example.org"), shape(free, "nobody@example.org"));
  assert.equal(await mailTo("linus@example.org", /code/i), null);
  for (const code of ["000000", "123456"])
    assert.equal((await type(browser, taken, code)).status, 401);
});
