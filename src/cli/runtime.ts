/** Prepares node before anything is loaded: caches compiled code, and limits memory. */
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

/** Suppresses warnings and errors that an operator can't act on. */
function keepQuiet(): void {
  // On Node 24, node:sqlite warns that it is experimental.
  process.removeAllListeners("warning");
  process.on("warning", ({ name, message }) => {
    if (name !== "ExperimentalWarning") process.stderr.write(`warning: ${message}\n`);
  });
  // A reader that closes the pipe early, such as `head`, is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

/**
 * Caches compiled code for the next start, which then takes half the time and 10 MB less. The cache is in a folder of
 * the user (systemd's, or the XDG base directory). Node's default, the folder for temporary files, is unsafe: other
 * users could put code there. Without such a folder nothing is cached; an empty name counts as none.
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

/** MiB of the space for young objects, both halves. With less, many short-lived objects would be promoted. */
const ROOM = 8;
/** Milliseconds after which a server has started. */
const LOADED = 1000;
const LOOK_EVERY = 50;

/**
 * Keeps the space for young objects small while the program loads, and lets it grow once afterwards. Otherwise it would
 * become 32 MB that hold next to nothing. The effect is that of `--max-semi-space-size=4`, which only `node` itself
 * accepts.
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
 * Node's pool has four threads on every machine. They hash passwords, and each keeps the 19 MB of its last one. More
 * threads than cores are of no use.
 */
function sizePool(): void {
  process.env.UV_THREADPOOL_SIZE ??= String(Math.max(2, availableParallelism()));
}

const growBy = (factor: number): void => setFlagsFromString(`--semi-space-growth-factor=${factor}`);

function roomOfTheYoung(): number {
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
  return (young?.space_size ?? ROOM) / 2 ** 20;
}
