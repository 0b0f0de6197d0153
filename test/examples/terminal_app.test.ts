/** `npm run example -- terminal-app`: Ada signs in to a tool in a terminal, on the pages of a real issuer. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { AT_A_DESK, stateHome } from "../sdk/terminal/scene.ts";
import { type Terminal, terminal, WITHOUT_TMUX } from "../sdk/terminal/tmux.ts";
import { demoBrowser } from "../support/demo_browser.ts";
import {
  checkDependencies,
  checkEnd,
  checkTypes,
  examplePort,
  startExample,
} from "../support/example.ts";

const example = await startExample("terminal-app", {
  env: { PORT: await examplePort() },
  until: "password ",
});
after(() => example.stop());
const [, password = ""] = /password (.+)\n/.exec(example.output) ?? [];
const [, alias = ""] = /^alias notes='(.+)'$/m.exec(example.output) ?? [];

const home = stateHome();
const [BROWSER, opened] = [join(home, "browser"), join(home, "opened")];
// The browser of this test: it notes the address, which the test then visits.
writeFileSync(
  BROWSER,
  `#!/bin/sh\nprintf "%s" "$1" > "${opened}.part" && mv "${opened}.part" "${opened}"\n`,
);
chmodSync(BROWSER, 0o755);
// A desk has a browser, a container has none, and this test may run in one.
const at_a_desk = `import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
const { existsSync } = fs;
fs.existsSync = (path) => !/^\\/(?:\\.dockerenv|run\\/\\.containerenv)$/.test(path) && existsSync(path);
syncBuiltinESMExports();`;
writeFileSync(join(home, "at_a_desk.mjs"), at_a_desk);
const env = {
  ...{ ...AT_A_DESK, BROWSER, XDG_STATE_HOME: home, NOTES_TOKEN: undefined },
  DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere",
  NODE_OPTIONS: `--import=${join(home, "at_a_desk.mjs")}`,
};

/** A printed command, in a shell without a terminal. */
const notes = (command: string): string =>
  execFileSync("sh", ["-c", `${alias} ${command}`], {
    ...{ encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] },
    env: { ...process.env, ...env },
  }).trim();

test("it is a project of its own that has the packed package", () => {
  checkDependencies(example, "terminal-app");
  checkTypes(example);
});

test("without a person, nobody is asked", () => {
  assert.equal(notes("whoami"), "Nobody is signed in.");
  assert.throws(() => notes("list"), /sign_in_needed: nobody is signed in to notes here/);
});

test("Ada signs in by the browser of her machine", {
  skip: WITHOUT_TMUX,
}, async (t) => {
  const shell = terminal(t, `${alias} login`, { env });
  const browser = demoBrowser();
  const page = await browser.get(await address(shell));
  const consent = await browser.submit(page, "/sign-in", { username: "ada", password });
  assert.match(consent.text, /Notes.*Read and write your notes/);
  const end = await browser.submit(consent, "/consent", { decision: "allow" });
  assert.match(end.text, /Signed in to notes You are ada@example\.com/);
  await shell.sees(/Hello Ada Lovelace\.\nexit: 0/);

  // The other printed commands, without a question.
  const lines = example.output.matchAll(/^notes (?!login)(.+)$/gm);
  assert.deepEqual(
    [...lines].map(([, command = ""]) => `${command}: ${notes(command)}`),
    [
      "add Buy brass gears: Written.",
      "list: Buy brass gears",
      "whoami: ada@example.com",
      "logout: Nobody is signed in now.",
    ],
  );
  assert.equal(notes("whoami"), "Nobody is signed in.");
});

test("it ends when it is told to", () => checkEnd(example));

/** What the tool asked the browser to open. */
async function address(shell: Terminal): Promise<string> {
  for (let tries = 0; tries < 500 && !existsSync(opened); tries += 1) await sleep(20);
  if (!existsSync(opened)) throw new Error(`no browser was opened:\n${shell.screen()}`);
  return readFileSync(opened, "utf8");
}
