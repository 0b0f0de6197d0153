/** What is known of one issuer: its metadata, its keys, and its list of ended tokens. */
import { AuthError } from "../errors.ts";
import { type Keys, keysAt } from "../keys.ts";
import { isSecure, metadataOf } from "../metadata.ts";
import { type EndedList, endedList } from "./ended.ts";
import type { Settings } from "./options.ts";
import { quickVerifierOf } from "./quick_signature.ts";

export interface Issuer {
  issuer: string;
  keys: Keys;
  /** Null: JWTs live until they expire. */
  ended: EndedList | null;
  /** @throws AuthError `configuration` when the issuer has no such endpoint */
  introspectionAddress(): Promise<string>;
}

export function issuerOf(issuer: string, { revocation, fetch }: Settings): Issuer {
  const metadata = metadataOf(issuer, { first: "oauth", fetch });

  /** Null: the issuer has none. */
  async function find(member: string): Promise<string | null> {
    const value = (await metadata())[member];
    if (value === undefined) return null;
    const url = typeof value === "string" ? URL.parse(value) : null;
    if (url && isSecure(url)) return url.href;
    throw new AuthError("invalid_response", `${member} of ${issuer} is no https address`, {
      hint: "check the metadata of the issuer",
    });
  }

  async function need(member: string): Promise<string> {
    const found = await find(member);
    if (found !== null) return found;
    throw new AuthError("configuration", `the metadata of ${issuer} has no ${member}`, {
      hint: "check that the issuer is the one of the tokens",
    });
  }

  return {
    issuer,
    keys: keysAt(() => need("jwks_uri"), { fetch, verifierOf: quickVerifierOf }),
    ended: revocation
      ? endedList(() => find("valetkey_ended_endpoint"), { every: revocation.every, fetch })
      : null,
    introspectionAddress: () => need("introspection_endpoint"),
  };
}
