/** What an operator changes by command is noted in the same breath: whichever command it is. */
import { userInfo } from "node:os";
import { type AuditEventName, type AuditRecord, auditEvent } from "../store/audit.ts";
import { methodsOf } from "../store/methods.ts";
import type { AccountRecord, ClientRecord } from "../store/records.ts";
import type { Store } from "../store/store.ts";

type About = Partial<Pick<AuditRecord, "sub" | "client_id" | "details">>;

export function auditedStore(
  store: Store,
  { now_ms, retention }: { now_ms: number; retention: number },
): Store {
  const events = (event: AuditEventName, { details = {}, ...about }: About) => {
    const audited = {
      actor: "operator" as const,
      ...about,
      details: { ...details, system_user: systemUser() },
    };
    return { events: [auditEvent(event, audited, { now_ms, retention })] };
  };
  return {
    ...methodsOf(store),
    createClient: (client) =>
      store.createClient(client, events("client_created", { client_id: client.client_id })),
    updateClient: (client, change = {}) =>
      store.updateClient(client, {
        ...change,
        ...events(clientEvent(client, change.before), {
          client_id: client.client_id,
          details: { changed: changedIn(client, change.before) },
        }),
      }),
    removeClient: (client_id, now) =>
      store.removeClient(client_id, now, events("client_removed", { client_id })),
    createAccount: (account, logins, options = {}) =>
      store.createAccount(account, logins, {
        ...options,
        ...events("user_created", { sub: account.sub, details: { is_admin: account.is_admin } }),
      }),
    updateAccount: (account, logins, change = {}) =>
      store.updateAccount(account, logins, {
        ...change,
        ...events(accountEvent(account, change.before), {
          sub: account.sub,
          details: { changed: changedIn(account, change.before) },
        }),
      }),
    removeAccount: (sub, now) => store.removeAccount(sub, now, events("user_removed", { sub })),
    addSigningKey: (key, unless_after) =>
      store.addSigningKey(
        key,
        unless_after,
        events("signing_key_added", {
          details: { kid: key.kid, alg: key.alg, signs_at: key.signs_at },
        }),
      ),
    retireSigningKey: (kid, now) =>
      store.retireSigningKey(kid, now, events("signing_key_retired", { details: { kid } })),
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

/** The user at the machine; in a container there may be no name. */
function systemUser(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}
