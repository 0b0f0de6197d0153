/**
 * Discord. Revoking one token ends all tokens that the person gave this app.
 * Source: discord.com/developers/docs, "OAuth2", "Users", "Rate Limits"; metadata at
 * discord.com/.well-known/oauth-authorization-server.
 * Written 2026-11-30, and not yet compared with the live service. Whether a used refresh token stays valid is not
 * documented: `strict` is safe.
 */
import { isJsonObject } from "../../../oauth/json.ts";
import { getJson } from "../get_json.ts";
import type { Provider } from "../provider.ts";
import { standardUser } from "../standard_user.ts";

const ISSUER = "https://discord.com";

export const discord: Provider = {
  id: "discord",
  issuer: ISSUER,
  scope: ["identify", "email"],
  auth: "basic",
  // With the scope `openid`.
  idToken: "maybe",
  // Every code gives a refresh token.
  offline: {},
  rotates: "strict",
  read(body, status) {
    // Errors of their API, such as a refused client, beside those of OAuth.
    if (!isJsonObject(body) || !("message" in body) || "error" in body) return body;
    const error = status === 401 ? "invalid_client" : "invalid_request";
    return { error, error_description: `${body.code}: ${body.message}` };
  },
  async user(t, f) {
    const person = await getJson(f, "https://discord.com/api/users/@me", t);
    const { id, username, global_name, email, verified, avatar } = person;
    const claims = {
      sub: id,
      name: global_name,
      preferred_username: username,
      picture: pictureOf(id, avatar),
    };
    return standardUser({ ...claims, email, email_verified: verified }, ISSUER, person);
  },
};

/** They send a hash; that of a moving picture begins with `a_`. */
function pictureOf(id: unknown, avatar: unknown): string | null {
  if (typeof avatar !== "string") return null;
  const type = avatar.startsWith("a_") ? "gif" : "png";
  return `https://cdn.discordapp.com/avatars/${id}/${avatar}.${type}`;
}
