/** Changes to a client: its metadata, its secret, and whether it is disabled. */
import { isDeepStrictEqual } from "node:util";
import { faceChanges } from "../oauth/client_face.ts";
import { OAuthError } from "../oauth/errors.ts";
import { isPairwise } from "../oauth/subject_type.ts";
import { type Actor, type Env, eventOf, secondsNow } from "../operation.ts";
import { type AuditEventName, difference, type Members } from "../store/audit.ts";
import { everyRecord } from "../store/pages.ts";
import type { ClientRecord } from "../store/records.ts";
import { faceOf } from "./client_face.ts";
import { registeredScope } from "./client_scope.ts";
import { makeSecret, usesSecret, withNewSecret } from "./client_secret.ts";
import type { NewClient } from "./create_client.ts";
import { describeClient } from "./describe_client.ts";
import { logoJobs } from "./logo.ts";
import { decidedDocument, ownDocument, setByOperator } from "./own_document.ts";
import {
  type ClientDocument,
  type ClientEnv,
  type ClientSettings,
  checkMay,
  checkMayDecide,
  documentOf,
  judgeClient,
  withoutPrivileges,
} from "./rules.ts";
import { sectorOf } from "./sector.ts";

/** The client was changed or removed since it was read, so nothing was changed. */
type ChangedMeanwhile = "changed_meanwhile";

/**
 * Changes the settings of a client. A client that newly needs a secret gets one; a client with another authentication
 * method loses its secrets.
 * @param input.client as it was read: a change of one part must not undo a concurrent change of another part
 * @param input.change members of a `ClientDocument`; null removes a member
 * @param input.replace all other members get their defaults; otherwise they stay. What an operator has set stays over
 * each change by others
 * @throws OAuthError that names the wrong member
 */
export async function changeClient(
  { client, change, replace = false }: { client: ClientRecord; change: object; replace?: boolean },
  by: Actor,
  env: ClientEnv,
): Promise<NewClient | ChangedMeanwhile> {
  checkMayDecide(change, by);
  if (client.created_by === "metadata_document")
    throw new OAuthError("access_denied", "the client is described by the document at its id", {
      status: 403,
    });
  const ofOperator = by.kind === "operator";
  const said = ofOperator ? change : ownDocument(change, client);
  const decided = ofOperator ? {} : decidedDocument(client);
  const document = replace ? { ...decided, ...said } : merged(documentOf(client), said);
  const { created_by } = client;
  const registered_scope = registeredScope(client) ?? [];
  const judge = (given: object) => judgeClient(given, { by, created_by, env, registered_scope });
  const judged = judge(document);
  // The operator's trust was in the client as it was: the new one has what any client of its kind has.
  const settings = isNewFace(client, judged, by) ? judge(withoutPrivileges(document)) : judged;
  const { client_secret, secrets } = secretsFor(settings, client, secondsNow(env));
  // The logo of another address is fetched anew.
  const isSameLogo = settings.metadata.logo_uri === client.metadata.logo_uri;
  const logo = isSameLogo ? client.logo : null;
  const sector = await sectorOf(settings.metadata, { before: client, by, outbound: env.outbound });
  const named = replace ? [] : Object.keys(change);
  const set_by_operator = ofOperator
    ? setByOperator(client, settings, named)
    : client.set_by_operator;
  const changed = { ...client, ...settings, set_by_operator, secrets, logo, sector };
  const withdrawn = membersThatDiffer(judged, settings);
  // Userinfo of a live grant would show another subject than its ID token did (OpenID Connect Core §5.3.2).
  const ends = isPairwise(client.metadata) !== isPairwise(changed.metadata);
  const details = {
    ...(withdrawn.length > 0 && { withdrawn }),
    ...(ends && { ended: ["grants"] }),
  };
  const written = await write("client_changed", { client, changed, details, ends }, { by, env });
  if (!written) return "changed_meanwhile";
  const stored = ends ? await env.store.findClient(client.client_id) : null;
  return { client: stored ?? changed, client_secret };
}

/** Whether people would be asked about the client again, and no operator has looked at the change. */
function isNewFace(before: ClientRecord, { metadata }: ClientSettings, by: Actor): boolean {
  const [seen, now] = [faceOf(before), faceOf({ ...before, metadata })];
  const isNew = seen !== null && now !== null && faceChanges(seen, now).length > 0;
  return isNew && by.kind !== "operator";
}

