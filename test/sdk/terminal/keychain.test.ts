/** The keychain of the system, by its real library: missing, hanging, and where there is one, working. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { systemKeychain } from "../../../src/sdk/client/terminal/keychain.ts";
import { hangingBus } from "./hanging_bus.ts";
import { APP, environment, fileOf, stateHome } from "./scene.ts";

const PROGRAM = "test/sdk/terminal/keeping.ts";
const HEADLESS = { DISPLAY: "", WAYLAND_DISPLAY: "" };

/** A command that keeps a session and reads it back, in a process of its own. */
async function keep(home: string, env: Record<string, string>, command: string[] = []) {
  const [program = process.execPath, ...first] = [...command, process.execPath];
  const flags = ["--conditions=valetkey-source", PROGRAM];
  const child = spawn(program, [...first, ...flags], {
    env: { ...process.env, ...HEADLESS, XDG_STATE_HOME: home, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (child.exitCode === null) await once(child, "exit");
  return { stdout, stderr, status: child.exitCode };
}

test("a keychain that is missing is known at once, and named", async (t) => {
  environment(t, { ...HEADLESS, DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere" });
  await assert.rejects(systemKeychain(APP).read(), (error: Error) => {
    assert.match(error.message, /\/nowhere|DBus|D-Bus/i);
    return true;
  });
});

test("a keychain that hangs is given up after 3 seconds without a display, and the process goes on", async (t) => {
  const bus = await hangingBus(t);
  environment(t, { ...HEADLESS, DBUS_SESSION_BUS_ADDRESS: bus.address });
  let ticks = 0;
  const timer = setInterval(() => (ticks += 1), 100);
  const began = performance.now();
  await assert.rejects(systemKeychain(APP).read(), /did not answer within 3 s/);
  clearInterval(timer);
  const waited = performance.now() - began;
  assert.ok(waited > 2900, `${waited} ms`);
  assert.ok(ticks > 5, "timers of this process were not held up");
});

test("with a display, a person has a minute to unlock it", async (t) => {
  const bus = await hangingBus(t);
  environment(t, { DISPLAY: ":9", DBUS_SESSION_BUS_ADDRESS: bus.address });
  const reading = systemKeychain(APP).read();
  let isOver = false;
  const over = assert.rejects(reading, (error: Error) => !/did not answer/.test(error.message));
  reading.catch(() => {}).finally(() => (isOver = true));
  await bus.isAsked();
  await new Promise((resolve) => setTimeout(resolve, 4500));
  assert.ok(!isOver);
  bus.hangUp();
  await over;
});

test("a process that is killed leaves none behind that waits for the keychain", async (t) => {
  const bus = await hangingBus(t);
  const env = { ...process.env, ...HEADLESS, DBUS_SESSION_BUS_ADDRESS: bus.address };
  const flags = ["--conditions=valetkey-source", PROGRAM];
  const child = spawn(process.execPath, flags, {
    env: { ...env, XDG_STATE_HOME: stateHome() },
    stdio: "ignore",
  });
  await bus.isAsked();
  child.kill("SIGKILL");
  await bus.isLeft();
});

test("without a keychain, a session is kept in a file; later commands ask no keychain", async (t) => {
  const home = stateHome();
  const bus = await hangingBus(t);
  const first = await keep(home, { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere" });
  assert.match(
    first.stderr,
    /No keychain here \([^:]+\): the session is kept unencrypted in .*sessions\.json/,
  );
  assert.deepEqual([first.stdout, first.status], ["refresh\n", 0]);
  const later = await keep(home, { DBUS_SESSION_BUS_ADDRESS: bus.address, ONLY_READ: "1" });
  assert.deepEqual(later, { stdout: "refresh\n", stderr: "", status: 0 });
  assert.equal(bus.connections(), 0);
});

test("gnome-keyring, where it is installed: the key survives the process, and its end is no deletion", async (t) => {
  const isThere = ["gnome-keyring-daemon", "dbus-run-session"].every((name) =>
    existsSync(`/usr/bin/${name}`),
  );
  if (!isThere) return t.skip("gnome-keyring is not installed (#14)");
  const home = stateHome();
  const runtime = join(home, "run");
  mkdirSync(runtime, { mode: 0o700 });
  const unlock = `printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec "$0" "$@"`;
  const session = ["dbus-run-session", "--", "sh", "-c", unlock];
  const env = { HOME: home, XDG_RUNTIME_DIR: runtime };
  const first = await keep(home, env, session);
  assert.deepEqual([first.stdout, first.status], ["refresh\n", 0], first.stderr);
  const before = readFileSync(fileOf(home), "utf8");
  assert.ok(before.includes('"key": "keychain"') && !before.includes('"refresh"'), before);
  const later = await keep(home, { ...env, ONLY_READ: "1" }, session);
  assert.deepEqual([later.stdout, later.status], ["refresh\n", 0], later.stderr);
  const gone = await keep(home, {
    ...env,
    ONLY_READ: "1",
    DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere",
  });
  assert.match(gone.stderr, /keychain_unavailable: the sessions of snaps are sealed/);
  assert.equal(readFileSync(fileOf(home), "utf8"), before);
});
