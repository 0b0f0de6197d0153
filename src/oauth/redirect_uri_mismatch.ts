/** Explains a redirect URI that is not registered: which registered one comes nearest, and how the two differ. */

export type RedirectUriDifference = (typeof ALIKE)[number][0] | "path";

export interface RedirectUriMismatch {
  /** Null: the request named none. */
  readonly sent: string | null;
  /** The nearest registered address of the same host; null: none. Others stay unknown to a stranger. */
  readonly near: { readonly registered: string; readonly difference: RedirectUriDifference } | null;
}

/** Forms in which two addresses are equal if they differ in one thing only. The first that fits is the difference. */
const ALIKE = [
  ["slash", (uri: string) => uri.replace(/\/(?=$|\?)/, "")],
  ["scheme", (uri: string) => uri.replace(/^https?:/i, "")],
  ["port", (uri: string) => uri.replace(/^(https?:\/\/[^/?#:]*|https?:\/\/\[[^\]]*\]):\d*/i, "$1")],
  [
    "loopback",
    (uri: string) =>
      uri.replace(/^(https?:\/\/)(?:localhost|127\.0\.0\.1|\[::1\])(?::\d*)?/i, "$1"),
  ],
  ["www", (uri: string) => uri.replace(/^(https?:\/\/)www\./i, "$1")],
  ["letter_case", (uri: string) => uri.toLowerCase()],
  ["fragment", (uri: string) => uri.replace(/#.*$/, "")],
  ["query", (uri: string) => uri.replace(/[?#].*$/, "")],
] as const;

/** Characters of the request that are compared and shown; no longer address can be registered. */
const LONGEST = 2000;

/** @param registered the redirect URIs of the client, none of which matches `sent` */
export function redirectUriMismatch(
  sent: string | undefined,
  registered: readonly string[],
): RedirectUriMismatch {
  if (sent === undefined) return { sent: null, near: null };
  const asked = sent.slice(0, LONGEST);
  const host = hostOf(asked);
  const candidates = host === null ? [] : registered.filter((uri) => hostOf(uri) === host);
  for (const [difference, alike] of ALIKE) {
    const form = alike(asked);
    const found = candidates.find((uri) => alike(uri) === form);
    if (found !== undefined) return { sent: asked, near: { registered: found, difference } };
  }
  const [first] = candidates;
  return {
    sent: asked,
    near: first === undefined ? null : { registered: first, difference: "path" },
  };
}

/** Three names of one machine: an app may send another one than its maker has registered. */
const isLoopback = ({ hostname }: URL): boolean =>
  ["localhost", "127.0.0.1", "[::1]"].includes(hostname);

/** The host of a web address without `www`, else the scheme; null: neither. */
function hostOf(uri: string): string | null {
  const url = URL.parse(uri);
  if (!url) return null;
  const isWeb = url.protocol === "http:" || url.protocol === "https:";
  if (!isWeb) return url.protocol;
  return isLoopback(url) ? "loopback" : url.hostname.replace(/^www\./, "");
}
