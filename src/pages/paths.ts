/** The addresses that pages link to by themselves. Those of a request in progress come in with the props. */
export const paths = {
  account: "/account",
  your_apps: "/account/apps",
  register_app: "/account/apps?view=register",
  security: "/account/security",
  sign_in: "/sign-in",
  sign_out: "/sign-out",
} as const;

/** Where one of your own apps is edited. */
export function yourAppPath(client_id: string): string {
  return `/account/apps?${new URLSearchParams({ app: client_id })}`;
}

/** Where its removal is confirmed. */
export function removeAppPath(client_id: string): string {
  return `/account/apps?${new URLSearchParams({ app: client_id, view: "remove" })}`;
}
