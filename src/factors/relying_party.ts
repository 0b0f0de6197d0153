/**
 * The relying party of passkeys (WebAuthn Level 3 §5.1.2): the domain that they are bound to, and the origins whose
 * pages may use them.
 */
import { isIP } from "node:net";
import type { Settings } from "../config_schema.ts";

export interface RelyingParty {
  /** A domain: the host of the issuer, or a parent of it. */
  rp_id: string;
  /** The issuer's own origin first. */
  origins: readonly string[];
}

type Given = Pick<Settings, "issuer" | "passkeys">;

/** Null: the issuer's host is an IP address, and browsers offer no passkeys there. */
export function relyingParty({ issuer, passkeys }: Given): RelyingParty | null {
  const { hostname, origin } = new URL(issuer);
  if (isAddress(hostname)) return null;
  return { rp_id: passkeys.rp_id ?? hostname, origins: [origin, ...passkeys.origins] };
}

export const isAddress = (hostname: string): boolean =>
  isIP(hostname.replace(/^\[(.*)\]$/, "$1")) !== 0;

/** @throws Error for an RP ID that browsers refuse at this issuer, or an origin that is none */
export function checkRelyingParty({ issuer, passkeys: { rp_id, origins } }: Given): void {
  const host = URL.parse(issuer)?.hostname ?? "";
  if (rp_id !== undefined && rp_id !== host && !isParent(rp_id, host))
    throw new Error(`passkeys.rp_id: must be ${host} or a parent domain of it`);
  const odd = origins.filter((each) => !isOrigin(each));
  if (odd.length > 0)
    throw new Error(
      `passkeys.origins: ${odd.join(", ")} must be written like https://old.example.com`,
    );
}

/** A domain of one label, such as `com`, is a public suffix. */
const isParent = (rp_id: string, host: string): boolean =>
  rp_id.includes(".") && host.endsWith(`.${rp_id}`) && !isAddress(host);

function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  if (!url || url.origin !== text || isAddress(url.hostname)) return false;
  return url.protocol === "https:" || url.hostname === "localhost";
}
