/** Printly's access to a person's photos: all of OAuth that an app needs, with oauth4webapi. */
import * as oauth from "oauth4webapi";
import type { RecordedFetch } from "../recorder.ts";
import type { Access, Connection, Pending, Session } from "./session.ts";
import { reach, Trouble, type TroubleKind } from "./trouble.ts";

export interface ConnectorOptions {
  /** The server that Printly is registered with. */
  issuer: string;
  /** The API, as tokens name it. */
  resource: string;
  redirect_uri: string;
  credentials: { client_id: string; client_secret: string };
}

export interface Connector {
  /**
   * Returns the address that asks the person for `scope`.
   * @param again also ask for permissions that they refused before
   */
  begin(session: Session, scope: string, again?: boolean): Promise<URL>;
  /** Handles the response that the person came back with. @throws Trouble */
  finish(session: Session, callback: URL): Promise<void>;
  /**
   * A fresh token for Snaps.
   * @throws Trouble `withdrawn` when the permission has ended, `not_allowed` when it does not include Snaps
   */
  renew(session: Session, connection: Connection): Promise<Access>;
  /** Gives the permission back. */
  disconnect(session: Session): Promise<void>;
}

/** Requests in progress of one visitor, such as in several tabs. */
const MOST_PENDING = 5;

export function connector(options: ConnectorOptions): Connector {
  const app: App = {
    options,
    client: { client_id: options.credentials.client_id },
    authentication: oauth.ClientSecretBasic(options.credentials.client_secret),
  };
  return {
    begin: (session, scope, again = false) => begin(app, session, { scope, again }),
    finish: (session, callback) => finish(app, session, callback),
    renew: (session, connection) => renew(app, session, connection),
    disconnect: (session) => disconnect(app, session),
  };
}

/** Printly, as the library knows it. */
interface App {
  readonly options: ConnectorOptions;
  readonly client: oauth.Client;
  readonly authentication: oauth.ClientAuth;
}

const http = (fetch: RecordedFetch) => ({
  // The demo runs on this computer over http; with https this line is not needed.
  [oauth.allowInsecureRequests]: true,
  [oauth.customFetch]: fetch,
});
const toServer = ({ recorder }: Session) => http(recorder.fetch("printly", "server"));

async function begin(
  { options, client }: App,
  session: Session,
  { scope, again }: { scope: string; again: boolean },
): Promise<URL> {
  const { issuer, resource, redirect_uri } = options;
  const { recorder, pending } = session;
  recorder.clear();
  recorder.chapter("Asking for your permission");
  await checkGuard(options, session);
  const as = await reach("server_down", () => discover(issuer, toServer(session)));
  if (as.authorization_endpoint === undefined) throw new Trouble("refused", "no such endpoint");
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  const code_verifier = oauth.generateRandomCodeVerifier();
  const [oldest] = pending.keys();
  if (pending.size >= MOST_PENDING && oldest !== undefined) pending.delete(oldest);
  pending.set(state, { as, code_verifier, nonce });
  const url = new URL(as.authorization_endpoint);
  url.search = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri,
    response_type: "code",
    scope,
    resource,
    state,
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(code_verifier),
    code_challenge_method: "S256",
    ...(again && { prompt: "consent" }),
  }).toString();
  recorder.front("printly", "server", url);
  return url;
}

/** Snaps names the server that it trusts (RFC 9728); Printly goes on only if it knows this server. */
async function checkGuard(
  { issuer, resource }: ConnectorOptions,
  { recorder }: Session,
): Promise<void> {
  const url = new URL(resource);
  const asked = http(recorder.fetch("printly", "snaps"));
  const response = await reach("snaps_down", () => oauth.resourceDiscoveryRequest(url, asked));
  const { authorization_servers } = await oauth.processResourceDiscoveryResponse(url, response);
  if (!authorization_servers?.includes(issuer))
    throw new Trouble("refused", "Snaps trusts a server that Printly is not registered with");
}

