/** The end of a token (RFC 7009). */
import { isJsonObject } from "../../oauth/json.ts";
import { AuthError } from "../errors.ts";
import { readJson } from "../fetch.ts";
import { explained } from "./explained.ts";
import type { Party } from "./party.ts";
import { postForm } from "./post_form.ts";
import { refusalOf } from "./refusal.ts";

/** @throws AuthError `configuration` when the provider can't revoke tokens */
export async function revoke(
  party: Party,
  token: string,
  o: { keepalive?: boolean } = {},
): Promise<void> {
  return explained(party, async () => {
    const server = await party.server();
    if (server.revocation_endpoint === undefined)
      throw new AuthError("configuration", `${party.issuer} has no revocation endpoint`, {
        hint: "forget the token: it lives until it expires, or until the person removes this app",
      });
    const response = await postForm(party, server.revocation_endpoint, { token }, o);
    const { status } = response;
    const body = await readJson(response);
    if (response.ok && !(isJsonObject(body) && typeof body.error === "string")) return;
    // The token is no longer valid, which is what was wanted (RFC 7009 §2.2).
    if (isJsonObject(body) && body.error === "invalid_token" && status < 500) return;
    const secrets = [token, party.secret];
    throw refusalOf({ body, status }, { party, asked: "revocation", secrets });
  });
}
