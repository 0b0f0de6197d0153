/** `valetkey login`, `whoami`, `token` and `logout`, in a terminal and after it. */
import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { fileStorage } from "../../src/sdk/client/terminal/storage.ts";
import { startIssuer } from "../../src/testing/testing.ts";
import { CLIENT, OVER_SSH, stored } from "../sdk/terminal/scene.ts";
import { terminal, WITHOUT_TMUX } from "../sdk/terminal/tmux.ts";
import { demoBrowser } from "../support/demo_browser.ts";
import { assertRefused, workplace } from "./cli.ts";

const ROBOT = {
  ...{ client_id: "robot", client_secret: "the secret of the robot" },
  ...{ grant_types: ["client_credentials"], redirect_uris: [] },
};
const place = workplace();
after(() => place.remove());
const issuer = await startIssuer({ clients: [CLIENT, ROBOT] });
after(() => issuer.close());
const env = { XDG_STATE_HOME: place.folder, DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere" };
const WHO = { account: "ada@example.com", issuer: issuer.issuer };

test("before a sign-in, each command says what is missing", async () => {
  for (const command of ["login", "whoami", "token", "logout"])
    assertRefused(await place.run([command], { env }), 2, /nobody has signed in here yet/);
  const flags = ["--issuer", issuer.issuer, "--client-id", "app"];
  for (const command of ["whoami", "token"])
    assertRefused(
      await place.run([command, ...flags], { env }),
      1,
      /nobody is signed in to valetkey here/,
    );
  assertRefused(await place.run(["login", ...flags], { env }), 1, /sign_in_needed/);
  assertRefused(await place.run(["token", "inspekt"], { env }), 2, /inspekt/);
});

test("variables are enough in CI", async () => {
  const other = workplace();
  after(() => other.remove());
  const clean = { XDG_STATE_HOME: other.folder };
  const by = (args: string[], more: object) => other.run(args, { env: { ...clean, ...more } });
  const token = { VALETKEY_TOKEN: "abc" };
  mkdirSync(join(other.folder, "valetkey"), { recursive: true });
  writeFileSync(join(other.folder, "valetkey", "sessions.json"), "unreadable");
  assert.equal((await by(["token"], token)).stdout, "abc\n");
  assert.match((await by(["whoami"], token)).stdout, /VALETKEY_TOKEN/);
  rmSync(join(other.folder, "valetkey"), { recursive: true });
  const robot = { VALETKEY_CLIENT_ID: "robot", VALETKEY_CLIENT_SECRET: "the secret of the robot" };
  const { VALETKEY_CLIENT_ID: _, ...half } = robot;
  assertRefused(
    await by(["token"], half),
    1,
    /VALETKEY_CLIENT_SECRET is set, and VALETKEY_CLIENT_ID/,
  );
  const { stdout } = await by(["token", "--issuer", issuer.issuer], robot);
  assert.match(stdout, /^eyJ/);
  const { stderr } = await by(["login", "--client-id", "app"], { VALETKEY_ISSUER: issuer.issuer });
  assert.match(stderr, /sign_in_needed/);
});

test("a session from login to logout", {
  skip: WITHOUT_TMUX,
}, async (t) => {
  const flags = `login --issuer ${issuer.issuer} --client-id app --json`;
  const command = `"${process.execPath}" "${resolve("src/cli/main.ts")}" ${flags}`;
  const shell = terminal(t, command, { env: { ...OVER_SSH, ...env } });
  const [, address, code] = await shell.sees(/^ {2}(http\S+\/device)\n {2}([A-Z0-9-]+)$/m);
  await demoBrowser().get(`${address}?user_code=${code}`);
  await shell.sees(/"account": "ada@example\.com"[\s\S]*exit: 0/);
  const { id, kept_in, ...who } = await place.json(["whoami", "--json"], { env });
  assert.deepEqual(who, { ...WHO, name: "Ada Lovelace", email: "ada@example.com" });
  assert.ok(typeof id === "string" && kept_in.endsWith("valetkey/sessions.json"), kept_in);
  assert.match((await place.run(["whoami"], { env })).stdout, /^kept in +\S+sessions\.json$/m);
  const all = await place.run(["whoami", "--all"], { env });
  assert.equal(all.stdout, "* ada@example.com\n");
  const { stdout } = await place.run(["token"], { env });
  const headers = { authorization: `Bearer ${stdout.trim()}` };
  assert.equal((await fetch(`${issuer.issuer}/userinfo`, { headers })).status, 200);
  const storage = fileStorage({
    ...{ app: "valetkey", folder: join(place.folder, "valetkey"), keychain: null },
  });
  await storage.change(({ add }) =>
    add({ ...stored(WHO.issuer, "none"), name: `${WHO.issuer} app work`, is_named: true }),
  );
  assert.equal(
    (await place.run(["whoami", "--all"], { env })).stdout,
    "* work\n  ada@example.com\n",
  );
  const signed_out = await place.run(["logout", "--account", "ada@example.com"], { env });
  assert.match(signed_out.stderr, /signed out ada@example\.com\nstill signed in: work \(--account/);
  assert.match((await place.run(["logout"], { env })).stderr, /signed out work\n$/);
  // Where the person signs in is still known.
  assert.match((await place.run(["logout"], { env })).stderr, /nobody was signed in/);
  for (const command of ["whoami", "token"])
    assertRefused(await place.run([command], { env }), 1, /sign_in_needed: nobody is signed in/);
  assertRefused(await place.run(["login"], { env }), 1, /sign_in_needed/);
  assert.deepEqual(await place.json(["whoami", "--all", "--json"], { env }), []);
});
