/** Sign-ins in a real terminal: what is on the screen, what keys do, and how it is left. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { TerminalOptions } from "../../../src/sdk/client/terminal/terminal.ts";
import { type IssuerOptions, startIssuer } from "../../../src/testing/testing.ts";
import { demoBrowser } from "../../support/demo_browser.ts";
import { hangingBus } from "./hanging_bus.ts";
import { AT_A_DESK, CLIENT, folderOf, OVER_SSH, stateHome } from "./scene.ts";
import { hasTmux, type Terminal, terminal } from "./tmux.ts";

const COMMAND = `"${process.execPath}" --conditions=valetkey-source test/sdk/terminal/snaps.ts`;
const SKIP = hasTmux() ? false : "tmux is not installed";
/** As it was before: lines, echo, and Ctrl-C as a signal. */
const RESTORED = /^isig icanon echo end$/m;
const ADDRESS = /^ {2}(http\S+)$/m;

interface Given extends Omit<Partial<TerminalOptions>, "env"> {
  env?: Readonly<Record<string, string | undefined>>;
  people?: IssuerOptions["people"];
  columns?: number;
}

async function scene(t: TestContext, { env = AT_A_DESK, people, ...more }: Given = {}) {
  const issuer = await startIssuer({ clients: [CLIENT], ...(people && { people }) });
  t.after(() => issuer.close());
  const home = stateHome();
  const launcher = join(home, "launcher");
  // It says that it has opened a browser.
  writeFileSync(launcher, "#!/bin/sh\nexit 0\n");
  chmodSync(launcher, 0o755);
  const open = ({ columns = 100, ...options }: Given = {}): Terminal => {
    const all = { issuer: issuer.issuer, clientId: "app", storage: "file", ...more, ...options };
    const variables = { SNAPS_OPTIONS: JSON.stringify(all), BROWSER: launcher };
    return terminal(t, COMMAND, {
      env: { ...env, ...variables, XDG_STATE_HOME: home },
      columns,
    });
  };
  return { issuer, home, open };
}

const redirectIn = (address: string): string =>
  new URL(address).searchParams.get("redirect_uri") ?? "";

async function endsAt(address: string): Promise<string> {
  const { url } = await demoBrowser({ stop_at: redirectIn(address) }).get(address);
  return url.href;
}

const isClosed = (address: string): Promise<boolean> =>
  fetch(redirectIn(address)).then(
    () => false,
    () => true,
  );

test("loopback: the address is on the screen though the launcher lies; stdout has the app's line", {
  skip: SKIP,
}, async (t) => {
  const { open } = await scene(t);
  const shell = open();
  const [, address = ""] = await shell.sees(ADDRESS);
  await shell.sees(/paste its address here, or type "d" for a code:/);
  assert.match((await demoBrowser().get(address)).text, /Signed in to snaps/);
  await shell.sees(/Signed in to snaps as ada@example\.com\.\naccount: ada@example\.com\nexit: 0/);
  await shell.sees(RESTORED);
});

test("paste: an address that is longer than a line of the terminal", { skip: SKIP }, async (t) => {
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

test("device: code and address, and a QR code where it fits", { skip: SKIP }, async (t) => {
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

test("`d` goes on with a code", { skip: SKIP }, async (t) => {
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

test("Ctrl-C at each step: port closed, terminal restored, exit 130, and nothing left behind", {
  skip: SKIP,
}, async (t) => {
  const bus = await hangingBus(t);
  const env = { ...AT_A_DESK, DBUS_SESSION_BUS_ADDRESS: bus.address };
  const { home, issuer, open } = await scene(t, { env });
  const steps: [Given, RegExp, string[]][] = [
    [{}, /or type "d" for a code/, []],
    [{}, /enter the code/, ["d", "Enter"]],
    [{ ways: ["device"] }, /enter the code/, []],
    [{ ways: ["paste"] }, /paste its address here/, []],
    // The keychain hangs before anything is shown.
    [{ storage: "auto" }, /^$/m, []],
  ];
  for (const [options, text, keys] of steps) {
    const shell = open(options);
    if (keys.length > 0) await shell.sees(/or type "d"/);
    shell.presses(...keys);
    await shell.sees(text);
    const [, address] = ADDRESS.exec(shell.screen()) ?? [];
    await new Promise((resolve) => setTimeout(resolve, 500));
    shell.presses("C-c");
    await shell.sees(/exit: 130/);
    await shell.sees(RESTORED);
    assert.doesNotMatch(shell.screen(), /AuthError|at async|account:/);
    if (address?.includes("redirect_uri")) assert.ok(await isClosed(address));
    const left = existsSync(folderOf(home)) ? readdirSync(folderOf(home)) : [];
    assert.deepEqual(left, [], String(text));
  }
  // An issuer that does not answer.
  issuer.fault.slow(10_000);
  const shell = open();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  shell.presses("C-c");
  await shell.sees(/exit: 130/);
  await shell.sees(RESTORED);
});

test("SIGTERM and time end it as Ctrl-C does", { skip: SKIP }, async (t) => {
  const { open } = await scene(t);
  const shell = open();
  const [, address = ""] = await shell.sees(ADDRESS);
  await shell.sees(/type "d"/);
  process.kill(shell.pid(), "SIGTERM");
  await shell.sees(/exit: 130/);
  await shell.sees(RESTORED);
  assert.ok(await isClosed(address));
  const late = open({ timeout: 1 });
  await late.sees(/error: timed_out\nexit: 1/);
  await late.sees(RESTORED);
});

test("two terminals: one signs in, the other waits and has the same session", {
  skip: SKIP,
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

test("a terminal that is killed while it signs in holds up nobody", { skip: SKIP }, async (t) => {
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
  skip: SKIP,
}, async (t) => {
  const bus = await hangingBus(t);
  const env = { ...OVER_SSH, DBUS_SESSION_BUS_ADDRESS: bus.address };
  const { home, open } = await scene(t, { env, storage: "auto" });
  const shell = open();
  await shell.sees(/No keychain here: it did not answer within 3 s\.\nThe session is kept in /);
  assert.ok(shell.screen().includes(join(folderOf(home), "sessions.json")));
  const [, address, code] = await shell.sees(/^ {2}(http\S+\/device)\n {2}([A-Z0-9-]+)$/m);
  await demoBrowser().get(`${address}?user_code=${code}`);
  await shell.sees(/exit: 0/);
  const again = open();
  await again.sees(/account: ada@example\.com\nexit: 0/);
  assert.doesNotMatch(again.screen(), /No keychain/);
});
