/**
 * Whether somebody is signed in on this tab. It survives a reload, which the session does not. No secret: two times and
 * a number.
 */
import type { App } from "./options.ts";

export interface Mark {
  /** Of the sign-in, in milliseconds since the epoch. */
  began: number;
  /** How often this tab has left for the provider since, to have the session again. */
  tries: number;
}

/** A sign-in that is interrupted is tried again, but not forever. */
const MOST = 3;

/** The mark, unless somebody has signed out since, in whichever tab: a tab may have been elsewhere at that moment. */
export function markOf({ name, page }: App): Mark | null {
  try {
    const mark: Mark | null = JSON.parse(page.sessionStorage.getItem(name) ?? "null");
    const ended = Number(page.localStorage.getItem(name) ?? 0);
    return mark && mark.tries < MOST && mark.began > ended ? mark : null;
  } catch {
    // A browser that keeps nothing for this site, or a script that has changed it.
    return null;
  }
}

export const setMark = ({ name, page }: App, mark: Mark | null): void =>
  quietly(() => {
    if (mark) page.sessionStorage.setItem(name, JSON.stringify(mark));
    else page.sessionStorage.removeItem(name);
  });

/** For the marks of all tabs. */
export const noteSignOut = ({ name, page }: App): void =>
  quietly(() => page.localStorage.setItem(name, String(Date.now())));

function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // As if the page had been opened anew.
  }
}
