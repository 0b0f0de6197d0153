/** Third-party initiated login: a link from here to an app, which then begins a sign-in here (OpenID Connect Core §4). */

/**
 * @param login_hint for the app to send back; null: it is not told who follows the link
 * @returns the `initiate_login_uri` with the issuer. A registered query is kept
 */
export function startAddress(
  initiate_login_uri: string,
  { issuer, login_hint }: { issuer: string; login_hint: string | null },
): string {
  const url = new URL(initiate_login_uri);
  url.searchParams.append("iss", issuer);
  if (login_hint !== null) url.searchParams.append("login_hint", login_hint);
  return url.href;
}
