/** HTTP Basic with form-encoded id and secret (RFC 6749 §2.3.1, RFC 7617). */
import { checkSecret, SECRET_METHODS } from "../clients/client_secret.ts";
import type { ClientAuthMethod } from "../context.ts";
import { OAuthError } from "../oauth/errors.ts";

const name = "client_secret_basic";

export const clientSecretBasic: ClientAuthMethod = {
  name,
  serves: SECRET_METHODS,
  signing_algs: [],

  present: (request) => parseBasic(request.header("authorization")),

  prove({ credential }, client, { now }) {
    return checkSecret(credential ?? "", client?.secrets ?? [], now) ? { method: name } : null;
  },
};

/**
 * Null when there is no `Authorization: Basic`.
 * @throws OAuthError `invalid_client` when the header can't be read
 */
export function parseBasic(
  authorization: string | undefined,
): { client_id: string; credential: string } | null {
  const [, encoded] = /^basic +(\S+) *$/i.exec(authorization ?? "") ?? [];
  if (encoded === undefined) {
    if (/^basic/i.test(authorization ?? "")) throw malformed();
    return null;
  }
  const pair = Buffer.from(encoded, "base64").toString();
  const at = pair.indexOf(":");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(encoded) || at < 1) throw malformed();
  return {
    client_id: formDecode(pair.slice(0, at)),
    credential: formDecode(pair.slice(at + 1)),
  };
}

function formDecode(text: string): string {
  if (!/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    // Many clients send both parts without encoding: a stray % is then meant literally.
    return text;
  }
}

const malformed = (): OAuthError =>
  new OAuthError("invalid_client", "the Authorization header is not valid Basic authentication");
