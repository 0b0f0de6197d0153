/** `valetkey audit list` */
import { type Command, InvalidArgumentError } from "commander";
import type { AuditRecord } from "../store/audit.ts";
import { everyRecord } from "../store/pages.ts";
import { type CommonFlags, complete, parseAge } from "./command.ts";
import { withDatabase } from "./database.ts";
import { printJsonList, printLongTable, say, when } from "./output.ts";
import { readSettings } from "./settings.ts";

interface ListFlags {
  /** Seconds before now, or for a date seconds since the epoch. */
  since?: { ago: number } | { at: number };
  sub?: string;
  client?: string;
  limit: number;
}

export function declareAudit(audit: Command): void {
  audit.description("Security events: who did what, and when.");
  const list = audit
    .command("list")
    .description("List security events, the newest first.")
    .option("--since <time>", "a date, or how long ago: 30m, 12h, 7d", parseSince)
    .option("--sub <sub>", "only what is about this person")
    .option("--client <id>", "only what is about this client")
    .option("--limit <number>", "at most so many", parseLimit, 100);
  complete<ListFlags>(
    list,
    ["valetkey audit list --since 7d", "valetkey audit list --client printly --json"],
    listAudit,
  );
}

async function listAudit(flags: ListFlags & CommonFlags): Promise<void> {
  const { since, sub, client: client_id, limit } = flags;
  await withDatabase(await readSettings(flags), async ({ store, now }) => {
    const begin = since && ("at" in since ? since.at : now - since.ago);
    const filter = { since: begin, sub, client_id };
    const events = everyRecord<AuditRecord>(
      (page) => store.listAudit({ ...filter, after: page.after?.audit_id, limit: page.limit }),
      limit,
    );
    if (flags.json) return printJsonList(events, (event) => event);
    const headings = ["WHEN", "EVENT", "BY", "PERSON", "CLIENT", "FROM", ""];
    const count = await printLongTable(headings, events, (event) => [
      when(event.at),
      event.event,
      by(event),
      event.sub ?? "",
      event.client_id ?? "",
      event.address ?? "",
      shown(event),
    ]);
    if (count === 0) return say("nothing that fits");
    if (count === limit) say(`--limit ${limit * 10} shows more`);
  });
}

/** The actor. It is left out if it is the person of the event, who has a column of their own. */
const by = ({ actor, actor_id, sub, client_id, via }: AuditRecord): string => {
  const named = actor_id !== null && actor_id !== sub && actor_id !== client_id;
  return `${named ? `${actor} ${actor_id}` : actor}${via === "code" || via === "api" ? ` (${via})` : ""}`;
};

/** The changed members as `name: before → after`, then the details. */
function shown({ before, after, details }: AuditRecord): string {
  const changes =
    before && after
      ? Object.keys(after).map((name) => `${name}: ${text(before[name])} → ${text(after[name])}`)
      : [];
  const others = Object.entries(details).map(([name, value]) => `${name}=${text(value)}`);
  return [...changes, ...others].join(", ");
}

const text = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value ?? null);

function parseSince(text: string): { ago: number } | { at: number } {
  const ago = parseAge(text);
  if (ago !== null) return { ago };
  const at = Date.parse(text);
  if (Number.isNaN(at) || at < 0)
    throw new InvalidArgumentError("a date such as 2026-11-24, or how long ago: 30m, 12h, 7d");
  return { at: Math.floor(at / 1000) };
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (!/^\d+$/.test(text) || limit < 1 || limit > 1_000_000)
    throw new InvalidArgumentError("a number from 1 to 1000000");
  return limit;
}
