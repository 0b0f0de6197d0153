/** How the client proves who it is at the token and revocation endpoints (RFC 6749 §2.3, OpenID Connect Core §9). */
import * as oauth from "oauth4webapi";
import { AuthError } from "../errors.ts";
import { type Authentication, type ClientOptions, type Party, partyOf } from "./party.ts";
import type { Provider } from "./provider.ts";

/** A client at its provider. @throws AuthError `configuration` for options that can't work */
export const clientParty = (options: ClientOptions): Party => partyOf(options, authenticationOf);

function authenticationOf(options: ClientOptions): Authentication {
  const { provider, clientSecret, privateKey } = options;
  if (provider?.auth === "apple") {
    const apple = appleSecret(provider, privateKey);
    return () => apple;
  }
  const auth = provider?.auth;
  if (privateKey && clientSecret !== undefined)
    throw new AuthError("configuration", "both clientSecret and privateKey are set", {
      hint: "keep the one that is registered for this client",
    });
  if (privateKey) {
    const signed = signing(oauth.PrivateKeyJwt(privateKey));
    return () => signed;
  }
  if (clientSecret === undefined) {
    const none = oauth.None();
    return () => none;
  }
  const ways = {
    basic: clientSecretBasic(clientSecret),
    post: oauth.ClientSecretPost(clientSecret),
    none: oauth.None(),
  };
  return (server) => ways[auth ?? advertised(server)];
}

/** A key may be of a kind or a length that signs no assertion: the library says so at the first one. */
const signing =
  (sign: oauth.ClientAuth): oauth.ClientAuth =>
  async (...request) => {
    try {
      await sign(...request);
    } catch (cause) {
      throw new AuthError("configuration", "privateKey can't sign for this client", {
        hint: "use a key for ES256, RS256 (2048 bits or more), PS256 or Ed25519",
        cause,
      });
    }
  };

/**
 * In the header (RFC 6749 §2.3.1). Characters that need no escape get none, such as the hyphens of most secrets: some
 * servers do not decode what they receive.
 */
function clientSecretBasic(clientSecret: string): oauth.ClientAuth {
  const encoded = (text: string): string => new URLSearchParams([["", text]]).toString().slice(1);
  return (_server, { client_id }, _body, headers) => {
    const credentials = btoa(`${encoded(client_id)}:${encoded(clientSecret)}`);
    headers.set("authorization", `Basic ${credentials}`);
  };
}

/** `client_secret_basic` is what a server without a list supports (RFC 8414 §2). */
function advertised(server: oauth.AuthorizationServer): "basic" | "post" {
  const { token_endpoint_auth_methods_supported: methods } = server;
  const isPostOnly =
    methods?.includes("client_secret_post") && !methods.includes("client_secret_basic");
  return isPostOnly ? "post" : "basic";
}

/**
 * Apple's secret is a JWT that the developer signs, valid for six months at most. It is signed for each request, so that
 * none is stored and none expires.
 */
function appleSecret({ id, issuer, teamId, keyId }: Provider, key?: CryptoKey): oauth.ClientAuth {
  if (!key || !teamId || !keyId)
    throw new AuthError("configuration", "teamId, keyId or privateKey is missing", {
      hint: "set provider: { ...apple, teamId, keyId } and privateKey to the imported .p8 file",
      provider: id,
    });
  const sign = signing(
    oauth.PrivateKeyJwt(
      { key, kid: keyId },
      {
        [oauth.modifyAssertion](_header, payload) {
          payload.iss = teamId;
          payload.aud = issuer;
        },
      },
    ),
  );
  return async (server, client, body, headers) => {
    await sign(server, client, body, headers);
    body.set("client_secret", body.get("client_assertion") ?? "");
    body.delete("client_assertion");
    body.delete("client_assertion_type");
  };
}
