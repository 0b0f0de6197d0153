/** The pages of a signed-in person, each with its path below the issuer, in the order of the navigation. */
export const ACCOUNT_PAGES = {
  connected_apps: "/account",
  your_apps: "/account/apps",
  security: "/account/security",
} as const;
/** Below the page about security. */
export const PASSKEYS = `${ACCOUNT_PAGES.security}/passkeys`;
/** After a recovery. */
export const PERSON_LINK = "/sign-in/link";
export const REVIEW = "/review";
export const APP_CODES = `${ACCOUNT_PAGES.security}/app-codes`;
export const RECOVERY_CODES = `${ACCOUNT_PAGES.security}/recovery-codes`;
export type AccountPage = keyof typeof ACCOUNT_PAGES;

/** In the order of the navigation. */
export const accountPages = Object.keys(ACCOUNT_PAGES) as AccountPage[];

/** Addresses that every page can link to. Those of a request in progress come with the props. */
export interface PagePaths extends Readonly<Record<AccountPage, string>> {
  readonly register_app: string;
  /** The passkeys of the person: add, name and remove. */
  readonly passkeys: string;
  /** What a person keeps after a recovery. */
  readonly review: string;
  /** The authenticator apps of the person: add and remove. */
  readonly app_codes: string;
  readonly recovery_codes: string;
  readonly sign_in: string;
  readonly sign_out: string;
  /** The choice of another account, which then opens this page. */
  selectAccount(page: AccountPage): string;
  /** @param path below the issuer, with a slash first */
  below(path: string): string;
  /** The next page of the connected apps. */
  moreConnected(after: string): string;
  /** The page that asks before the access of an app is removed. */
  disconnect(client_id: string): string;
  /** The page to edit one of the person's own apps. */
  yourApp(client_id: string): string;
  /** The next page of the apps that operators added. */
  moreApps(after: string): string;
  /** The page that asks before an app is removed. */
  removeApp(client_id: string): string;
}

/** @param base the path of the issuer, without a slash at its end; empty at the root of its origin */
export function pagePaths(base: string): PagePaths {
  const at = (page: AccountPage) => base + ACCOUNT_PAGES[page];
  const appAt = (query: Record<string, string>) =>
    `${at("your_apps")}?${new URLSearchParams(query)}`;
  const pages = Object.fromEntries(accountPages.map((page) => [page, at(page)]));
  return {
    ...(pages as Record<AccountPage, string>),
    register_app: appAt({ view: "register" }),
    passkeys: `${base}${PASSKEYS}`,
    review: base + REVIEW,
    app_codes: base + APP_CODES,
    recovery_codes: base + RECOVERY_CODES,
    sign_in: `${base}/sign-in`,
    sign_out: `${base}/sign-out`,
    selectAccount: (page) =>
      `${base}/select-account?${new URLSearchParams({ to: ACCOUNT_PAGES[page] })}`,
    below: (path) => base + path,
    moreConnected: (after) => `${at("connected_apps")}?${new URLSearchParams({ after })}`,
    disconnect: (app) => `${at("connected_apps")}?${new URLSearchParams({ remove: app })}`,
    yourApp: (app) => appAt({ app }),
    moreApps: (after) => appAt({ after }),
    removeApp: (app) => appAt({ app, view: "remove" }),
  };
}

/** Pages that mail a code, and take it. */
export const CODE_PAGES = {
  sign_in: "/sign-in/code",
  reset: "/reset",
  sign_up: "/sign-up",
  email: `${ACCOUNT_PAGES.security}/email`,
} as const;
/** Where the account is created after a code. */
export const SIGN_UP_ACCOUNT = `${CODE_PAGES.sign_up}/account`;
/** Where a person sets a password after a code. */
export const NEW_PASSWORD = "/reset/password";
/** Where the link of a notice leads. */
export const UNDO = "/undo";
