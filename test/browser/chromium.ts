/** The system's Chromium: found, installed where we may, and started for a test. */
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const PACKAGES = ["chromium", "fonts-dejavu-core", "fonts-noto-color-emoji"];
const WANTED =
  "the browser tests need Chromium: install it (Debian: apt install " +
  `${PACKAGES.join(" ")}) or set CHROMIUM_PATH to its program`;

const isRoot = process.getuid?.() === 0;

/** The path of the program. Throws if there is none, with a line that says what to install. */
export function findChromium(): string {
  const chosen = process.env.CHROMIUM_PATH;
  if (chosen) {
    if (isProgram(chosen)) return chosen;
    throw new Error(`CHROMIUM_PATH is ${chosen}, and there is no program of that name`);
  }
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  const places = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = places.find(isProgram);
  if (found === undefined) throw new Error(WANTED);
  return found;
}

/** Installs Chromium if there is none and we are root on a Debian system; throws if it can't be had. */
export function ensureChromium(): void {
  try {
    findChromium();
  } catch (missing) {
    if (process.env.CHROMIUM_PATH || !isRoot || !existsSync("/usr/bin/apt-get")) throw missing;
    console.error(`installing ${PACKAGES.join(", ")} with apt-get, for the browser tests …`);
    apt("update");
    apt("install", "-y", "--no-install-recommends", ...PACKAGES);
    findChromium();
  }
}

/** @param more arguments of the program */
export function launchBrowser(...more: string[]): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    args: [
      // Chromium refuses to run as root with its sandbox.
      ...(isRoot ? ["--no-sandbox"] : []),
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-gpu",
      "--disable-quic",
      "--disable-sync",
      "--no-first-run",
      ...more,
    ],
  });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function apt(...args: string[]): void {
  const { status, stderr } = spawnSync(
    "apt-get",
    ["-qq", "-o", "DPkg::Lock::Timeout=300", ...args],
    {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      encoding: "utf8",
    },
  );
  if (status === 0) return;
  const cause = stderr.trim().split("\n").at(-1) || `exit code ${status}`;
  throw new Error(`${WANTED}; apt-get ${args[0]} failed: ${cause}`);
}
