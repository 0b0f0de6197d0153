/** The options of `signIn` and `openSession`. */
import { AuthError } from "../../errors.ts";
import { clientParty } from "../client_authentication.ts";
import type { ClientOptions, Party } from "../party.ts";
import { systemKeychain } from "./keychain.ts";
import { memoryStorage } from "./memory_storage.ts";
import { stateFolder } from "./state_folder.ts";
import { fileStorage, type Storage } from "./storage.ts";

export type Way = "loopback" | "device" | "paste";

/** What the person sees and answers. Default: lines on stderr, answers from the terminal. */
export interface Ui {
  /** Shows a line. */
  show(line: string): void;
  /** Asks for a line. The signal ends the question, when the answer has come another way. */
  ask(question: string, signal: AbortSignal): Promise<string>;
  /** Shows an address as a QR code. */
  qr(url: string): void;
}

export interface TerminalOptions {
  /** Name of the app, such as `snaps`: of its command, its folder and its environment variables. */
  app: string;
  /** The provider's issuer, exactly as its metadata names it. */
  issuer: string;
  /** The app's client id at the provider. It is registered as native, with the redirect URI `http://127.0.0.1/callback`. */
  clientId: string;
  /**
   * The client's secret, where a provider gives one to native apps. It is no secret there: everybody has the app. Default:
   * a public client.
   */
  clientSecret?: string;
  /** Scopes, separated by spaces. Default: those of `openid profile email offline_access` that the provider has. */
  scope?: string;
  /** URI of the API that access tokens are for (RFC 8707). Default: the provider decides. */
  resource?: string;
  /**
   * Name of one of several accounts. An e-mail address tells the provider who is meant. Default: the account of the last
   * sign-in; a new one is named after the person.
   */
  account?: string;
  /** Ways to sign in that are allowed. Default: all. */
  ways?: Way[];
  /**
   * `never`: nobody is asked, and without a stored session `sign_in_needed` follows. Default: `auto`, which asks where a
   * person sits at a terminal.
   */
  interactive?: "auto" | "never";
  /** Seconds that a person has for the sign-in. Default: 300. */
  timeout?: number;
  /** Ports for the callback, for providers that compare them; the first free one is used. Default: any. */
  ports?: number[];
  /**
   * Where sessions are kept. `auto`: in the user's state folder, sealed with a key in the keychain where there is one.
   * `file`: there, unsealed. `memory`: nowhere. Default: `auto`.
   */
  storage?: "auto" | "file" | "memory";
  /** Beginning of the names of environment variables, such as `SNAPS` for `SNAPS_TOKEN`. Default: the name of the app. */
  env?: string;
  /** Shows the sign-in to the person, and asks them. Default: the terminal. */
  ui?: Ui;
  /** Stops the sign-in: `cancelled`. Default: nothing does. */
  signal?: AbortSignal;
  /**
   * Sends all requests: those to the provider, around which 8 seconds, 256 KB and no redirects hold, and those of
   * `session.fetch`. It is called like `fetch`. Default: the global `fetch`.
   */
  fetch?: typeof fetch;
  /** Signs in even if a stored session works. Default: false. */
  force?: boolean;
  /** Levels of sign-in, the preferred one first (`acr_values`). A stored session of another level is not used. Default: any. */
  acr?: string[];
  /** Seconds since the person last signed in; an older session is not used. Default: any. */
  maxAge?: number;
  /** Further parameters of the authorization request. Default: none. */
  params?: Record<string, string>;
}

/** What an app is called. */
export interface Names {
  app: string;
  /** Beginning of the names of its environment variables. */
  prefix: string;
}

/** An app at its provider, with its sessions. */
export interface App extends Names {
  party: Party;
  storage: Storage;
  /** The folder of its sessions. */
  folder: string;
}

/** @throws AuthError `configuration` */
export function namesOf({ app, env }: TerminalOptions): Names {
  // Missing before Node.js 22, as several others that are used here.
  if (!Promise.withResolvers)
    throw wrong(
      `Node.js ${process.versions.node} is too old`,
      "use Node.js 22 or newer: npm install node@24 brings one along",
    );
  if (!/^[a-z0-9][\w.-]{0,63}$/i.test(app))
    throw wrong(`app is ${JSON.stringify(app)}`, "set it to the name of the command");
  return { app, prefix: env ?? app.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_") };
}

/** @throws AuthError `configuration` */
export function appOf(options: TerminalOptions): App {
  const { app, prefix } = namesOf(options);
  const { issuer, clientId, storage = "auto" } = options;
  const more: Pick<ClientOptions, "clientSecret" | "fetch"> = {
    ...("clientSecret" in options && { clientSecret: options.clientSecret ?? "" }),
    ...senderOf(options),
  };
  const folder = stateFolder(app);
  const keychain = storage === "auto" ? systemKeychain(app) : null;
  return {
    ...{ app, prefix, folder },
    party: clientParty({ issuer, clientId, ...more }),
    storage: storage === "memory" ? memoryOf(app) : fileStorage({ app, folder, keychain }),
  };
}

export const senderOf = ({ fetch }: TerminalOptions): Pick<ClientOptions, "fetch"> =>
  fetch ? { fetch } : {};

const memories = new Map<string, Storage>();

/** One for each app: what `signIn` puts there, `openSession` finds. */
function memoryOf(app: string): Storage {
  const storage = memories.get(app) ?? memoryStorage();
  memories.set(app, storage);
  return storage;
}

export const wrong = (what: string, hint: string): AuthError =>
  new AuthError("configuration", what, { hint });
