/** The addresses that pages link to by themselves. Those of a request in progress come in with the props. */
export interface PagePaths {
  readonly account: string;
  readonly your_apps: string;
  readonly register_app: string;
  readonly security: string;
  readonly sign_in: string;
  readonly sign_out: string;
  /** The next page of the connected apps. */
  moreConnected(after: string): string;
  /** Where one of your own apps is edited. */
  yourApp(client_id: string): string;
  /** The next page of the apps that operators added. */
  moreApps(after: string): string;
  /** Where its removal is confirmed. */
  removeApp(client_id: string): string;
}

/** @param base the path of the issuer, without a slash at its end; empty at the root of its origin */
export function pagePaths(base: string): PagePaths {
  const your_apps = `${base}/account/apps`;
  const appAt = (query: Record<string, string>) => `${your_apps}?${new URLSearchParams(query)}`;
  return {
    account: `${base}/account`,
    your_apps,
    register_app: appAt({ view: "register" }),
    security: `${base}/account/security`,
    sign_in: `${base}/sign-in`,
    sign_out: `${base}/sign-out`,
    moreConnected: (after) => `${base}/account?${new URLSearchParams({ after })}`,
    yourApp: (app) => appAt({ app }),
    moreApps: (after) => appAt({ after }),
    removeApp: (app) => appAt({ app, view: "remove" }),
  };
}
