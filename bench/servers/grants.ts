/** Grants to be used in a benchmark: a few, each made for its use, or many that are there all the time. */
import { createHash } from "node:crypto";
import type { GrantRecord } from "../../src/store/records.ts";
import { API, OPAQUE_API } from "../scenarios.ts";
import { type Bulk, rowOf } from "./bulk.ts";

/** What all have in common, and the apps that they are for. */
export interface Template {
  grant: GrantRecord;
  confidential: string;
  public: string;
}

/** Of the many, every third one is of this kind. */
export const KINDS = ["jwt", "public", "opaque"] as const;
export type Kind = (typeof KINDS)[number];

/** So many apps has each person let in. */
const GRANTS_EACH = 10;
const BATCH = 5000;
/** Milliseconds between two of the many: a million take three weeks. */
const APART = 2000;

/** The `i`th of the many. It is the same in each process: nobody has to look for it. */
export function grantAt({ grant, ...clients }: Template, i: number): GrantRecord {
  const digest = createHash("sha256").update(`${grant.salt} ${i}`).digest();
  const at = grant.created_at * 1000 - 2_592_000_000 + i * APART;
  const kind = KINDS[i % KINDS.length];
  return {
    ...grant,
    grant_id: at.toString(16).padStart(12, "0") + digest.toString("hex", 0, 10),
    salt: digest.toString("base64url", 10, 26),
    sub: subAt(grant, i),
    client_id: kind === "public" ? clients.public : clients.confidential,
    generation: 1,
    ...(kind === "opaque" && { scope: ["prints.order"], resources: [OPAQUE_API] }),
  };
}

function subAt({ sub }: GrantRecord, i: number): string {
  const person = Math.floor(i / GRANTS_EACH);
  return sub.slice(0, -8) + person.toString(16).padStart(8, "0");
}

export async function fill(bulk: Bulk, template: Template, count: number): Promise<void> {
  const { grant } = template;
  for (let start = 0; start < count; start += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, count - start) }, (_, i) => start + i);
    const subs = numbers.filter((i) => i % GRANTS_EACH === 0).map((i) => subAt(grant, i));
    await bulk.insert("account", subs.map(accountRow));
    await bulk.insert(
      "authorization_grant",
      numbers.map((i) => rowOf(grantAt(template, i))),
    );
  }
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

/** Some of the many, all over the place, and none twice before all had their turn. */
export function picker(count: number): (kind: Kind, some: number) => number[] {
  const each = Math.floor(count / KINDS.length);
  // A prime, so that its multiples go everywhere before they come back.
  const step = 611_953;
  let turn = 0;
  return (kind, some) =>
    Array.from({ length: some }, () => {
      turn += 1;
      return ((turn * step) % each) * KINDS.length + KINDS.indexOf(kind);
    });
}

export const freshGrant = (
  { grant, ...clients }: Template,
  { grant_id, salt, kind }: { grant_id: string; salt: string; kind: Kind },
): GrantRecord => ({
  ...grant,
  grant_id,
  salt,
  client_id: kind === "public" ? clients.public : clients.confidential,
  generation: 1,
  scope: [kind === "opaque" ? "prints.order" : "photos.read"],
  resources: [kind === "opaque" ? OPAQUE_API : API],
});
