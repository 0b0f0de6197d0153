/** Sign-ins in a real terminal: what is on the screen, what keys do, and how it is left. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { demoBrowser } from "../../support/demo_browser.ts";
import { ADDRESS, endsAt, isClosed } from "./address.ts";
import { hangingBus } from "./hanging_bus.ts";
import { folderOf, OVER_SSH } from "./scene.ts";
import { RESTORED, scene } from "./shell.ts";
import { WITHOUT_TMUX } from "./tmux.ts";

test("loopback: the address is on the screen though the launcher lies; stdout has the app's line", {
  skip: WITHOUT_TMUX,
}, async (t) => {
  const { open } = await scene(t);
  const shell = open();
  const [, address = ""] = await shell.sees(ADDRESS);
  await shell.sees(/paste its address here, or type "d" for a code:/);
  assert.match((await demoBrowser().get(address)).text, /Signed in to snaps/);
  await shell.sees(/Signed in to snaps as ada@example\.com\.\naccount: ada@example\.com\nexit: 0/);
  await shell.sees(RESTORED);
});

test("stdout is the app's: all of the sign-in is on stderr", { skip: WITHOUT_TMUX }, async (t) => {
  const { home, open } = await scene(t);
  const path = join(home, "out");
  const shell = open({ stdout: path });
  const [, address = ""] = await shell.sees(ADDRESS);
  shell.types("d");
  shell.presses("Enter");
  await shell.sees(/[▀▄█]{10}[\s\S]*Type "b"/);
  shell.types("b");
  shell.presses("Enter");
  await shell.sees(/(?:redirect_uri[\s\S]*){2}paste its address/);
  const second = [...shell.screen().matchAll(new RegExp(ADDRESS, "gm"))].at(-1)?.[1] ?? "";
  assert.notEqual(second, address);
  await demoBrowser().get(second);
  await shell.sees(/exit: 0/);
  await shell.sees(RESTORED);
  assert.equal(readFileSync(path, "utf8"), "account: ada@example.com\n");
});

test("paste: an address that is longer than a line of the terminal", {
  skip: WITHOUT_TMUX,
}, async (t) => {
  const { open } = await scene(t, { ways: ["paste"], env: OVER_SSH });
  const shell = open();
  const [, address = ""] = await shell.sees(ADDRESS);
  shell.types("hello");
  shell.presses("Enter");
  await shell.sees(/That is not the address/);
  const callback = new URL(await endsAt(address));
  callback.searchParams.set("more", "x".repeat(5000));
  shell.types(callback.href);
  shell.presses("Enter");
  await shell.sees(/account: ada@example\.com\nexit: 0/);
  await shell.sees(RESTORED);
});

test("device: code and address, and a QR code where it fits", { skip: WITHOUT_TMUX }, async (t) => {
  const { open } = await scene(t, { env: OVER_SSH });
  const [wide, narrow] = [open(), open({ columns: 59, account: "other" })];
  for (const [shell, hasPicture] of [
    [wide, true],
    [narrow, false],
  ] as const) {
    const [, address, code] = await shell.sees(/^ {2}(http\S+)\n {2}([A-Z0-9-]+)$/m);
    if (hasPicture) await shell.sees(/[▀▄█]{10}/);
    else assert.doesNotMatch(shell.screen(), /[▀▄█]/);
    await demoBrowser().get(`${address}?user_code=${code}`);
    await shell.sees(/exit: 0/);
    await shell.sees(RESTORED);
  }
});

test("`d` goes on with a code", { skip: WITHOUT_TMUX }, async (t) => {
  const { open } = await scene(t);
  const shell = open();
  const [, first = ""] = await shell.sees(ADDRESS);
  shell.types("d");
  shell.presses("Enter");
  const [, address, code] = await shell.sees(/^ {2}(http\S+\/device)\n {2}([A-Z0-9-]+)$/m);
  assert.ok(await isClosed(first));
  await demoBrowser().get(`${address}?user_code=${code}`);
  await shell.sees(/account: ada@example\.com\nexit: 0/);
  await shell.sees(RESTORED);
});

test("two terminals: one signs in, the other waits and has the same session", {
  skip: WITHOUT_TMUX,
}, async (t) => {
  const { issuer, home, open } = await scene(t);
  const first = open();
  const [, address = ""] = await first.sees(ADDRESS);
  const second = open();
  await second.sees(/Another snaps is signing in\. Waiting for it/);
  const third = open();
  await third.sees(/Waiting for it/);
  third.presses("C-c");
  await third.sees(/exit: 130/);
  await demoBrowser().get(address);
  for (const shell of [first, second]) await shell.sees(/account: ada@example\.com\nexit: 0/);
  assert.doesNotMatch(second.screen(), ADDRESS);
  assert.equal(issuer.requests.filter(({ path }) => path === "/authorize").length, 1);
  const { sessions } = JSON.parse(readFileSync(join(folderOf(home), "sessions.json"), "utf8"));
  assert.equal(Object.keys(sessions).length, 1);
});

test("a terminal that is killed while it signs in holds up nobody", {
  skip: WITHOUT_TMUX,
}, async (t) => {
  const { open } = await scene(t);
  const first = open();
  await first.sees(ADDRESS);
  process.kill(first.pid(), "SIGKILL");
  await first.sees(/exit: 137/);
  const second = open();
  const [, address = ""] = await second.sees(ADDRESS);
  await demoBrowser().get(address);
  await second.sees(/exit: 0/);
});

test("a keychain that hangs: after 3 seconds the sign-in goes on, and says once where the session is", {
  skip: WITHOUT_TMUX,
}, async (t) => {
  const bus = await hangingBus(t);
  const env = { ...OVER_SSH, DBUS_SESSION_BUS_ADDRESS: bus.address };
  const { home, open } = await scene(t, { env, storage: "auto" });
  const shell = open();
  const [, address, code] = await shell.sees(/^ {2}(http\S+\/device)\n {2}([A-Z0-9-]+)$/m);
  await demoBrowser().get(`${address}?user_code=${code}`);
  await shell.sees(/exit: 0/);
  assert.match(
    shell.screen().replaceAll(/\n/g, ""),
    /Signed in to .*No keychain here \(it did not answer within 3 s\): the session is kept/,
  );
  assert.ok(
    shell
      .screen()
      .replaceAll("\n", "")
      .includes(join(folderOf(home), "sessions.json")),
  );
  const again = open();
  await again.sees(/account: ada@example\.com\nexit: 0/);
  assert.doesNotMatch(again.screen(), /No keychain/);
});
