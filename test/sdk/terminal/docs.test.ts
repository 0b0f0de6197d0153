/** The code blocks of docs/sdk-terminal.md, run as a reader would. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { startIssuer } from "../../../src/testing/testing.ts";
import { demoBrowser } from "../../support/demo_browser.ts";
import { project } from "../../support/doc_project.ts";
import { failure } from "../failure.ts";
import { CLIENT, environment, OVER_SSH, stateHome } from "./scene.ts";
import { terminal, WITHOUT_TMUX } from "./tmux.ts";

const DOC = "docs/sdk-terminal.md";
const api = createServer((_request, response) => response.end("two photos"));
api.listen(0, "127.0.0.1");
await once(api, "listening");
const { port } = api.address() as AddressInfo;
const issuer = await startIssuer({ clients: [CLIENT] });
after(async () => {
  api.close();
  await issuer.close();
});
const folder = project(DOC, { "localhost:3000": `127.0.0.1:${port}` });
const home = stateHome();
const env: Record<string, string | undefined> = {
  ...{ OIDC_ISSUER: issuer.issuer, OIDC_CLIENT_ID: "app", XDG_STATE_HOME: home },
  ...{ DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere" },
  ...{ SNAPS_TOKEN: undefined, SNAPS_CLIENT_ID: undefined },
};
const load = (file: string) => import(pathToFileURL(join(folder, file)).href);

test("the page begins with ten working lines", () => {
  const [, first = ""] = /^# .*\n\n```ts\n([\s\S]*?)```/.exec(readFileSync(DOC, "utf8")) ?? [];
  const lines = first.split("\n").filter((line) => line.trim() !== "" && !/^\s*\/[/*]/.test(line));
  assert.ok(lines.length > 5 && lines.length <= 10, `${lines.length} lines`);
});

const FLAGS = ["--conditions=valetkey-source", "snaps.ts"];

/** A later command, without a terminal. The issuer is in this process, which has to go on. */
async function run(...args: string[]) {
  const child = spawn(process.execPath, [...FLAGS, ...args], {
    ...{ cwd: folder, stdio: ["ignore", "pipe", "pipe"] },
    env: { ...process.env, ...OVER_SSH, ...env },
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (child.exitCode === null) await once(child, "exit");
  return { stdout: stdout.trim(), stderr, status: child.exitCode };
}

test("snaps.ts: the first command signs in, later ones ask nothing, logout ends it", {
  skip: WITHOUT_TMUX,
}, async (t) => {
  const command = `cd "${folder}" && "${process.execPath}" ${FLAGS.join(" ")}`;
  const shell = terminal(t, command, { env: { ...OVER_SSH, ...env } });
  const [, address, code] = await shell.sees(/^ {2}(http\S+\/device)\n {2}([A-Z0-9-]+)$/m);
  await demoBrowser().get(`${address}?user_code=${code}`);
  await shell.sees(/"email":"ada@example\.com"[\s\S]*exit: 0/);
  assert.match(shell.screen().replaceAll("\n", ""), /the session is kept unencrypted in /);
  assert.match((await run()).stdout, /"email":"ada@example\.com"/);
  assert.match((await run("token")).stdout, /^\S{40,}$/);
  assert.deepEqual(await run("logout"), { stdout: "", stderr: "", status: 0 });
  const { stderr, status } = await run();
  assert.equal(status, 1);
  assert.match(stderr, /sign_in_needed: nobody is signed in to snaps here/);
});

test("photos.ts and accounts.ts", async (t) => {
  environment(t, { ...OVER_SSH, ...env, CI: "true" });
  const { list } = await load("photos.ts");
  const { signInAs, useAs } = await load("accounts.ts");
  assert.equal(await list(), "Nobody is signed in. Run snaps login.");
  assert.equal(await useAs("work"), null);
  await assert.rejects(signInAs("work"), failure("sign_in_needed", /run snaps login/));
  environment(t, { SNAPS_TOKEN: "a-token" });
  assert.equal(await list(), "SNAPS_TOKEN: two photos");
});
