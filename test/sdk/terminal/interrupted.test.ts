/** Ctrl-C at each step, and what it costs: nothing. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { strictProvider } from "../../support/strict_provider.ts";
import { ADDRESS, endsAt, isClosed } from "./address.ts";
import { hangingBus } from "./hanging_bus.ts";
import { APP, AT_A_DESK, fileOf, folderOf, stateHome, storageIn, stored, until } from "./scene.ts";
import { type Given, RESTORED, scene } from "./shell.ts";
import { type Terminal, WITHOUT_TMUX } from "./tmux.ts";

type Scene = Awaited<ReturnType<typeof scene>>;

/** A step of the sign-in: how it is reached, up to what Ctrl-C interrupts. */
interface Step {
  name: string;
  options?: Given;
  reach(shell: Terminal, place: Scene): Promise<unknown>;
}

const asked = ({ issuer }: Scene, what: string): Promise<void> =>
  until(
    () => issuer.requests.some(({ method, path }) => `${method} ${path}` === what),
    `${what} was not asked for`,
  );

const STEPS: Step[] = [
  {
    name: "the provider is looked up",
    async reach(_shell, place) {
      place.issuer.fault.slow(10_000);
      await asked(place, "GET /.well-known/openid-configuration");
    },
  },
  { name: "the browser is waited for", reach: (shell) => shell.sees(/or type "d" for a code/) },
  {
    name: "an address is pasted",
    options: { ways: ["paste"] },
    async reach(shell) {
      await shell.sees(/paste its address here/);
      shell.types("http://127.0.0.1:1/callb");
    },
  },
  {
    name: "the code becomes tokens",
    async reach(shell, place) {
      const [, address = ""] = await shell.sees(ADDRESS);
      const callback = await endsAt(address);
      place.issuer.fault.slow(10_000);
      // Its page never comes.
      fetch(callback).catch(() => {});
      await asked(place, "POST /token");
    },
  },
  {
    name: "a code is asked for",
    options: { ways: ["device"] },
    async reach(_shell, place) {
      await asked(place, "GET /.well-known/openid-configuration");
      place.issuer.fault.slow(10_000);
      await asked(place, "POST /device_authorization");
    },
  },
  {
    name: "a code is entered, after another way",
    async reach(shell) {
      await shell.sees(/or type "d" for a code/);
      shell.presses("d", "Enter");
      await shell.sees(/Type "b" for a browser without a code/);
    },
  },
  {
    name: "it is asked whether a code was entered",
    options: { ways: ["device"], people: "ask" },
    async reach(shell, place) {
      await shell.sees(/enter the code/);
      place.issuer.fault.slow(10_000);
      await asked(place, "POST /token");
    },
  },
];

for (const { name, options = {}, reach } of STEPS)
  test(`Ctrl-C while ${name}: port closed, terminal restored, exit 130, nothing left behind`, {
    skip: WITHOUT_TMUX,
  }, async (t) => {
    const place = await scene(t, options);
    const shell = place.open();
    await reach(shell, place);
    const [, address] = ADDRESS.exec(shell.screen()) ?? [];
    shell.presses("C-c");
    await leaves(shell, place);
    if (address?.includes("redirect_uri")) assert.ok(await isClosed(address));
  });

async function leaves(shell: Terminal, { home }: Scene): Promise<void> {
  await shell.sees(/exit: 130/);
  await shell.sees(RESTORED);
  assert.doesNotMatch(shell.screen(), /Error|at async|account:/);
  assert.deepEqual(existsSync(folderOf(home)) ? readdirSync(folderOf(home)) : [], []);
}

test("Ctrl-C while the keychain hangs: the person sees what is waited for, and no process stays", {
  skip: WITHOUT_TMUX,
}, async (t) => {
  const bus = await hangingBus(t);
  const env = { ...AT_A_DESK, DBUS_SESSION_BUS_ADDRESS: bus.address };
  const place = await scene(t, { env, storage: "auto" });
  const shell = place.open();
  await shell.sees(/snaps waits for the keychain of this system/);
  await bus.isAsked();
  shell.presses("C-c");
  await leaves(shell, place);
  await bus.isLeft();
});

test("SIGTERM and time end it as Ctrl-C does", { skip: WITHOUT_TMUX }, async (t) => {
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

/** A process that refreshes its session, and has sent the refresh token. */
async function refreshing(t: TestContext, delay: number) {
  const provider = await strictProvider();
  t.after(() => provider[Symbol.asyncDispose]());
  provider.slow(delay);
  const home = stateHome();
  const { issuer } = provider;
  await storageIn(home).change(({ add }) => add(stored(issuer, provider.begin())));
  const options = { app: APP, issuer, clientId: "app", storage: "file", times: 1 };
  const flags = ["--conditions=valetkey-source", "test/sdk/terminal/refreshing.ts"];
  const child = spawn(process.execPath, [...flags, JSON.stringify(options)], {
    env: { ...process.env, XDG_STATE_HOME: home },
    stdio: ["ignore", "ignore", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  await until(() => provider.count() === 1, "there was no refresh");
  return { provider, home, child };
}

const endOf = async (child: ChildProcess): Promise<NodeJS.Signals | null> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return child.signalCode;
};

test("Ctrl-C in a refresh waits for its answer: at a strict provider, the session would be lost", async (t) => {
  const { provider, home, child } = await refreshing(t, 1000);
  child.kill("SIGINT");
  assert.equal(await endOf(child), "SIGINT");
  assert.match(readFileSync(fileOf(home), "utf8"), /"refresh 2"/);
  assert.equal(provider.replays(), 0);
});

test("a second Ctrl-C does not wait", async (t) => {
  const { child, home } = await refreshing(t, 30_000);
  child.kill("SIGINT");
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.deepEqual([child.exitCode, child.signalCode], [null, null]);
  child.kill("SIGINT");
  assert.equal(await endOf(child), "SIGINT");
  assert.doesNotMatch(readFileSync(fileOf(home), "utf8"), /"refresh 2"/);
});
