/** Where a process runs decides how a person signs in: each place that has no browser of theirs. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { machine } from "../../../src/sdk/client/terminal/surroundings.ts";
import { signIn } from "../../../src/sdk/client/terminal/terminal.ts";
import { failure } from "../failure.ts";
import { ADDRESS } from "./address.ts";
import { AT_A_DESK, until } from "./scene.ts";
import { scene } from "./signing.ts";

const NO_DISPLAY = { DISPLAY: undefined, WAYLAND_DISPLAY: undefined };
interface Place {
  env?: Readonly<Record<string, string | undefined>>;
  isContainer?: boolean;
  isWsl?: boolean;
}

const WITH_BROWSER: Readonly<Record<string, Place>> = {
  "a desk with X11": {},
  "a desk with Wayland": { env: { DISPLAY: undefined, WAYLAND_DISPLAY: "wayland-0" } },
  "Linux in Windows, which has the browser": { env: NO_DISPLAY, isWsl: true },
};
const WITHOUT: Readonly<Record<string, Place>> = {
  "Linux without a display": { env: NO_DISPLAY },
  SSH: { env: { SSH_CONNECTION: "192.0.2.1 1 192.0.2.2 22" } },
  "SSH that shows windows elsewhere": { env: { SSH_TTY: "/dev/pts/0", DISPLAY: "localhost:10.0" } },
  "a container": { isContainer: true },
  Podman: { env: { container: "podman" } },
  Kubernetes: { env: { KUBERNETES_SERVICE_HOST: "10.0.0.1" } },
  Codespaces: { env: { CODESPACES: "true" } },
  "a dev container": { env: { REMOTE_CONTAINERS: "true" } },
  Gitpod: { env: { GITPOD_WORKSPACE_ID: "1" } },
  "a cloud shell": { env: { CLOUD_SHELL: "true" } },
};

for (const [name, { env = {}, isContainer = false, isWsl = false }] of Object.entries({
  ...WITH_BROWSER,
  ...WITHOUT,
}))
  test(`${name}: ${name in WITHOUT ? "a code, and no browser" : "the browser opens"}`, async (t) => {
    const { options, ui, opened } = await scene(t, { ...AT_A_DESK, ...env });
    t.mock.method(machine, "isContainer", () => isContainer);
    t.mock.method(machine, "isWsl", () => isWsl);
    const stop = new AbortController();
    const signing = signIn({ ...options, signal: stop.signal });
    const stopped = assert.rejects(signing, failure("cancelled", /stopped/));
    await ui.sees(ADDRESS);
    if (name in WITHOUT) await ui.sees(/enter the code/);
    else await until(() => existsSync(opened), "no browser was opened");
    stop.abort();
    await stopped;
    assert.equal(existsSync(opened), name in WITH_BROWSER);
  });