const membersThatDiffer = (some: ClientSettings, others: ClientSettings): string[] =>
  Object.keys(difference({ ...documentOf(some) }, { ...documentOf(others) }).before).sort();

/** The response types follow from the grants, unless the change sets both. */
function merged({ response_types, ...document }: ClientDocument, change: object): object {
  return "grant_types" in change
    ? { ...document, ...change }
    : { ...document, response_types, ...change };
}

function secretsFor(
  { metadata }: ClientSettings,
  { secrets }: ClientRecord,
  now: number,
): { client_secret: string | null; secrets: ClientRecord["secrets"] } {
  if (!usesSecret(metadata)) return { client_secret: null, secrets: [] };
  if (secrets.length > 0) return { client_secret: null, secrets };
  const { secret, kept } = makeSecret(now);
  return { client_secret: secret, secrets: [kept] };
}

export interface NewSecret extends NewClient {
  client_secret: string;
  /** Seconds since the epoch until which the old secret works. */
  old_secret_until: number;
}

/**
 * Makes a new secret.
 * @param input.keep_old the old secret works for `lifetimes.client_secret_overlap` more; otherwise it ends now
 * @returns `no_secret`: the client has another authentication method
 */
export async function rotateSecret(
  { client, keep_old }: { client: ClientRecord; keep_old: boolean },
  by: Actor,
  env: Env,
): Promise<NewSecret | "no_secret" | ChangedMeanwhile> {
  if (!usesSecret(client.metadata)) return "no_secret";
  const now = secondsNow(env);
  const overlap = keep_old ? env.settings.lifetimes.client_secret_overlap : 0;
  const { secret: client_secret, secrets } = withNewSecret(client.secrets, { now, overlap });
  const changed = { ...client, secrets };
  if (!(await write("client_secret_changed", { client, changed }, { by, env })))
    return "changed_meanwhile";
  return { client: changed, client_secret, old_secret_until: now + overlap };
}

/**
 * Disables a client, so that its grants and tokens no longer hold; or enables it, so that those that were not revoked
 * hold again.
 */
export async function setClientDisabled(
  { client, disabled }: { client: ClientRecord; disabled: boolean },
  by: Actor,
  env: Env,
): Promise<ClientRecord | ChangedMeanwhile> {
  const disabled_at = disabled ? (client.disabled_at ?? secondsNow(env)) : null;
  const changed = { ...client, disabled_at };
  const event = disabled ? "client_disabled" : "client_enabled";
  return (await write(event, { client, changed }, { by, env })) ? changed : "changed_meanwhile";
}

/**
 * Disables the apps that a person registered, or enables those that were disabled at the same moment as the person.
 * @param input.disabled_at the time at which the person was disabled
 * @returns the number of changed apps
 */
export async function setAppsDisabled(
  { sub, disabled, disabled_at }: { sub: string; disabled: boolean; disabled_at: number | null },
  by: Actor,
  env: Env,
): Promise<number> {
  let changed = 0;
  const apps = everyRecord<ClientRecord>((page) =>
    env.store.listClients({ owner_sub: sub, ...page }),
  );
  for await (const client of apps) {
    if (client.disabled_at !== (disabled ? null : disabled_at)) continue;
    const event = disabled ? "client_disabled" : "client_enabled";
    const after = { ...client, disabled_at: disabled ? disabled_at : null };
    if (await write(event, { client, changed: after }, { by, env })) changed += 1;
  }
  return changed;
}

interface Changed {
  client: ClientRecord;
  changed: ClientRecord;
  details?: Members;
  /** Whether all grants and tokens of the client end. */
  ends?: boolean;
}

/** A change without an effect writes neither a row nor an event. */
async function write(
  event: AuditEventName,
  { client, changed, details = {}, ends = false }: Changed,
  { by, env }: { by: Actor; env: Env },
): Promise<boolean> {
  checkMay(client, by);
  // Compared as a whole: two secrets of the same second have the same description.
  if (isDeepStrictEqual(client, changed)) return true;
  const what = difference(describeClient(client), describeClient(changed));
  const { client_id, owner_sub: sub } = client;
  const events = [eventOf(event, { by, sub, client_id, ...what, details }, env)];
  const isSameLogo = changed.metadata.logo_uri === client.metadata.logo_uri;
  const jobs = isSameLogo ? [] : logoJobs(changed, env);
  const ending = ends && { ends: { now: secondsNow(env), grants: true } };
  return env.store.updateClient(changed, { before: client, events, jobs, ...ending });
}
