/** Signed-in people and their apps, with which the load begins. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Config } from "../../src/config.ts";
import { SECRET } from "./node.ts";

export const API = "https://snaps.example/api";
/** The password of all people who have one. */
export const PASSWORD = "correct horse battery";
export const REDIRECT_URI = "https://printly.example/callback";

/** Only settings that the previous version knows too. */
export const config = (issuer: string, more: Config = {}): Config => ({
  issuer,
  scopes: { "photos.read": "See your photos" },
  resources: { [API]: { name: "Snaps", scopes: ["photos.read"] } },
  // A few people stand for many, and the ledger expects what each of their grants says.
  limits: { grants: 0 },
  rate_limits: { changes: 0 },
  ...more,
});

export interface App {
  client_id: string;
  /** Null: a public client, whose refresh tokens are rotated. */
  authorization: string | null;
}

export interface Seed {
  origin: string;
  native: App;
  web: App;
  service: App;
  api: App;
  /** Session cookies of signed-in people. */
  cookies: string[];
}

export interface SeedOptions {
  database: string;
  config: Config;
  people?: number;
  /** The password of the first person. */
  password?: string;
  /** The checkout whose code is used; left out: this one. */
  root?: string;
}

const HERE = new URL("../..", import.meta.url);

/** Creates the database if it does not exist, and brings its schema up to date. */
export async function seed({
  people = 20,
  password,
  root,
  ...options
}: SeedOptions): Promise<Seed> {
  const base = root === undefined ? HERE : pathToFileURL(join(root, "/"));
  const load = (path: string) => import(new URL(path, base).href);
  const main: typeof import("../../src/authorization_server.ts") = await load(
    "src/authorization_server.ts",
  );
  const { randomText, sha256 }: typeof import("../../src/crypto/hash.ts") =
    await load("src/crypto/hash.ts");
  const { loginsOf, newAccount }: typeof import("../../src/people/account.ts") =
    await load("src/people/account.ts");
  const { withPlace }: typeof import("../../src/store/place.ts") = await load("src/store/place.ts");
  const full = { ...options.config, database: options.database };
  const { accountKey }: typeof import("../../src/sessions/last_account.ts") = await load(
    "src/sessions/last_account.ts",
  );
  const server = main.createAuthorizationServer(full, { secret: SECRET });
  await server.ready;
  const { store } = server.server;
  const app = {
    client_name: "Printly",
    redirect_uris: [REDIRECT_URI],
    grant_types: ["authorization_code" as const, "refresh_token" as const],
  };
  const native = await server.registerClient(
    { ...app, token_endpoint_auth_method: "none" },
    { trusted: true },
  );
  const web = await server.registerClient(app, { trusted: true });
  const service = await server.registerClient({ grant_types: ["client_credentials"] });
  const api = await server.registerClient({ grant_types: [] }, { resource: API });
  const { port } = new URL(server.issuer);
  const now = Math.floor(server.server.clock() / 1000);
  const cookies: string[] = [];
  const { hashPassword }: typeof import("../../src/people/password.ts") =
    await load("src/people/password.ts");
  for (let i = 0; i < people; i += 1) {
    const password_hash = i === 0 && password !== undefined ? await hashPassword(password) : null;
    const times = { password_hash, login_email: null, now_ms: server.server.clock() };
    const account = newAccount({ username: `person${i}`, is_admin: false }, times);
    await store.createAccount(account, loginsOf(account));
    const [session_id, secret] = [withPlace(randomText(16), account.sub), randomText(32)];
    await store.createSession({
      session_id,
      secret_hash: sha256(secret),
      sub: account.sub,
      proofs: [{ kind: "pwd", at: now }],
      signed_in_for: null,
      user_agent: "drill",
      network: "127.0.0.1",
      created_at: now,
      seen_at: now,
      expires_at: now + (options.config.lifetimes?.session ?? 2_592_000),
    });
    const browser = `valetkey_browser_${port}=${randomText(16)}`;
    cookies.push(
      `${browser}; valetkey_session_${accountKey(account.sub)}_${port}=${session_id}.${secret}`,
    );
  }
  await server.close();
  return { origin: server.issuer, ...appsOf({ native, web, service, api }), cookies };
}

type Registered = Record<
  "native" | "web" | "service" | "api",
  { client_id: string; client_secret?: string | undefined }
>;

function appsOf(all: Registered): Record<keyof Registered, App> {
  const app = ({ client_id, client_secret }: Registered["web"]): App => ({
    client_id,
    authorization:
      client_secret === undefined
        ? null
        : `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString("base64")}`,
  });
  return {
    native: app(all.native),
    web: app(all.web),
    service: app(all.service),
    api: app(all.api),
  };
}
