/**
 * What people rely on when they allow an app something. An app that nobody checked may change it later, by its metadata
 * document, by RFC 7592 or on a page; people are then asked again.
 */

export interface ClientFace {
  client_name: string | null;
  /** The address of the logo, or the hash of an inline one. */
  logo_uri: string | null;
  redirect_uris: readonly string[];
  token_endpoint_auth_method: string;
  jwks_uri: string | null;
  /** Thumbprints of the keys by value (RFC 7638). */
  keys: readonly string[];
}

/** A change, as people are told of it. */
export type FaceChange = "name" | "logo" | "redirect" | "method" | "keys";

/** @returns the changes since the person agreed; empty: nothing that they rely on */
export function faceChanges(seen: ClientFace, now: ClientFace): FaceChange[] {
  const shares = seen.keys.some((key) => now.keys.includes(key));
  // Keys by value rotate one by one. None in common, or another address, may be another owner.
  const replaced = seen.keys.length > 0 && now.keys.length > 0 && !shares;
  const changes: [FaceChange, boolean][] = [
    ["name", seen.client_name !== now.client_name],
    ["logo", seen.logo_uri !== now.logo_uri],
    ["redirect", !isSameSet(seen.redirect_uris, now.redirect_uris)],
    ["method", seen.token_endpoint_auth_method !== now.token_endpoint_auth_method],
    ["keys", seen.jwks_uri !== now.jwks_uri || replaced],
  ];
  return changes.flatMap(([change, happened]) => (happened ? change : []));
}

const isSameSet = (some: readonly string[], others: readonly string[]): boolean =>
  some.every((each) => others.includes(each)) && others.every((each) => some.includes(each));
