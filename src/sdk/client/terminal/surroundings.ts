/** Where this process runs: what decides whether a browser can be opened, and a person be asked. */
import { existsSync } from "node:fs";
import { release } from "node:os";

/** What only the machine knows. Tests stand in for it. */
export const machine = {
  isContainer: (): boolean =>
    ["/.dockerenv", "/run/.containerenv"].some((path) => existsSync(path)),
  /** Windows Subsystem for Linux: the browser of Windows is reached from there. */
  isWsl: (): boolean => process.platform === "linux" && /microsoft/i.test(release()),
};

/** Whether windows can be shown. */
export function hasDisplay(): boolean {
  const { env, platform } = process;
  if (platform === "win32" || platform === "darwin") return true;
  return Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/**
 * Why no browser opens in front of the person, for people.
 * @returns null when they sit at this machine, and it can open one
 */
export function whyNoBrowser(): string | null {
  const { env } = process;
  if (env.SSH_CONNECTION || env.SSH_CLIENT || env.SSH_TTY) return "this is SSH";
  if (env.CODESPACES || env.GITPOD_WORKSPACE_ID || env.REMOTE_CONTAINERS || env.CLOUD_SHELL)
    return "this machine is elsewhere";
  if (env.KUBERNETES_SERVICE_HOST || env.container || machine.isContainer())
    return "this is a container";
  return hasDisplay() || machine.isWsl() ? null : "no display here";
}

/**
 * Nobody is there to answer.
 * @param hasUi the app asks in its own way, so that no terminal is needed
 */
export function isUnattended(hasUi: boolean): boolean {
  const { CI } = process.env;
  const isCi = CI !== undefined && !["", "0", "false"].includes(CI.toLowerCase());
  return isCi || !(hasUi || (process.stdin.isTTY && process.stderr.isTTY));
}
