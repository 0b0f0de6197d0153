/** `startIssuer`: the real server in memory, for tests. */
import {
  type AuthorizationServer,
  type ClientInformation,
  createAuthorizationServer,
} from "../authorization_server.ts";
import { type Config, parseConfig } from "../config.ts";
import type { Log, Server } from "../context.ts";
import { randomText } from "../crypto/hash.ts";
import { serverSecrets } from "../crypto/server_secret.ts";
import { type HttpServer, httpServer } from "../node/http_server.ts";
import { RACING } from "../oauth/ended.ts";
import { sqlStore } from "../store/sql/store.ts";
import { sqliteDriver } from "../store/sqlite/driver.ts";
import type { Send } from "./browser.ts";
import { changeKeys, endAccessOf, endAllAccess } from "./changes.ts";
import { createClock, type TestClock } from "./clock.ts";
import { listenerOf } from "./door.ts";
import { createFaults } from "./faults.ts";
import type { Manner } from "./person.ts";
import { ADA, addClient, addPeople, PASSWORD } from "./seed.ts";
import { callbackOf, cookieOf, cookiesOf } from "./sign_in.ts";
import type { IssuerOptions, TestIssuer } from "./test_issuer.ts";
import { testKeys } from "./test_keys.ts";
import { tokenMaker } from "./test_token.ts";

const HOST = "127.0.0.1";

/** Refusals are the business of tests; a bug of the server is not. */
const LOG: Log = {
  info() {},
  warn() {},
  error: (event, fields) => console.error(JSON.stringify({ valetkey: event, ...fields })),
};

/** Limits would count a whole test suite as one person. */
const NO_LIMITS = { client: 0, account: 0, address: 0, changes: 0, verifications: 0, fetches: 0 };

/**
 * Starts the real authorization server in the memory of this process, on a free port of loopback, with test people and
 * signing keys that are the same each time. Several can run at once. It is for tests only: its keys are public.
 *
 * @example
 * await using issuer = await startIssuer();
 * const token = await issuer.tokenFor("ada", { audience: "http://localhost:3000" });
 * @throws ConfigError for a configuration, OAuthError for a client that the server refuses
 */
export async function startIssuer(options: IssuerOptions = {}): Promise<TestIssuer> {
  const { config = {}, clients = [], users = [ADA] } = options;
  const http = httpServer(parseConfig(config), LOG);
  const { port } = await http.listen({ host: HOST, port: 0 });
  let server: AuthorizationServer | null = null;
  try {
    const issuer = `http://${HOST}:${port}`;
    const clock = createClock();
    server = await createServer(configOf(config, issuer), clock.now);
    const subs = await addPeople(users, server.server);
    const registered: ClientInformation[] = [];
    for (const client of clients) registered.push(await addClient(client, server.server));
    return serve({ http, server, clock, subs, clients: registered, people: options.people });
  } catch (error) {
    await http.close();
    await server?.close();
    throw error;
  }
}

interface Started {
  http: HttpServer;
  server: AuthorizationServer;
  clock: TestClock;
  /** The `sub` of each person, by user name. */
  subs: ReadonlyMap<string, string>;
  clients: ClientInformation[];
  people: IssuerOptions["people"];
}

function serve({ http, server, clock, subs, clients, people = "approve" }: Started): TestIssuer {
  const { issuer } = server;
  const [otherwise = ""] = subs.keys();
  const subOf = (username: string): string => {
    const sub = subs.get(username);
    if (sub === undefined)
      throw new Error(`${username} is none of the users: ${[...subs.keys()].join(", ")}`);
    return sub;
  };
  const as = (username: string | null, decision: Manner["decision"]): Manner => ({
    ...{ issuer, username, otherwise, password: PASSWORD, decision },
  });
  const agreeing = async (username: string): Promise<Manner> => {
    subOf(username);
    await settled;
    return as(username, "allow");
  };
  const send: Send = (request) => server.fetch(request, { address: HOST });
  const requests: TestIssuer["requests"] = [];
  const { next: fateOf, ...faults } = createFaults();
  let settled: Promise<void> = Promise.resolve();
  const change = (make: (server: Server) => Promise<void>, more = 0): void => {
    // What ends, ends with the second in which it began, and the tokens of a client with some seconds more. Later
    // sign-ins are later than that.
    settled = settled.then(() => make(server.server)).then(() => clock.leaveSecond(more));
    // Each request after it reports the error.
    settled.catch(() => {});
  };
  const manner = people === "ask" ? null : as(null, people === "deny" ? "deny" : "allow");
  http.answerWith(listenerOf({ server, requests, fateOf, settled: () => settled, manner }));
  const tokensOf = tokenMaker(server.server);
  const close = async (): Promise<void> => {
    clock.reset();
    await http.close();
    await server.close();
  };
  return {
    ...{ issuer, clients, password: PASSWORD, requests, clock: { advance: clock.advance } },
    async addClient(client) {
      const added = await addClient(client, server.server);
      clients.push(added);
      return added;
    },
    subOf,
    async tokenFor(username, options) {
      const sub = subOf(username);
      await settled;
      return tokensOf(sub, options);
    },
    ...signInsOf({ agreeing, send, clients }),
    fault: {
      ...faults,
      rotateKeys: () => change(changeKeys),
      revoke(username) {
        const sub = subOf(username);
        change((server) => endAccessOf(sub, server));
      },
      expireAll: () => change(endAllAccess, RACING),
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface SignIns {
  /** Resolves when earlier changes are made. @throws Error for somebody who is not among the users */
  agreeing(username: string): Promise<Manner>;
  send: Send;
  clients: readonly ClientInformation[];
}

/** Sign-ins of one person, whatever `people` says about all. */
const signInsOf = ({
  agreeing,
  send,
  clients,
}: SignIns): Pick<TestIssuer, "callbackFor" | "cookieFor" | "signIn"> => ({
  callbackFor: async (url, username) => callbackOf(new URL(url), send, await agreeing(username)),
  async cookieFor(auth, username) {
    const manner = await agreeing(username);
    return cookieOf(auth, { origin: originOf(clients), send, manner });
  },
  async signIn(page, username) {
    const cookies = await cookiesOf(send, await agreeing(username));
    await page.context().addCookies(cookies);
  },
});

/** Where a client of these runs on this computer. */
const originOf = (clients: readonly ClientInformation[]): string => {
  const [first = "http://localhost"] = clients.flatMap(({ redirect_uris }) => redirect_uris);
  return new URL(first).origin;
};

const configOf = (
  { rate_limits, limits, ...config }: NonNullable<IssuerOptions["config"]>,
  issuer: string,
): Config => ({
  // Clients of a test publish their documents and receive their logouts on loopback.
  allow_private_fetch: true,
  ...config,
  ...{ issuer, database: "sqlite::memory:" },
  rate_limits: { ...NO_LIMITS, ...rate_limits },
  limits: { grants: 0, ...limits },
});

/** With its keys in the store from the start, the server makes none. */
async function createServer(config: Config, now: () => number): Promise<AuthorizationServer> {
  const secret = randomText(32);
  const store = sqlStore(sqliteDriver(":memory:"), parseConfig(config).lifetimes);
  await store.migrate();
  const seconds = Math.floor(now() / 1000);
  for (const key of testKeys(seconds, serverSecrets(secret)))
    await store.addSigningKey(key, seconds);
  const server = createAuthorizationServer(config, { store, secret, clock: now, log: LOG });
  await server.ready;
  return server;
}
