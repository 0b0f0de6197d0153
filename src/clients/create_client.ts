/** A new client: registered on a page, by command or in code. */
import { OAuthError } from "../oauth/errors.ts";
import { isPairwiseSubject } from "../oauth/subject_type.ts";
import { type Actor, type Env, eventOf, secondsNow } from "../operation.ts";
import type { ClientRecord } from "../store/records.ts";
import { describeClient } from "./describe_client.ts";
import { removeClient } from "./end_client.ts";
import { logoJobs } from "./logo.ts";
import { newClient } from "./new_client.ts";
import { type ClientEnv, checkMayDecide, judgeClient } from "./rules.ts";
import { sectorOf } from "./sector.ts";

/** Apps that one person can add. */
export const MOST_APPS = 100;

export interface NewClient {
  client: ClientRecord;
  /** Not stored: shown only here. Null: the client's method has no secret. */
  client_secret: string | null;
}

/**
 * Adds a client. A client that a person adds is their own app.
 * @param input.document submitted metadata of RFC 7591 and members of Valetkey
 * @param input.client_id a chosen id; left out: a random one
 * @returns `taken`: a client or a person has this id. `too_many`: the person has a hundred apps. `no_owner`: the person
 * was removed or disabled meanwhile
 * @throws OAuthError naming the member that is wrong
 */
export async function createClient(
  { document, client_id }: { document: unknown; client_id?: string | undefined },
  by: Actor,
  env: ClientEnv,
): Promise<NewClient | "taken" | "too_many" | "no_owner"> {
  const { store } = env;
  const owner_sub = by.kind === "person" ? by.id : null;
  const created_by = by.kind === "person" ? "user" : "operator";
  checkMayDecide(document, by);
  const problems = client_id === undefined ? [] : idProblems(client_id);
  const { metadata, ...options } = judgeClient(document, { by, created_by, env, problems });
  const now = secondsNow(env);
  const sector = await sectorOf(metadata, { before: null, outbound: env.outbound });
  const made = newClient(metadata, { now, created_by, owner_sub, sector, ...options });
  const client = { ...made.client, ...(client_id !== undefined && { client_id }) };
  if (client_id !== undefined && (await wasUsed(client_id, env))) client.ends_before = now;
  // The `sub` of a token may be a person or a client, so a client must not have the id of a person.
  if (client_id !== undefined && (await store.findAccount(client_id))) return "taken";
  if (owner_sub !== null && (await appsOf(owner_sub, env)) >= MOST_APPS) return "too_many";

  const { secrets: _, disabled_at: __, ...after } = describeClient(client);
  const about = { by, sub: owner_sub, client_id: client.client_id, after };
  const events = [eventOf("client_created", about, env)];
  // People of an app that embeds the server are not in this store.
  const owner_stands = owner_sub !== null && (await store.findAccount(owner_sub)) !== null;
  const jobs = logoJobs(client, env);
  if (!(await store.createClient(client, { owner_stands, events, jobs })))
    return owner_stands && !(await store.findClient(client.client_id)) ? "no_owner" : "taken";
  // Counted again, since several concurrent forms may each have seen room for one more.
  if (owner_sub !== null && (await appsOf(owner_sub, env)) > MOST_APPS) {
    await removeClient(client, by, env);
    return "too_many";
  }
  return { client, client_secret: made.client_secret };
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
