/**
 * Facebook. There are no refresh tokens: an access token of hours is exchanged for one of 60 days.
 * Source: developers.facebook.com, "Manually Build a Login Flow", "Get Long-Lived Tokens", "Handling Errors"; code 100
 * for a used code: facebookarchive/php-graph-sdk#1124.
 * Written 2026-11-30, and not yet compared with the live service.
 */
import { isJsonObject } from "../../../oauth/json.ts";
import { getJson } from "../get_json.ts";
import type { Provider } from "../provider.ts";
import { standardUser } from "../standard_user.ts";

const ISSUER = "https://www.facebook.com";

/** Without a version, the oldest one that the app may use answers: the row outlives versions. */
const ME = "https://graph.facebook.com/me?fields=id,name,email,picture";

export const facebook: Provider = {
  id: "facebook",
  issuer: ISSUER,
  endpoints: {
    authorization_endpoint: "https://www.facebook.com/dialog/oauth",
    token_endpoint: "https://graph.facebook.com/oauth/access_token",
  },
  scope: ["public_profile", "email"],
  separator: ",",
  auth: "post",
  idToken: "never",
  offline: {},
  rotates: "graceful",
  exchange: "fb_exchange_token",
  read(body) {
    if (!isJsonObject(body) || !isJsonObject(body.error)) return body;
    const { code, type, message } = body.error;
    return { error: meaning(code, message), error_description: `${type} ${code}: ${message}` };
  },
  async user(t, f) {
    const person = await getJson(f, ME, t);
    const { id, name, email, picture } = person;
    const { url } = isJsonObject(picture) && isJsonObject(picture.data) ? picture.data : {};
    // Nothing in the answer says that the address is proven.
    return standardUser({ sub: id, name, email, picture: url }, ISSUER, person);
  },
};

/** Their numbers in the words of RFC 6749 §5.2. */
function meaning(code: unknown, message: unknown): string {
  const isUsed = /authorization code|code has (?:been used|expired)/i.test(String(message));
  if (code === 190 || (code === 100 && isUsed)) return "invalid_grant";
  if (code === 1 || code === 101) return "invalid_client";
  if ([2, 4, 17, 341].includes(Number(code))) return "temporarily_unavailable";
  return "invalid_request";
}
