/** Opens the person's browser, or does nothing: its address is on the screen already. */
import { once } from "node:events";

export function openBrowser(url: string): void {
  launch(url).catch(() => {
    // The person opens it.
  });
}

async function launch(url: string): Promise<void> {
  const { default: open } = await import("open");
  const own = chosen();
  const child = await open(url, own === null ? {} : { app: { name: own } });
  await once(child, "error");
}

/** The program that the person has set for it. `xdg-open` prefers that of the desktop. */
function chosen(): string | null {
  const { BROWSER = "" } = process.env;
  const isUnix = process.platform !== "win32" && process.platform !== "darwin";
  return isUnix && /^[\w./-]+$/.test(BROWSER) ? BROWSER : null;
}
