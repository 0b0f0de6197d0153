/** A disk that can be filled and freed: a small file system if mounting is allowed, else a limit for the process. */
import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { CannotRun } from "./drill.ts";
import type { RunningNode } from "./node.ts";

export interface Disk {
  /** The folder for the database. */
  folder: string;
  how: string;
  /** Modules for the server to load. */
  preload: readonly string[];
  /** To be called repeatedly, since a database frees space by itself. */
  fill(node: RunningNode): void;
  free(node: RunningNode): void;
  close(): void;
}

const SIZE = "12m";
const BLOCK = Buffer.alloc(4096, 1);

/** @throws CannotRun */
export function smallDisk(within: string): Disk {
  const folder = join(within, "small");
  mkdirSync(folder);
  const mounted = spawnSync("mount", [
    "-t",
    "tmpfs",
    "-o",
    `size=${SIZE},mode=700`,
    "tmpfs",
    folder,
  ]);
  return mounted.status === 0 ? mountedDisk(folder) : limitedProcess(folder);
}

function mountedDisk(folder: string): Disk {
  const ballast = join(folder, "ballast");
  const unmount = (): void => {
    process.removeListener("exit", unmount);
    execFileSync("umount", ["--lazy", folder]);
  };
  process.once("exit", unmount);
  return {
    folder,
    how: `a file system of ${SIZE}`,
    preload: [],
    fill() {
      const file = openSync(ballast, "a");
      try {
        for (;;) writeSync(file, BLOCK);
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(ballast, { force: true }),
    close: unmount,
  };
}

/** Files of the process must not grow: writes of SQLite fail with an I/O error. */
function limitedProcess(folder: string): Disk {
  if (spawnSync("prlimit", ["--version"]).status !== 0)
    throw new CannotRun(
      "a full disk needs the right to mount a small one, or prlimit (util-linux)",
    );
  const limit = (node: RunningNode, soft: string): void => {
    execFileSync("prlimit", ["--pid", String(node.pid), `--fsize=${soft}:`]);
  };
  return {
    folder,
    how: "files of the process may not grow (prlimit)",
    // The signal of this limit would end the process.
    preload: ["data:text/javascript,process.on('SIGXFSZ',()=>{})"],
    fill(node) {
      const file = join(folder, "valetkey.sqlite");
      const sizes = [file, `${file}-wal`].map((each) => statSync(each).size);
      limit(node, String(Math.min(...sizes)));
    },
    free: (node) => limit(node, "unlimited"),
    close() {},
  };
}
