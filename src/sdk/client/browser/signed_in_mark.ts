/** Whether somebody is signed in on this tab. It survives a reload, which the session does not, and is no secret. */
import type { App } from "./options.ts";

export function isMarked({ name, page }: App): boolean {
  try {
    return page.sessionStorage.getItem(name) !== null;
  } catch {
    // A browser that keeps nothing for this site.
    return false;
  }
}

export function markAs({ name, page }: App, isSignedIn: boolean): void {
  try {
    if (isSignedIn) page.sessionStorage.setItem(name, "signed in");
    else page.sessionStorage.removeItem(name);
  } catch {
    // As if the page had been opened anew.
  }
}
