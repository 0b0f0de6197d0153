/** The hosts and schemes that an operator lists for redirect URIs of apps that register themselves. */
import { isPrivateScheme } from "./redirect_uri.ts";

/** @throws Error for an entry that would match no redirect URI */
export function checkAllowedHost(host: string): void {
  const url = URL.parse(`https://${host}`);
  const isHost = url?.host === host && !host.includes("*") && !url.hostname.endsWith(".");
  if (host !== "*" && !isHost)
    throw new Error(
      `registration.allowed_redirect_hosts: ${host} is not a host such as app.example.com, or "*" for all`,
    );
}

/** @throws Error for an entry that would match no redirect URI, or that no app may have */
export function checkAllowedScheme(scheme: string): void {
  if (["http", "https"].includes(scheme) || !isPrivateScheme(scheme))
    throw new Error(
      `registration.allowed_schemes: ${scheme} is not a scheme such as cursor, in small letters and without a colon`,
    );
}
