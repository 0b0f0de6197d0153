/** Id and secret as parameters of the form (RFC 6749 §2.3.1, OAuth 2.1 §2.4.1). */
import { checkSecret, SECRET_METHODS } from "../clients/client_secret.ts";
import type { ClientAuthMethod } from "../context.ts";

const name = "client_secret_post";

export const clientSecretPost: ClientAuthMethod = {
  name,
  serves: SECRET_METHODS,
  signing_algs: [],

  present(_, params) {
    const credential = params.get("client_secret");
    return credential === undefined ? null : { client_id: null, credential };
  },

  prove({ credential }, client, { now }) {
    return checkSecret(credential ?? "", client?.secrets ?? [], now) ? { method: name } : null;
  },
};
