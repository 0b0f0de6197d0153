/** What all functions of `Auth` share. */

import { onceAtATime } from "../../once.ts";
import type { Keeper } from "./keeper.ts";
import { type AuthOptions, type Settings, settingsOf } from "./options.ts";
import { type Refresh, refresher } from "./refresh.ts";
import type { Session } from "./session.ts";
import { cookieKeeper } from "./session_cookie.ts";
import { storeKeeper } from "./stored_session.ts";
import { visitsOf } from "./visit.ts";

export interface App extends ReturnType<typeof visitsOf> {
  settings: Settings;
  keeper: Keeper;
  refresh: Refresh;
  /** For callbacks, by their sign-in: a code is used once. */
  once: ReturnType<typeof onceAtATime<Session>>;
}

/** @throws AuthError `configuration` */
export function appOf(o: AuthOptions): App {
  const settings = settingsOf(o);
  const { store } = settings;
  const keeper = store ? storeKeeper(settings, store) : cookieKeeper(settings);
  return {
    settings,
    keeper,
    refresh: refresher(settings, keeper),
    once: onceAtATime<Session>(),
    ...visitsOf(settings, keeper),
  };
}
