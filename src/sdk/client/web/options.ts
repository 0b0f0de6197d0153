/** The options of `createAuth`, and what is made of them once. */
import { AuthError } from "../../errors.ts";
import { isSecure } from "../../metadata.ts";
import type { Tokens, User } from "../../tokens.ts";
import { clientParty } from "../client_authentication.ts";
import type { ClientOptions, Party } from "../party.ts";
import { type Seals, sealsOf, shortHash } from "./seal.ts";
import type { SessionStore } from "./session_store.ts";

/** A client at one of several providers: the options of `createClient`, and what to ask for there. */
export interface ProviderOptions extends ClientOptions {
  /** Scopes, separated by spaces. Default: those of the provider's row, else `openid profile email`. */
  scope?: string;
  /** URI of the API that access tokens are for (RFC 8707). Default: the provider decides. */
  resource?: string;
}

export interface SessionOptions {
  /** Seconds until the person has to sign in again, at the latest. Default: 604800, a week. */
  lifetime?: number;
  /** Seconds without a request after which the session ends. Default: 86400, a day. */
  idle?: number;
  /**
   * Seconds after which the provider is asked again whether the session still stands, by a refresh. 0: never. Default:
   * 600 without a store, 0 with one. Sessions without a refresh token are never checked.
   */
  recheck?: number;
  /**
   * Where sessions are kept. Default: in the cookie, which takes 3,800 bytes; a copied cookie then survives a logout.
   * Back-channel logout needs a store.
   */
  store?: SessionStore;
  /** Claims to keep of what the provider says about the person, in `user.raw`. Default: none. */
  claims?: string[];
}

