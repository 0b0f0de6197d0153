/** The people and clients that a test issuer begins with. */
import { hash } from "@node-rs/argon2";
import { createClient } from "../clients/create_client.ts";
import {
  type ClientInformation,
  clientInformation,
  usualGrantTypes,
} from "../clients/new_client.ts";
import type { Server } from "../context.ts";
import { sha256 } from "../crypto/hash.ts";
import { loginsOf, newAccount, verifiedEmail } from "../people/account.ts";
import type { TestClient, TestUser } from "./test_issuer.ts";

export const PASSWORD = "correct horse battery";
/** The least that Argon2id allows: nothing is kept secret here. */
const CHEAP = { memoryCost: 8, timeCost: 1, parallelism: 1 };
let password_hash: Promise<string> | null = null;

export const ADA: TestUser = {
  username: "ada",
  claims: { name: "Ada Lovelace", email: "ada@example.com", email_verified: true },
};

/** @returns the `sub` of each person, by user name. @throws Error for a name that is there twice */
export async function addPeople(
  users: readonly TestUser[],
  { store, clock }: Server,
): Promise<Map<string, string>> {
  password_hash ??= hash(PASSWORD, CHEAP);
  const hashed = await password_hash;
  const subs = new Map<string, string>();
  for (const { username, claims: given = {} } of users) {
    const claims = { ...given };
    const login_email = verifiedEmail(claims);
    const rest = { password_hash: hashed, login_email, now_ms: clock() };
    const account = { ...newAccount({ username, is_admin: false }, rest), claims };
    if (!(await store.createAccount(account, loginsOf(account))))
      throw new Error(`users: ${username} or their e-mail address is there twice`);
    subs.set(username, account.sub);
  }
  return subs;
}

/** @throws OAuthError for metadata that the server refuses, Error for an id that is there twice */
export async function addClient(
  { client_id, client_secret, ...given }: TestClient,
  server: Server,
): Promise<ClientInformation> {
  const document = { grant_types: usualGrantTypes(given), ...given };
  const by = { kind: "operator", id: null, via: "code" } as const;
  const made = await createClient({ document, client_id }, by, server);
  if (typeof made === "string") throw new Error(`clients: the id ${client_id} is ${made}`);
  const { client } = made;
  if (client_secret === undefined || made.client_secret === null)
    return clientInformation(client, made.client_secret);
  const secrets = [
    { hash: sha256(client_secret), created_at: client.created_at, expires_at: null },
  ];
  await server.store.updateClient({ ...client, secrets }, { before: client });
  return clientInformation(client, client_secret);
}
