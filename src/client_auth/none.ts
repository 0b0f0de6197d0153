/** A public client: it names itself and proves nothing (OAuth 2.1 §2.1, RFC 7591 §2). */
import type { ClientAuthMethod } from "../context.ts";

export const none: ClientAuthMethod = {
  name: "none",
  serves: ["none"],
  signing_algs: [],

  present: (_, params) =>
    params.get("client_id") === undefined ? null : { client_id: null, credential: null },

  prove: () => ({ method: "none" }),
};