export interface AuthOptions {
  /**
   * Origin of this app, such as `https://app.example.com`. Required unless people reach it on a loopback address: the
   * `Host` header is never believed.
   */
  baseUrl?: string;
  /**
   * At least 32 bytes of randomness. It seals cookies and sign-ins in progress. Of a list, the first one seals and all of
   * them open: put a new one in front, and remove the old one after `session.lifetime`.
   */
  secret: string | string[];
  /** Issuer of the provider, exactly as its metadata names it. Default: only `providers`. */
  issuer?: string;
  /** The app's client id at `issuer`. */
  clientId?: string;
  /** The app's client secret at `issuer`. Left out for a public client. */
  clientSecret?: string;
  /**
   * Providers to choose from, by a name that appears in addresses: `{ github: { provider: github, clientId, clientSecret } }`.
   * Default: `issuer` alone.
   */
  providers?: Record<string, ProviderOptions>;
  /**
   * Sends all requests: those to providers, around which 8 seconds, 256 KB and no redirects hold, and those of
   * `auth.fetch`. It is called like `fetch`. One of `providers` can have its own. Default: the global `fetch`.
   */
  fetch?: typeof fetch;
  /** Scopes to ask for at `issuer`, separated by spaces. Default: `openid profile email`. */
  scope?: string;
  /** URI of the API that access tokens of `issuer` are for (RFC 8707). Default: the provider decides. */
  resource?: string;
  /** Path of the addresses that `handle` answers. Default: `/auth`. */
  prefix?: string;
  /** How long sessions last, and where they are kept. */
  session?: SessionOptions;
  /**
   * Called after each sign-in. Members of the object that it returns are kept in `user.raw`. Throw an `AuthError` with
   * the code `access_denied` to refuse the person. Default: everybody may sign in.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing fits.
  onSignIn?(u: User, t: Tokens): Promise<object | void>;
  /** Answers what went wrong. Default, and when it returns nothing: a plain page; the message goes to `console.error`. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing fits.
  onError?(e: AuthError, r: Request): Response | void;
}

/** This app at one provider. */
export interface Registered {
  /** Empty for `issuer`. */
  id: string;
  party: Party;
  /** Tells this client of this issuer from others. */
  mark: Promise<string>;
  scope: string | undefined;
  resource: string | undefined;
}

export interface Settings {
  /** Null: the loopback address of the request. */
  origin: string | null;
  prefix: string;
  seals: Seals;
  providers: ReadonlyMap<string, Registered>;
  /** Seconds. */
  lifetime: number;
  idle: number;
  recheck: number;
  store: SessionStore | null;
  claims: readonly string[];
  onSignIn: NonNullable<AuthOptions["onSignIn"]> | null;
  onError: NonNullable<AuthOptions["onError"]> | null;
  /** Null: the global one. */
  fetch: typeof fetch | null;
}

/** @throws AuthError `configuration` */
export function settingsOf(o: AuthOptions): Settings {
  const { prefix = "/auth", session = {} } = o;
  const { lifetime = 604_800, idle = 86_400, store = null, claims = [] } = session;
  const { recheck = store ? 0 : 600 } = session;
  if (!/^(?:\/[\w.~-]+)+$/.test(prefix))
    throw wrong(`prefix is ${JSON.stringify(prefix)}`, "set it to a path such as /auth");
  for (const [name, value] of Object.entries({ lifetime, idle, recheck }))
    if (!Number.isFinite(value) || value < 0 || (value === 0 && name !== "recheck"))
      throw wrong(`session.${name} is ${value}`, "set it to a number of seconds");
  const providers = new Map(
    registeredOf(o).map((each) => [each.id, { ...each, mark: markOf(each.party) }]),
  );
  if (providers.size === 0) throw wrong("there is no provider", "set issuer and clientId");
  if (!store) for (const { party } of providers.values()) warnOfStrict(party);
  return {
    origin: o.baseUrl === undefined ? null : originIn(o.baseUrl),
    ...{ prefix, providers, lifetime, idle, recheck, store, claims },
    seals: sealsOf([o.secret].flat()),
    onSignIn: o.onSignIn ?? null,
    onError: o.onError ?? null,
    fetch: o.fetch ?? null,
  };
}

const markOf = ({ issuer, client }: Party): Promise<string> =>
  shortHash(`${issuer} ${client.client_id}`);

function registeredOf(o: AuthOptions): Omit<Registered, "mark">[] {
  const { issuer, clientId = "", scope, resource, providers = {} } = o;
  const sender: Pick<ClientOptions, "fetch"> = o.fetch ? { fetch: o.fetch } : {};
  const main: Omit<Registered, "mark">[] =
    issuer === undefined
      ? []
      : [
          {
            ...{ id: "", scope, resource },
            party: clientParty({ ...secretIn(o), ...sender, issuer, clientId }),
          },
        ];
  const others = Object.entries(providers).map(([id, { scope, resource, ...client }]) => {
    if (/^[\w-]{1,40}$/.test(id))
      return { id, party: clientParty({ ...sender, ...client }), scope, resource };
    throw wrong(`the name ${JSON.stringify(id)} of a provider`, "use letters and digits only");
  });
  return [...main, ...others];
}

/** Left out, it makes a public client; present without a value, it is a variable that somebody forgot to set. */
const secretIn = (o: AuthOptions): Pick<ClientOptions, "clientSecret"> =>
  "clientSecret" in o ? { clientSecret: o.clientSecret ?? "" } : {};

function originIn(baseUrl: string): string {
  const url = URL.parse(baseUrl);
  if (url && isSecure(url) && url.href === `${url.origin}/`) return url.origin;
  throw wrong(
    `baseUrl is ${JSON.stringify(baseUrl)}`,
    "set it to the https origin of this app; http is for loopback addresses, and a path belongs into prefix",
  );
}

/** The origin of this app. @throws AuthError `configuration` for a request from elsewhere, without `baseUrl` */
export function originOf({ origin }: Settings, request: Request): string {
  if (origin !== null) return origin;
  const url = new URL(request.url);
  const http = new URL(url);
  http.protocol = "http:";
  if (isSecure(http)) return url.origin;
  throw wrong(
    `baseUrl is not set, and the request names ${url.origin}`,
    "set baseUrl to the origin of this app",
  );
}

/** The registered redirect URI: one for each provider, so that no provider receives another one's code (RFC 9700 §4.4). */
export function pathOf({ prefix }: Settings, name: string, { id }: Pick<Registered, "id">): string {
  return id === "" ? `${prefix}/${name}` : `${prefix}/${name}/${id}`;
}

function warnOfStrict({ provider }: Party): void {
  if (provider?.rotates !== "strict") return;
  console.warn(
    `valetkey: ${provider.id} voids a refresh token at its first use: if this app runs in several processes, set session.store`,
  );
}

export const wrong = (what: string, hint: string): AuthError =>
  new AuthError("configuration", what, { hint });
