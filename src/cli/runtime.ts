/** Prepares Node before anything is loaded: a start compiles nothing twice, and a server keeps less memory. */
import { enableCompileCache } from "node:module";
import { availableParallelism, homedir } from "node:os";
import { join } from "node:path";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

export function prepareRuntime(): void {
  keepQuiet();
  keepCompiled();
  keepSmall();
  sizePool();
}

/** Leaves out what an operator can do nothing about. */
function keepQuiet(): void {
  // On Node 24, node:sqlite calls itself an experiment.
  process.removeAllListeners("warning");
  process.on("warning", ({ name, message }) => {
    if (name !== "ExperimentalWarning") process.stderr.write(`warning: ${message}\n`);
  });
  // A reader that has seen enough, such as `head`, is no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

/**
 * Keeps compiled code for the next start, which then takes half the time and 10 MB less.
 * In a folder of one's own (systemd's, or the XDG base directory): from the one for temporary files, which is Node's
 * default, one would run what others have put there. Where there is no such folder, nothing is kept; an empty name is none.
 */
function keepCompiled(): void {
  const { CACHE_DIRECTORY, XDG_CACHE_HOME } = process.env;
  try {
    const folder = CACHE_DIRECTORY || XDG_CACHE_HOME || join(homedir(), ".cache");
    enableCompileCache(join(folder, "valetkey"));
  } catch {
    // a user without a home
  }
}

/** MiB of the space for young objects, both halves. Less, and much of it lives long enough to become old. */
const ROOM = 8;
/** Milliseconds after which a server is up. */
const LOADED = 1000;
const LOOK_EVERY = 50;

/**
 * The space for young objects does not grow while the program loads, and then once: it would become 32 MB that hold
 * next to nothing. As with `--max-semi-space-size=4`, which can only be said to `node` itself.
 */
function keepSmall(): void {
  growBy(1);
  setTimeout(() => {
    growBy(4);
    const look = setInterval(() => {
      if (roomOfTheYoung() < ROOM) return;
      growBy(1);
      clearInterval(look);
    }, LOOK_EVERY).unref();
  }, LOADED).unref();
}

/**
 * Node's pool has four threads, whatever the machine: they hash passwords, and each keeps the 19 MB of its last one.
 * As many as there are cores are of use.
 */
function sizePool(): void {
  process.env.UV_THREADPOOL_SIZE ??= String(Math.max(2, availableParallelism()));
}

const growBy = (factor: number): void => setFlagsFromString(`--semi-space-growth-factor=${factor}`);

function roomOfTheYoung(): number {
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
  return (young?.space_size ?? ROOM) / 2 ** 20;
}
