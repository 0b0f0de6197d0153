/** What the client has to know about a provider: a row of data, and two functions for what data can't say. */
import type { Tokens, User } from "../tokens.ts";

/** A provider of sign-ins. Spread a row to change it: `{ ...microsoft, tenants: ["…"] }`. */
export interface Provider {
  /** Short name: `AuthError.provider`. */
  id: string;
  /** The issuer, exactly as its metadata and ID tokens name it. */
  issuer: string;
  /**
   * Addresses by the names of RFC 8414, such as `token_endpoint`. With `authorization_endpoint` and `token_endpoint`, no
   * metadata is fetched; others replace members of the metadata. Default: all of them come from the metadata.
   */
  endpoints?: Record<string, string>;
  /** Asked for unless the app asks for something else. */
  scope: string[];
  /** Between scopes in requests. Default: a space. */
  separator?: " " | ",";
  /**
   * How the client authenticates: `basic` in a header, `post` in the form, `none`, or `apple` with a secret that is
   * signed for each request by `privateKey`. Without a secret, `basic` and `post` are `none`.
   */
  auth: "basic" | "post" | "none" | "apple";
  /** Whether the answer to a code holds an ID token. With `never`, one that comes is ignored. */
  idToken: "always" | "maybe" | "never";
  /** The callback is a POST with a form (OAuth 2.0 Form Post Response Mode). */
  formPost?: true;
  /** Sent with every authorization request. */
  params?: Record<string, string>;
  /**
   * Sent instead of the scope `offline_access`, where a provider has its own way to ask for a refresh token. Empty:
   * there is nothing to ask. Default: the scope is sent.
   */
  offline?: Record<string, string>;
  /**
   * What becomes of a refresh token that was used: `never` replaced; `graceful`, the old one works for some time;
   * `strict`, the old one is void.
   */
  rotates: "never" | "graceful" | "strict";
  /**
   * The grant type that gives an access token a longer life, where there are no refresh tokens. The access token is then
   * the refresh token as well, and is sent in a parameter of this name.
   */
  exchange?: string;
  /** The tenants (`tid`) whose people may sign in, where the issuer contains `{tenantid}`. Required there. */
  tenants?: readonly string[];
  /** Apple: the ten characters of the team. */
  teamId?: string;
  /** Apple: the ten characters of the key. */
  keyId?: string;
  /**
   * Turns an answer of the token endpoint into the form of RFC 6749 §5. The body is JSON, or a string when it is not
   * JSON. Default: it has that form already.
   */
  read?(body: unknown, status: number): unknown;
  /** The person of these tokens. `f` is `fetch` with bounds: 8 seconds, 256 KB, no redirects. */
  user(t: Tokens, f: typeof fetch): Promise<User>;
}
