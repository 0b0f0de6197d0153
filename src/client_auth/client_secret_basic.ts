/** HTTP Basic with form-encoded id and secret (RFC 6749 §2.3.1, RFC 7617). */
import { OAuthError } from "../oauth/errors.ts";

/**
 * Null when there is no `Authorization: Basic`.
 * @throws OAuthError `invalid_client` when there is one that can't be read
 */
export function parseBasic(
  authorization: string | undefined,
): { method: "client_secret_basic"; client_id: string; secret: string } | null {
  const [, encoded] = /^basic +(\S+) *$/i.exec(authorization ?? "") ?? [];
  if (encoded === undefined) {
    if (/^basic/i.test(authorization ?? "")) throw malformed();
    return null;
  }
  const pair = Buffer.from(encoded, "base64").toString();
  const at = pair.indexOf(":");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(encoded) || at < 1) throw malformed();
  return {
    method: "client_secret_basic",
    client_id: formDecode(pair.slice(0, at)),
    secret: formDecode(pair.slice(at + 1)),
  };
}

function formDecode(text: string): string {
  if (!/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    // Many clients send both parts as they are: a stray % is then meant literally.
    return text;
  }
}

const malformed = (): OAuthError =>
  new OAuthError("invalid_client", "the Authorization header is not valid Basic authentication");
