/** The first state of the demo: a folder of its own, one person, and two apps that the server knows. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AuthorizationServer } from "../src/authorization_server.ts";
import { makeSecret } from "../src/clients/client_secret.ts";
import { sha256 } from "../src/crypto/hash.ts";
import { FEATURES } from "../src/features.ts";
import { parseClientMetadata } from "../src/oauth/client_metadata.ts";
import { acceptedMetadata } from "../src/offer.ts";
import { loginsOf, newAccount } from "../src/people/account.ts";
import { hashPassword } from "../src/people/password.ts";
import type { ClientRecord } from "../src/store/records.ts";

export const ACCOUNT = { username: "ada", password: "analytical-engine" } as const;

export interface Credentials {
  client_id: string;
  client_secret: string;
}

export interface State {
  /** The `database` of the configuration. */
  database: string;
  printly: Credentials;
  snaps: Credentials;
}

const CREDENTIALS = "apps.json";

/** Opens or creates the folder. @param reset deletes it first */
export function openState(folder: string, reset: boolean): State {
  if (reset) for (const file of OURS) rmSync(join(folder, file), { force: true });
  mkdirSync(folder, { recursive: true });
  // The folder holds secrets, and may be inside a repository.
  writeFileSync(join(folder, ".gitignore"), "*\n");
  return { database: `sqlite:${join(folder, DATABASE)}`, ...credentialsIn(folder) };
}

const DATABASE = "demo.sqlite";
const OURS = [DATABASE, `${DATABASE}-wal`, `${DATABASE}-shm`, `${DATABASE}.key`, CREDENTIALS];

function credentialsIn(folder: string): Pick<State, "printly" | "snaps"> {
  const file = join(folder, CREDENTIALS);
  const known: unknown = existsSync(file) ? parse(readFileSync(file, "utf8")) : null;
  const secrets = {
    printly: secretOf(known, "printly") ?? makeSecret(0).secret,
    snaps: secretOf(known, "snaps") ?? makeSecret(0).secret,
  };
  writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  return {
    printly: { client_id: "printly", client_secret: secrets.printly },
    snaps: { client_id: "snaps", client_secret: secrets.snaps },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The file was edited; new secrets are as good as the old ones.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function secretOf(known: unknown, name: "printly" | "snaps"): string | null {
  if (typeof known !== "object" || known === null || !(name in known)) return null;
  const value: unknown = Object.entries(known).find(([key]) => key === name)?.[1];
  return typeof value === "string" && value.startsWith("vks_") ? value : null;
}

/** Creates or updates the person and the apps for the addresses of this run. */
export async function plant(
  { server }: AuthorizationServer,
  state: State,
  { printly_url, resource, logo }: { printly_url: string; resource: string; logo: string },
): Promise<{ password_is_known: boolean }> {
  const now = Math.floor(server.clock() / 1000);
  await putClient(server.store, state.printly, now, {
    resource: null,
    // Only an operator may set a picture as a `data:` URL, and the demo acts as the operator.
    logo_uri: `data:image/svg+xml;base64,${Buffer.from(logo).toString("base64")}`,
    metadata: {
      client_name: "Printly",
      client_uri: printly_url,
      redirect_uris: [`${printly_url}/callback`],
      grant_types: ["authorization_code", "refresh_token"],
      scope: "openid profile photos.read photos.write",
    },
  });
  await putClient(server.store, state.snaps, now, {
    resource,
    metadata: { client_name: "Snaps", grant_types: ["client_credentials"], response_types: [] },
  });
  const ada = await server.users.findByLogin(ACCOUNT.username);
  if (!ada) await addAda(server.store, server.clock());
  const known = !ada || (await server.users.verifyPassword(ada, ACCOUNT.password));
  return { password_is_known: known };
}

type Store = AuthorizationServer["server"]["store"];

async function putClient(
  store: Store,
  { client_id, client_secret }: Credentials,
  now: number,
  {
    metadata,
    resource,
    logo_uri,
  }: { metadata: object; resource: string | null; logo_uri?: string },
): Promise<void> {
  const before = await store.findClient(client_id);
  const client: ClientRecord = {
    client_id,
    metadata: {
      ...parseClientMetadata(metadata, { ...acceptedMetadata(FEATURES), short_schemes: [] }),
      ...(logo_uri !== undefined && { logo_uri }),
    },
    secrets: [{ hash: sha256(client_secret), created_at: now, expires_at: null }],
    created_by: "operator",
    owner_sub: null,
    trusted: false,
    require_pkce: true,
    resource,
    created_at: before?.created_at ?? now,
    disabled_at: null,
    ends_before: null,
    logo: null,
    sector: null,
    set_by_operator: [],
    registration_hash: null,
  };
  if (before) await store.updateClient(client);
  else await store.createClient(client);
}

async function addAda(store: Store, now_ms: number): Promise<void> {
  const account = newAccount(
    {
      username: ACCOUNT.username,
      name: "Ada Lovelace",
      email: "ada@example.com",
      is_admin: false,
    },
    {
      password_hash: await hashPassword(ACCOUNT.password),
      login_email: "ada@example.com",
      now_ms,
    },
  );
  await store.createAccount(account, loginsOf(account));
}
