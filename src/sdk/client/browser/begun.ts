/** Sign-ins of this tab that have begun: what their callbacks need, until they come back. */
import type { Begun } from "../authorization_code.ts";
import type { App } from "./options.ts";

export interface BegunHere {
  begun: Begun;
  /** Where the person was, as a URL of this origin. */
  return_to: string;
  /** Nobody asked for it: the page had been reloaded. */
  is_silent: boolean;
  /** Milliseconds since the epoch. */
  at: number;
}

/** Milliseconds after which a sign-in is given up. */
const LONGEST = 3_600_000;

/** Each under its own `state`: sign-ins that were left by the back button do not disturb later ones. */
const nameOf = ({ name }: App, state: string): string => `${name} ${state}`;

/** @throws DOMException where the browser keeps nothing */
export function keepBegun(app: App, begun: BegunHere): void {
  sweep(app);
  app.page.sessionStorage.setItem(nameOf(app, begun.begun.state), JSON.stringify(begun));
}

/** The sign-in that a callback belongs to, once. */
export function takeBegun(app: App, state: string): BegunHere | null {
  try {
    sweep(app);
    const { sessionStorage } = app.page;
    const text = sessionStorage.getItem(nameOf(app, state));
    sessionStorage.removeItem(nameOf(app, state));
    return text === null ? null : JSON.parse(text);
  } catch {
    // A browser that keeps nothing for this site, or a script that has changed it.
    return null;
  }
}

function sweep({ name, page: { sessionStorage } }: App): void {
  const names = Array.from({ length: sessionStorage.length }, (_, i) => sessionStorage.key(i));
  for (const each of names) {
    if (!each?.startsWith(`${name} `)) continue;
    const { at } = JSON.parse(sessionStorage.getItem(each) ?? "{}");
    if (!(Date.now() - at < LONGEST)) sessionStorage.removeItem(each);
  }
}
