/** A new client: registered on a page, by command or in code. */
import { OAuthError } from "../oauth/errors.ts";
import { isPairwiseSubject } from "../oauth/subject_type.ts";
import { type Actor, type Env, eventOf, secondsNow } from "../operation.ts";
import type { Members } from "../store/audit.ts";
import type { ClientRecord, InitialAccessToken } from "../store/records.ts";
import type { Alongside } from "../store/store.ts";
import { describeClient } from "./describe_client.ts";
import { removeClient } from "./end_client.ts";
import { UNUSED_LIFE } from "./keep_client.ts";
import { logoJobs } from "./logo.ts";
import { newClient } from "./new_client.ts";
import { ownDocument } from "./own_document.ts";
import { makeRegistrationToken } from "./registration_token.ts";
import { type ClientEnv, checkMayDecide, judgeClient } from "./rules.ts";
import { sectorOf } from "./sector.ts";

/** Apps that one person can add. */
export const MOST_APPS = 100;

export interface NewClient {
  client: ClientRecord;
  /** Not stored: shown only here. Null: the client's method has no secret. */
  client_secret: string | null;
}

export interface ClientInput {
  /** Submitted metadata of RFC 7591 and members of Valetkey. */
  document: unknown;
  /** A chosen id; left out: a random one. */
  client_id?: string | undefined;
}

const ORIGINS = { person: "user", client: "registration", operator: "operator" } as const;

/**
 * Adds a client. A client that a person adds is their own app. One that registers itself is added by `registerItself`.
 * @returns `taken`: a client or a person has this id. `too_many`: the person has a hundred apps. `no_owner`: the person
 * was removed or disabled meanwhile
 * @throws OAuthError naming the member that is wrong
 */
export async function createClient(
  { document, client_id }: ClientInput,
  by: Actor,
  env: ClientEnv,
): Promise<NewClient | "taken" | "too_many" | "no_owner"> {
  const { store } = env;
  const owner_sub = by.kind === "person" ? by.id : null;
  const made = await makeClient({ document, client_id, owner_sub }, by, env);
  const { client } = made;
  if (client_id !== undefined && (await wasUsed(client_id, env)))
    client.ends_before = client.created_at;
  // The `sub` of a token may be a person or a client, so a client must not have the id of a person.
  if (client_id !== undefined && (await store.findAccount(client_id))) return "taken";
  if (owner_sub !== null && (await appsOf(owner_sub, env)) >= MOST_APPS) return "too_many";

  // People of an app that embeds the server are not in this store.
  const owner_stands = owner_sub !== null && (await store.findAccount(owner_sub)) !== null;
  const alongside = alongsideOf(client, by, env);
  if (!(await store.createClient(client, { owner_stands, ...alongside })))
    return owner_stands && !(await store.findClient(client.client_id)) ? "no_owner" : "taken";
  // Counted again, since several concurrent forms may each have seen room for one more.
  if (owner_sub !== null && (await appsOf(owner_sub, env)) > MOST_APPS) {
    await removeClient(client, by, env);
    return "too_many";
  }
  return made;
}

export interface RegisteredItself extends NewClient {
  /** Not stored: shown only here. */
  registration_access_token: string;
}

/**
 * Adds a client that registers itself (RFC 7591). It is removed after a day, unless somebody agrees to it
 * (keep_client.ts).
 * @param input.token takes one use of it; null: everybody may register
 * @param by a client without an id
 * @returns `spent`: the token was used up, or has ended meanwhile
 * @throws OAuthError naming the member that is wrong
 */
export async function registerItself(
  { document, token }: { document: object; token: Pick<InitialAccessToken, "token_id"> | null },
  by: Actor,
  env: ClientEnv,
): Promise<RegisteredItself | "spent"> {
  const { token: registration_access_token, hash: registration_hash } = makeRegistrationToken();
  const own = ownDocument(document, null);
  const made = await makeClient({ document: own, owner_sub: null, registration_hash }, by, env);
  const { client } = made;
  const { created_at: now } = client;
  const spends = token && { token_id: token.token_id, now };
  const written = await env.store.createClient(client, {
    expires_at: now + UNUSED_LIFE,
    ...(spends && { spends }),
    ...alongsideOf(client, by, env, spends ? { initial_access_token: spends.token_id } : {}),
  });
  // Nobody has this random id, so it was the token.
  return written ? { ...made, registration_access_token } : "spent";
}

/** Judges the document, and makes the record. */
async function makeClient(
  {
    document,
    client_id,
    ...of
  }: ClientInput &
    Pick<ClientRecord, "owner_sub"> &
    Partial<Pick<ClientRecord, "registration_hash">>,
  by: Actor,
  env: ClientEnv,
): Promise<NewClient> {
  const created_by = ORIGINS[by.kind];
  checkMayDecide(document, by);
  const problems = client_id === undefined ? [] : idProblems(client_id);
  const { metadata, ...options } = judgeClient(document, { by, created_by, env, problems });
  const now = secondsNow(env);
  const sector = await sectorOf(metadata, { before: null, by, outbound: env.outbound });
  const made = newClient(metadata, { now, created_by, sector, ...of, ...options });
  return client_id === undefined ? made : { ...made, client: { ...made.client, client_id } };
}

/** The event and the jobs that are written with a new client. */
function alongsideOf(
  client: ClientRecord,
  by: Actor,
  env: ClientEnv,
  details: Members = {},
): Alongside {
  const { secrets: _, disabled_at: __, ...after } = describeClient(client);
  const { client_id, owner_sub: sub } = client;
  const about = { by, sub, client_id, after, details };
  return { events: [eventOf("client_created", about, env)], jobs: logoJobs(client, env) };
}

/** A removed client had this id. Its grants and tokens hold no longer, even if the job that ends them still waits. */
const wasUsed = async (client_id: string, { store }: Env): Promise<boolean> =>
  (await store.listAudit({ client_id, limit: 1 })).length > 0;

const appsOf = async (owner_sub: string, { store }: Env): Promise<number> =>
  (await store.listClients({ owner_sub, limit: MOST_APPS + 1 })).length;

function idProblems(client_id: string): OAuthError[] {
  const may = /^[A-Za-z0-9_][A-Za-z0-9._~-]{0,99}$/.test(client_id);
  if (may && !isPairwiseSubject(client_id)) return [];
  const problem =
    "client_id can't be an id: write up to 100 letters, digits and . _ ~ -, and a letter or digit first";
  const about = { parameter: "client_id", reason: { client_id } };
  return [new OAuthError("invalid_client_metadata", problem, about)];
}
