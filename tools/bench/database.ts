/** A prepared database with an app and a person. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createAuthorizationServer } from "../../src/authorization_server.ts";
import { loginsOf, newAccount } from "../../src/people/account.ts";
import { hashPassword } from "../../src/people/password.ts";
import { API, csrfIn, type Material, PASSWORD, USERNAME } from "./scenarios.ts";

export interface Prepared {
  database: string;
  /** Configuration file. */
  config: string;
  /** The material for the app's requests to this port. */
  materialFor(port: number): Material;
}

export async function prepareDatabase(folder: string): Promise<Prepared> {
  const database = `sqlite:${join(folder, "existing.sqlite")}`;
  const settings = {
    scopes: { "photos.read": "See your photos" },
    resources: { [API]: { name: "Snaps", scopes: ["photos.read"] } },
    rate_limits: { client: 1e9, account: 1e9, address: 1e9, changes: 0 },
    // One person stands for all: their grants are not counted.
    limits: { grants: 0 },
    sign_in_limits: { account: 1e6, address: 1e6 },
  };
  const config = join(folder, "valetkey.config.json");
  writeFileSync(config, JSON.stringify(settings));
  const server = createAuthorizationServer({ ...settings, database });
  await server.ready;
  const client = await server.registerClient({ grant_types: ["client_credentials"] });
  const account = newAccount(
    { username: USERNAME, is_admin: true },
    { password_hash: await hashPassword(PASSWORD), login_email: null, now_ms: Date.now() },
  );
  await server.server.store.createAccount(account, loginsOf(account));
  await server.close();
  const { client_id, client_secret = "" } = client;
  const basic = Buffer.from(`${client_id}:${client_secret}`).toString("base64");
  return {
    database,
    config,
    materialFor: (port) => ({
      port,
      client_id,
      authorization: `Basic ${basic}`,
      cookie: `valetkey_browser_${port}=${"b".repeat(22)}`,
      tokens: [],
    }),
  };
}

/** Adds the fields of the sign-in form, once for each connection. */
export async function signInMaterial(material: Material, connections: number): Promise<Material> {
  const { port, cookie } = material;
  const response = await fetch(`http://127.0.0.1:${port}/sign-in`, { headers: { cookie } });
  const csrf = csrfIn(await response.text());
  return { ...material, tokens: Array.from({ length: connections }, () => csrf) };
}
