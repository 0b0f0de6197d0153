/** Two users on one machine: each has sessions of their own, and none of the other's. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileOf, folderOf, stateHome } from "./scene.ts";

const [ADA, GRACE] = [54_321, 54_322];
const isRoot = process.getuid?.() === 0;

/** As a user of this machine, a command keeps a session, and reads it back. */
async function keep(uid: number, home: string, env: Record<string, string> = {}) {
  const flags = ["--conditions=valetkey-source", "test/sdk/terminal/keeping.ts"];
  const child = spawn(process.execPath, flags, {
    ...(isRoot && { uid, gid: uid }),
    env: {
      ...{ PATH: process.env.PATH, HOME: home, XDG_STATE_HOME: home },
      ...{ DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere", ...env },
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (child.exitCode === null) await once(child, "exit");
  return { stdout, stderr };
}

test("two users at once, one in the folder of the other, and root in that of a user", {
  skip: isRoot ? false : "only root can be two users (#14)",
}, async () => {
  const all = stateHome();
  chmodSync(all, 0o755);
  const [hers, other] = [ADA, GRACE].map((uid) => {
    const home = join(all, String(uid));
    mkdirSync(home, { mode: 0o755 });
    chownSync(home, uid, uid);
    return home;
  });
  assert.ok(hers && other);
  const both = await Promise.all([keep(ADA, hers), keep(GRACE, other)]);
  assert.deepEqual(
    both.map(({ stdout }) => stdout),
    ["refresh\n", "refresh\n"],
    both.map(({ stderr }) => stderr).join("\n"),
  );
  assert.deepEqual([statSync(fileOf(hers)).uid, statSync(fileOf(other)).uid], [ADA, GRACE]);
  const before = readFileSync(fileOf(hers), "utf8");
  for (const env of [{}, { ONLY_READ: "1" }]) {
    const { stdout, stderr } = await keep(GRACE, hers, env);
    assert.match(stderr, /storage_unreadable: .*(?:EACCES|EPERM|belongs to user)/);
    // Nobody is told to change the permissions of somebody else's folder.
    assert.match(stderr, /belongs to user 54321.*HOME/);
    assert.doesNotMatch(stderr, /right to read/);
    assert.equal(stdout, "");
    // As with sudo that keeps HOME: files of root would lock the user out.
    assert.match((await keep(0, hers, env)).stderr, /belongs to user 54321, and this is 0/);
  }
  assert.equal(readFileSync(fileOf(hers), "utf8"), before);
  assert.deepEqual(readdirSync(folderOf(hers)), ["sessions.json"]);
  assert.equal((await keep(ADA, hers)).stdout, "refresh\n");
});
