/** Of the runtime, before anything is loaded: a start compiles nothing twice, and a server keeps less memory. */
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";

/**
 * What Node has compiled is kept for the next start, which then takes half the time and 10 MB less.
 * In a folder of one's own (systemd's, or the XDG base directory): from the one for temporary files, which is Node's
 * default, one would run what others have put there. Where there is no such folder, nothing is kept.
 */
export function keepCompiled(): void {
  const { CACHE_DIRECTORY, XDG_CACHE_HOME } = process.env;
  try {
    const folder = CACHE_DIRECTORY ?? XDG_CACHE_HOME ?? join(homedir(), ".cache");
    enableCompileCache(join(folder, "valetkey"));
  } catch {
    // a user without a home
  }
}

/** The space for young objects stays as small as it begins: it would grow to 30 MB that hold next to nothing. */
export function keepSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}
