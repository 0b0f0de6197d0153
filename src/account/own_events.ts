/** The latest events of a signed-in person. */
import { appIdentity } from "../clients/app_identity.ts";
import type { Context } from "../context.ts";
import { knownNetwork } from "../http/network.ts";
import type { EventKind, EventView } from "../pages/account/events_card.ts";
import type { AuditEventName, AuditRecord } from "../store/audit.ts";

const MOST = 30;
/** Some events mean nothing to people, so a few more are read. */
const READ = 60;

/** Events of a factor are told by its kind. */
const KINDS: Partial<Record<AuditEventName, EventKind>> = {
  signed_in: "signed_in",
  session_ended: "session_ended",
  password_changed: "password_changed",
  recovery_code_used: "recovery_code_used",
  recovery_codes_renewed: "recovery_codes_renewed",
  consent_given: "consent_given",
  consent_removed: "consent_removed",
  token_revoked: "access_ended",
  user_revoked: "access_ended",
  code_reused: "key_reused",
  refresh_token_reused: "key_reused",
  user_created: "account_created",
  user_changed: "account_changed",
  user_disabled: "account_disabled",
  user_enabled: "account_enabled",
  client_created: "app_registered",
  client_changed: "app_changed",
  client_secret_changed: "app_secret_changed",
  client_removed: "app_removed",
};

/** The newest first. They are found by the person's own `sub`, and so are never those of another person. */
export async function ownEvents(sub: string, ctx: Context): Promise<EventView[]> {
  const records = await ctx.store.listAudit({ sub, limit: READ });
  const known = records.flatMap((record) => {
    const kind = kindOf(record);
    return kind === null ? [] : [{ kind, record }];
  });
  return Promise.all(known.slice(0, MOST).map((each) => eventView(each, ctx)));
}

async function eventView(
  { kind, record }: { kind: EventKind; record: AuditRecord },
  ctx: Context,
): Promise<EventView> {
  const { at, address, actor, client_id, details } = record;
  const client = client_id === null ? null : await ctx.store.findClient(client_id);
  const by_person = actor === "person";
  return {
    kind,
    at,
    // An app or an operator works from a network of its own.
    network: (by_person && address !== null && knownNetwork(address)) || null,
    name: typeof details.name === "string" ? details.name : null,
    app: client && appIdentity(client),
    by_operator: actor === "operator",
  };
}

function kindOf({ event, details }: AuditRecord): EventKind | null {
  const what = { passkey: "passkey", totp: "app_code" } as const;
  const factor = details.kind === "passkey" || details.kind === "totp" ? what[details.kind] : null;
  if (event === "factor_added") return factor && `${factor}_added`;
  if (event === "factor_removed") return factor && `${factor}_removed`;
  return KINDS[event] ?? null;
}