async function finish(app: App, session: Session, callback: URL): Promise<void> {
  const { client, authentication, options } = app;
  const { recorder, pending } = session;
  const state = callback.searchParams.get("state") ?? "";
  const asked = pending.get(state);
  if (!asked) throw new Trouble("stale", "no such state");
  pending.delete(state);
  recorder.front("server", "printly", callback);
  const { as, code_verifier } = asked;
  const parameters = readAnswer(as, client, callback, state);
  const response = await reach("server_down", () =>
    oauth.authorizationCodeGrantRequest(
      as,
      client,
      authentication,
      parameters,
      options.redirect_uri,
      code_verifier,
      // Each token is for one resource (RFC 8707). This one is for the server, to get the person's name.
      { ...toServer(session), additionalParameters: { resource: as.issuer } },
    ),
  );
  session.pictures.clear();
  session.connection = await readTokens(app, session, asked, response);
}

async function readTokens(
  { client }: App,
  session: Session,
  { as, nonce }: Pending,
  response: Response,
): Promise<Connection> {
  const tokens = await refusable(() =>
    oauth.processAuthorizationCodeResponse(as, client, response, {
      expectedNonce: nonce,
      requireIdToken: true,
    }),
  );
  // Over https the connection authenticates the ID token; over http its signature does.
  await oauth.validateApplicationLevelSignature(as, response, toServer(session));
  const { sub } = oauth.getValidatedIdTokenClaims(tokens) ?? {};
  const { refresh_token, access_token } = tokens;
  if (sub === undefined || refresh_token === undefined)
    throw new Trouble("refused", "the answer lacks a token");
  const answer = await oauth.userInfoRequest(as, client, access_token, toServer(session));
  const { name } = await oauth.processUserInfoResponse(as, client, sub, answer);
  return { as, sub, name: name ?? null, refresh_token, access: null };
}

/** The token for Snaps, fetched when it is needed and again when it has expired. */
async function renew(app: App, session: Session, connection: Connection): Promise<Access> {
  const { client, authentication, options } = app;
  const { as, refresh_token } = connection;
  const response = await reach("server_down", () =>
    oauth.refreshTokenGrantRequest(as, client, authentication, refresh_token, {
      ...toServer(session),
      additionalParameters: { resource: options.resource },
    }),
  );
  const tokens = await refusable(() => oauth.processRefreshTokenResponse(as, client, response));
  const { access_token, expires_in = 60, scope = "" } = tokens;
  connection.refresh_token = tokens.refresh_token ?? refresh_token;
  connection.access = {
    token: access_token,
    expires_at: Math.floor(Date.now() / 1000) + expires_in,
    scope: scope.split(" "),
  };
  return connection.access;
}

async function disconnect({ client, authentication }: App, session: Session): Promise<void> {
  const { connection } = session;
  if (!connection) return;
  // Forgotten here first, so that it holds even if the server fails.
  session.connection = null;
  session.pictures.clear();
  const { as, refresh_token } = connection;
  const response = await reach("server_down", () =>
    oauth.revocationRequest(as, client, authentication, refresh_token, toServer(session)),
  );
  await oauth.processRevocationResponse(response);
}

async function discover(
  issuer: string,
  options: oauth.DiscoveryRequestOptions,
): Promise<oauth.AuthorizationServer> {
  const url = new URL(issuer);
  return oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, options));
}

/** Checks `state` and `iss`, and turns an error into a Trouble. */
function readAnswer(
  as: oauth.AuthorizationServer,
  client: oauth.Client,
  callback: URL,
  state: string,
): URLSearchParams {
  try {
    return oauth.validateAuthResponse(as, client, callback, state);
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError)
      throw new Trouble(error.error === "access_denied" ? "denied" : "refused", error.error);
    if (error instanceof oauth.OperationProcessingError)
      throw new Trouble("refused", error.message, { cause: error });
    throw error;
  }
}

/** The meaning of the server's refusals to Printly; the rest is for developers. */
const MEANINGS: Readonly<Record<string, TroubleKind>> = {
  invalid_grant: "withdrawn",
  invalid_target: "not_allowed",
};

async function refusable<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof oauth.ResponseBodyError)
      throw new Trouble(MEANINGS[error.error] ?? "refused", error.error);
    if (
      error instanceof oauth.OperationProcessingError ||
      error instanceof oauth.WWWAuthenticateChallengeError
    )
      throw new Trouble("refused", error.message, { cause: error });
    throw error;
  }
}
