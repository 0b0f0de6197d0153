/** What an operator changes by command is noted in the same breath: whichever command it is. */
import { userInfo } from "node:os";
import { uuidv7 } from "../crypto/hash.ts";
import type { AuditEventName, AuditRecord } from "../store/audit.ts";
import type { AccountRecord, ClientRecord } from "../store/records.ts";
import type { Store } from "../store/store.ts";

type About = Partial<Pick<AuditRecord, "sub" | "client_id" | "details">>;

export function auditedStore(
  store: Store,
  { now_ms, retention }: { now_ms: number; retention: number },
): Store {
  const at = Math.floor(now_ms / 1000);

  async function note(event: AuditEventName, { details = {}, ...about }: About): Promise<void> {
    const record: AuditRecord = {
      audit_id: uuidv7(now_ms),
      at,
      event,
      actor: "operator",
      sub: null,
      client_id: null,
      event_id: null,
      address: null,
      ...about,
      details: { ...details, system_user: systemUser() },
      expires_at: at + retention,
    };
    await store.appendAudit([record]);
  }

  /** Notes only what has happened. */
  async function noted(done: boolean, event: AuditEventName, about: About): Promise<boolean> {
    if (done) await note(event, about);
    return done;
  }

  return {
    ...store,
    createClient: async (client) =>
      noted(await store.createClient(client), "client_created", { client_id: client.client_id }),
    updateClient: async (client, before) =>
      noted(await store.updateClient(client, before), clientEvent(client, before), {
        client_id: client.client_id,
        details: { changed: changedIn(client, before) },
      }),
    removeClient: async (client_id, now) =>
      noted(await store.removeClient(client_id, now), "client_removed", { client_id }),
    createAccount: async (account, logins, only_as_first) =>
      noted(await store.createAccount(account, logins, only_as_first), "user_created", {
        sub: account.sub,
        details: { is_admin: account.is_admin },
      }),
    updateAccount: async (account, logins, before) =>
      noted(await store.updateAccount(account, logins, before), accountEvent(account, before), {
        sub: account.sub,
        details: { changed: changedIn(account, before) },
      }),
    removeAccount: async (sub, now) =>
      noted(await store.removeAccount(sub, now), "user_removed", { sub }),
    addSigningKey: async (key, unless_after) =>
      noted(await store.addSigningKey(key, unless_after), "signing_key_added", {
        details: { kid: key.kid, alg: key.alg, signs_at: key.signs_at },
      }),
    retireSigningKey: async (kid, now) =>
      noted(await store.retireSigningKey(kid, now), "signing_key_retired", { details: { kid } }),
  };
}

/** Names of fields only: what stands in them may be a secret. */
function changedIn<T extends object>(after: T, before: T | undefined): string[] {
  if (!before) return [];
  const old = new Map<string, unknown>(Object.entries(before));
  const differs = (name: string, value: unknown) =>
    JSON.stringify(value) !== JSON.stringify(old.get(name));
  return Object.entries(after).flatMap(([name, value]) => (differs(name, value) ? [name] : []));
}

function clientEvent(after: ClientRecord, before?: ClientRecord): AuditEventName {
  const changed = changedIn(after, before);
  if (changed.includes("disabled_at"))
    return after.disabled_at === null ? "client_enabled" : "client_disabled";
  return changed.includes("secrets") ? "client_secret_changed" : "client_changed";
}

function accountEvent(after: AccountRecord, before?: AccountRecord): AuditEventName {
  const changed = changedIn(after, before);
  if (changed.includes("disabled_at"))
    return after.disabled_at === null ? "user_enabled" : "user_disabled";
  return changed.includes("password_hash") ? "password_changed" : "user_changed";
}

/** Who sat at the machine; in a container there may be no name. */
function systemUser(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}
