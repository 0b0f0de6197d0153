/** Grants for a benchmark: a few, each made for one use, or many that exist all the time. */
import { createHash } from "node:crypto";
import { withPlace } from "../../../src/store/place.ts";
import type { GrantRecord } from "../../../src/store/records.ts";
import { GRANT } from "../../../src/store/sql/grants.ts";
import { API, OPAQUE_API } from "../scenarios.ts";
import type { Bulk } from "./bulk.ts";

export type Kind = "jwt" | "public" | "opaque" | "code" | "code_rs256";

/** The common members of all grants, and their apps. */
export interface Template {
  grant: GrantRecord;
  issuer: string;
  session_id: string;
  client_of: Readonly<Record<Kind, string>>;
}

/** The kinds of the many grants, in turn. */
const KINDS: readonly Kind[] = ["jwt", "public", "opaque"];
/** Apps that each person has allowed. */
const GRANTS_EACH = 10;
const BATCH = 5000;
/** Milliseconds between two of the many grants: a million take three weeks. */
const APART = 2000;
const THIRTY_DAYS = 2_592_000_000;

/** The `i`th grant that is made for one use. Each process computes the same one. */
export function freshGrant(template: Template, kind: Kind, i: number): GrantRecord {
  const { grant, session_id, client_of } = template;
  const digest = createHash("sha256").update(`${grant.salt} ${kind} ${i}`).digest();
  const at = grant.created_at * 1000 + i;
  const is_code = kind.startsWith("code");
  const permission = kind === "opaque" ? `${OPAQUE_API} prints.order` : `${API} photos.read`;
  return {
    ...grant,
    grant_id: withPlace(
      at.toString(16).padStart(12, "0") + digest.toString("hex", 0, 10),
      grant.sub,
    ),
    salt: digest.toString("base64url", 10, 26),
    client_id: client_of[kind],
    generation: is_code ? 0 : 1,
    session_id: is_code ? session_id : null,
    permissions: is_code ? [`${template.issuer} openid`, permission] : [permission],
  };
}

/** The `i`th of the many grants, which are older and belong to many people. */
export function oneOfMany(template: Template, i: number): GrantRecord {
  const { created_at, sub } = template.grant;
  const grant = freshGrant(template, KINDS[i % KINDS.length] ?? "jwt", i);
  const at = created_at * 1000 - THIRTY_DAYS + i * APART;
  const id = at.toString(16).padStart(12, "0") + grant.grant_id.slice(12, 32);
  const own_sub = subOf(sub, i);
  return { ...grant, grant_id: withPlace(id, own_sub), sub: own_sub };
}

const subOf = (sub: string, i: number): string =>
  sub.slice(0, -8) +
  Math.floor(i / GRANTS_EACH)
    .toString(16)
    .padStart(8, "0");

export async function insertMany(bulk: Bulk, template: Template, count: number): Promise<void> {
  for (let start = 0; start < count; start += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, count - start) }, (_, i) => start + i);
    const subs = numbers
      .filter((i) => i % GRANTS_EACH === 0)
      .map((i) => subOf(template.grant.sub, i));
    await bulk.insert("account", subs.map(accountRow));
    const grants = numbers.map((i) => GRANT.row(oneOfMany(template, i)));
    await bulk.insert("authorization_grant", grants);
  }
  await bulk.settle();
}

const accountRow = (sub: string) => ({
  sub,
  username: sub,
  login_email: null,
  claims: "{}",
  password_hash: null,
  is_admin: 0,
  created_at: 0,
  disabled_at: null,
});

/**
 * Picks some of the many grants, spread over the table. A rotation uses its grant up, so no grant of a public client is
 * picked twice; the others are picked again after all have been.
 */
export function picker(count: number): (kind: Kind, some: number) => number[] {
  const each = Math.floor(count / KINDS.length);
  // A prime step reaches every index before it repeats one.
  const step = 611_953;
  const turns = new Map<Kind, number>();
  return (kind, some) => {
    const from = turns.get(kind) ?? 0;
    turns.set(kind, from + some);
    if (kind === "public" && from + some > each)
      throw new Error(
        `${count} grants are too few for the rotations: choose --grants ${KINDS.length * (from + some)} or more`,
      );
    return Array.from(
      { length: some },
      (_, i) => (((from + i) * step) % each) * KINDS.length + KINDS.indexOf(kind),
    );
  };
}
