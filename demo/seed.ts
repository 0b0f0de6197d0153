/** The first state of the demo: a folder of its own, one person, and the two apps that the server knows. */
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
import { TOOL } from "./apps.ts";

export const ACCOUNT = { username: "ada", password: "analytical-engine" } as const;

export interface Credentials {
  client_id: string;
  client_secret: string;
}

export interface State {
  /** The `database` of the configuration. */
  database: string;
  printly: Credentials;
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

function credentialsIn(folder: string): Pick<State, "printly"> {
  const file = join(folder, CREDENTIALS);
  const known: unknown = existsSync(file) ? parse(readFileSync(file, "utf8")) : null;
  const printly = secretOf(known) ?? makeSecret(0).secret;
  writeFileSync(file, `${JSON.stringify({ printly }, null, 2)}\n`, { mode: 0o600 });
  return { printly: { client_id: "printly", client_secret: printly } };
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

function secretOf(known: unknown): string | null {
  if (typeof known !== "object" || known === null || !("printly" in known)) return null;
  const { printly } = known;
  return typeof printly === "string" && printly.startsWith("vks_") ? printly : null;
}

/** Creates or updates the person and the apps for the addresses of this run. */
export async function plant(
  { server }: AuthorizationServer,
  { printly }: State,
  app: { printly_url: string; logo: string },
): Promise<{ password_is_known: boolean }> {
  const now = Math.floor(server.clock() / 1000);
  await put(server.store, printlyOf(printly, { ...app, now }));
  await put(server.store, toolOf(now));
  const ada = await server.users.findByLogin(ACCOUNT.username);
  if (!ada) await addAda(server.store, server.clock());
  const known = !ada || (await server.users.verifyPassword(ada, ACCOUNT.password));
  return { password_is_known: known };
}

type Store = AuthorizationServer["server"]["store"];

type Metadata = ClientRecord["metadata"];

const parsed = (metadata: Record<string, unknown>): Metadata =>
  parseClientMetadata(metadata, { ...acceptedMetadata(FEATURES), short_schemes: [] });

function printlyOf(
  { client_id, client_secret }: Credentials,
  { printly_url, logo, now }: { printly_url: string; logo: string; now: number },
): ClientRecord {
  const metadata = parsed({
    client_name: "Printly",
    client_uri: printly_url,
    redirect_uris: [`${printly_url}/auth/callback`],
    grant_types: ["authorization_code", "refresh_token"],
    scope: "openid profile photos.read photos.write",
  });
  // Only an operator may set a picture as a `data:` URL, and the demo acts as the operator.
  const logo_uri = `data:image/svg+xml;base64,${Buffer.from(logo).toString("base64")}`;
  return {
    ...clientOf(client_id, { ...metadata, logo_uri }, now),
    secrets: [{ hash: sha256(client_secret), created_at: now, expires_at: null }],
  };
}

const toolOf = (now: number): ClientRecord =>
  clientOf(
    TOOL,
    parsed({
      client_name: "Snaps in your terminal",
      application_type: "native",
      token_endpoint_auth_method: "none",
      redirect_uris: ["http://127.0.0.1/callback"],
      grant_types: [
        ...["authorization_code", "refresh_token"],
        "urn:ietf:params:oauth:grant-type:device_code",
      ],
      scope: "openid profile offline_access photos.read photos.write",
    }),
    now,
  );

const clientOf = (client_id: string, metadata: Metadata, now: number): ClientRecord => ({
  ...{ client_id, metadata, secrets: [], created_by: "operator", owner_sub: null },
  ...{ trusted: false, require_pkce: true, resource: null, created_at: now, disabled_at: null },
  ...{ ends_before: null, logo: null, sector: null, set_by_operator: [] },
  registration_hash: null,
});

async function put(store: Store, client: ClientRecord): Promise<void> {
  const before = await store.findClient(client.client_id);
  if (before) await store.updateClient({ ...client, created_at: before.created_at });
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
  // Codes and notices go to a verified address only; the demo prints them.
  const claims = { ...account.claims, email_verified: true };
  await store.createAccount({ ...account, claims }, loginsOf(account));
}
