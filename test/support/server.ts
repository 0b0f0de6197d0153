/** A real server on SQLite in memory, with a clock that tests set, and people and clients to use it. */

import {
  type AuthorizationServer,
  createAuthorizationServer,
  type Runtime,
} from "../../src/authorization_server.ts";
import { makeSecret } from "../../src/clients/client_secret.ts";
import type { Config } from "../../src/config.ts";
import type { Context, Log, LogFields } from "../../src/context.ts";
import { parseClientMetadata } from "../../src/oauth/client_metadata.ts";
import { loginsOf, newAccount } from "../../src/people/account.ts";
import { hashPassword } from "../../src/people/password.ts";
import type { ClientRecord } from "../../src/store/records.ts";
import { PASSWORD } from "../../src/testing/seed.ts";
import { RULES } from "./client_rules.ts";

/** Of all test people, those of `startIssuer` too: the test browser signs in to both. */
export { PASSWORD };

export const ISSUER = "https://as.test";
export const SNAPS = "https://snaps.test/api";
export const PRINTS = "https://prints.test/api";
/** A round moment from which the tests' clock starts. */
export const START = 1_800_000_000;

export const CONFIG = {
  issuer: ISSUER,
  database: "sqlite::memory:",
  // The tests' clock stands still, and all of them come from one network.
  rate_limits: { fetches: 0 },
  scopes: {
    "photos.read": "See your photos",
    "photos.write": "Add and change your photos",
    "prints.order": "Order prints",
    "notes.read": "See your notes",
  },
  resources: {
    [SNAPS]: { name: "Snaps", scopes: ["photos.read", "photos.write"] },
    [PRINTS]: { name: "Prints", scopes: ["prints.order"], access_token: "opaque" },
  },
} satisfies Config;

export interface LogLine {
  level: keyof Log;
  event: string;
  fields: LogFields;
}

export interface TestServer extends AuthorizationServer, AsyncDisposable {
  /** Seconds since the epoch; moved by `advance`. */
  now(): number;
  advance(seconds: number): void;
  /** Everything that was logged. */
  lines: LogLine[];
  addClient(metadata: object, options?: Partial<ClientRecord>): Promise<TestClient>;
  addUser(username: string, options?: { claims?: object; is_admin?: boolean }): Promise<string>;
}

export interface TestClient {
  client_id: string;
  client_secret: string;
  record: ClientRecord;
}

/** Closes with `await using` or `close()`. */
export async function testServer(config: Config = {}, runtime: Runtime = {}): Promise<TestServer> {
  let time = START;
  const lines: LogLine[] = [];
  const write =
    (level: keyof Log) =>
    (event: string, fields: LogFields = {}) => {
      lines.push({ level, event, fields });
    };
  const log = { info: write("info"), warn: write("warn"), error: write("error") };
  const clock = runtime.clock ?? (() => time * 1000);
  const now = () => Math.floor(clock() / 1000);
  const server = createAuthorizationServer({ ...CONFIG, ...config }, { log, ...runtime, clock });
  await server.ready;
  const { store } = server.server;
  let count = 0;

  return {
    ...server,
    [Symbol.asyncDispose]: server.close,
    lines,
    now,
    advance(seconds) {
      time += seconds;
    },

    async addClient(metadata, options = {}) {
      const { secret, kept } = makeSecret(now());
      count += 1;
      const parsed = parseClientMetadata(metadata, RULES);
      const method = parsed.token_endpoint_auth_method;
      const record: ClientRecord = {
        client_id: `client-${count}`,
        metadata: parsed,
        secrets: method.startsWith("client_secret") ? [kept] : [],
        created_by: "operator",
        owner_sub: null,
        trusted: false,
        require_pkce: true,
        resource: null,
        created_at: now(),
        disabled_at: null,
        ends_before: null,
        logo: null,
        sector: null,
        set_by_operator: [],
        registration_hash: null,
        ...options,
      };
      await store.createClient(record);
      return { client_id: record.client_id, client_secret: secret, record };
    },

    async addUser(username, { claims = {}, is_admin = false } = {}) {
      password_hash ??= hashPassword(PASSWORD);
      const account = newAccount(
        { username, is_admin },
        { password_hash: await password_hash, login_email: null, now_ms: clock() },
      );
      await store.createAccount({ ...account, claims: { ...claims } }, loginsOf(account));
      return account.sub;
    },
  };
}

/** Hashing takes 20 ms: once is enough for all test people. */
let password_hash: Promise<string> | null = null;

/** The environment of a request, for tests below the endpoints. */
export const contextOf = ({ server }: TestServer, now = START, epoch = 1): Context => ({
  ...server,
  now,
  now_ms: now * 1000,
  epoch,
  event_id: "test",
  address: "",
});

/** Metadata of the clients that most tests need. */
export const WEB = {
  client_name: "Printly",
  client_uri: "https://printly.test",
  redirect_uris: ["https://printly.test/callback"],
  grant_types: ["authorization_code", "refresh_token"],
};
export const NATIVE = {
  client_name: "Snapshot CLI",
  application_type: "native",
  token_endpoint_auth_method: "none",
  redirect_uris: ["http://127.0.0.1/callback"],
  grant_types: ["authorization_code", "refresh_token"],
};
export const SERVICE = {
  client_name: "Nightly job",
  redirect_uris: [],
  response_types: [],
  grant_types: ["client_credentials"],
};
