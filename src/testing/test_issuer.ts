/** The public types of `valetkey/testing`. */
import type { ClientInformation, ClientOptions } from "../authorization_server.ts";
import type { Config } from "../config.ts";
import type { ClientMetadata } from "../oauth/client_metadata.ts";
import type { Faults } from "./faults.ts";
import type { TestPage, WebAuth } from "./sign_in.ts";
import type { TokenOptions } from "./test_token.ts";

/** Keys of the configuration that a test issuer decides itself. */
export type FixedKey =
  | ("issuer" | "port" | "host" | "tls" | "metrics" | "workers")
  | ("database" | "users");

export interface IssuerOptions {
  /** People with an account. Left out: one, `ada`, with a name and a verified e-mail address. */
  users?: readonly TestUser[];
  /** Registered clients. Left out: none. */
  clients?: readonly TestClient[];
  /**
   * How people answer the pages of the issuer: `approve` (the default) and `deny` sign in and answer at once, without a
   * page in the browser. `ask`: the pages are shown, and the test fills them in.
   */
  people?: "approve" | "deny" | "ask";
  /** Further configuration of the server: scopes, APIs, lifetimes and so on. Left out: the defaults. */
  config?: Omit<Config, FixedKey>;
}

export interface TestUser {
  /** Signs in with this name and `TestIssuer.password`. */
  username: string;
  /** Claims about the person, as OpenID Connect names them: `name`, `email`, `email_verified` and so on. */
  claims?: object;
}

/** Client metadata (RFC 7591 §2), where each member has the server's default, and an id and a secret of your choice. */
export interface TestClient extends Partial<ClientMetadata>, ClientOptions {
  /** Left out: a random one. */
  client_id?: string;
  /** Left out: a random one, if the client's authentication method has a secret. */
  client_secret?: string;
  /** Where people come back to: compared byte for byte, but for the port of a native app. Default: none. */
  redirect_uris?: string[];
  /**
   * Default, as `valetkey client add` has it: `["authorization_code", "refresh_token"]` with a redirect URI, none with
   * `resource`, else `["client_credentials"]`.
   */
  grant_types?: string[];
  /** `client_secret_basic` (default), `client_secret_post`, `private_key_jwt`, or `none` for a public client. */
  token_endpoint_auth_method?: string;
  /** The scopes that it may ask for, separated by spaces. Default: all. */
  scope?: string;
  /** Where people may be sent after a sign-out. Default: none. */
  post_logout_redirect_uris?: string[];
  /** Where the issuer tells the app that a session has ended. Default: it does not. */
  backchannel_logout_uri?: string;
}

/** The real server, in the memory of this process, listening on loopback. */
export interface TestIssuer extends AsyncDisposable {
  /** Its issuer identifier, such as `http://127.0.0.1:49152`. */
  readonly issuer: string;
  /** The registered clients with their ids and secrets, in the order in which they were added. */
  readonly clients: readonly ClientInformation[];
  /**
   * Registers one more client, such as an app whose port is known only now.
   * @throws OAuthError for metadata that the server refuses, Error for an id that is taken
   */
  addClient(client: TestClient): Promise<ClientInformation>;
  /** The password of all people, for tests that fill in the sign-in page. */
  readonly password: string;
  /** All requests that arrived so far, in order. The path is without query. */
  readonly requests: { method: string; path: string }[];
  readonly clock: {
    /**
     * Lets time pass, for the issuer and for everything else in this process: it moves `Date` until the issuer is
     * closed. An app in another process does not notice.
     */
    advance(seconds: number): void;
  };
  /**
   * The `sub` of a person, as tokens and claims tell it to APIs and apps. A client with `subject_type: "pairwise"` gets
   * another one.
   * @throws Error for somebody who is not among the users
   */
  subOf(username: string): string;
  /**
   * An access token of a person for an API, as the issuer makes them: JWTs by RFC 9068, unless the configuration says
   * that this API has opaque ones.
   * @throws Error for somebody who is not among the users
   */
  tokenFor(username: string, options: TokenOptions): Promise<string>;
  /**
   * Where the issuer sends a person who opens an authorization URL in a new browser, signs in and agrees: the callback
   * of the app with a code or an error. It is not visited. `people` does not matter, and `requests` and faults are for
   * other requests.
   * @param url of an authorization request, such as `begin` of `valetkey/client` makes
   * @throws Error for somebody who is not among the users, and for a request that ends on a page, with its text
   */
  callbackFor(url: URL | string, username: string): Promise<URL>;
  /**
   * Signs a person in at the issuer, in the browser of a Playwright page. The next sign-in of an app there asks for no
   * password.
   */
  signIn(page: TestPage, username: string): Promise<void>;
  /**
   * The `Cookie` header of a person who is signed in to an app that uses `valetkey/client/web`. It is made by a whole
   * sign-in, without a browser.
   */
  cookieFor(auth: WebAuth, username: string): Promise<string>;
  readonly fault: IssuerFaults;
  /** Stops listening, and forgets everything. */
  close(): Promise<void>;
}

/** Changes are made before the next request is answered. */
export interface IssuerFaults extends Faults {
  /** New signing keys sign from now on. Earlier ones are still published, as after any change of keys. */
  rotateKeys(): void;
  /** Ends all sessions, grants and tokens of a person. @throws Error for somebody who is not among the users */
  revoke(username: string): void;
  /** Ends all sessions, grants and tokens. */
  expireAll(): void;
}
