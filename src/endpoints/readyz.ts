/** `/readyz` shows whether this node can take requests, and the failed checks. For probes and load balancers. */
import type { Context } from "../context.ts";
import { algsInUse, signingKeyAt } from "../crypto/signing_key.ts";
import {
  type HeaderList,
  type HttpRequest,
  type HttpResponse,
  json,
  NO_STORE,
} from "../http/message.ts";
import { CLOCK_WARNING } from "../store/database_clock.ts";

/** Milliseconds within which the database has to answer. */
const PATIENCE = 1000;
const LATER: HeaderList = [...NO_STORE, ["retry-after", "2"]];

interface Check {
  name: "running" | "database" | "schema" | "keys" | "clock" | "mail";
  ok: boolean;
  /** A few words that strangers may read. The log has the exact error. */
  detail: string;
}

export async function readyz(_: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const stopping: Check = { name: "running", ok: false, detail: "is stopping" };
  const checks = ctx.isStopping() ? [stopping] : await checksOf(ctx);
  const ready = checks.every(({ ok }) => ok);
  return json({ ready, checks }, ready ? 200 : 503, ready ? NO_STORE : LATER);
}

/** Concurrent requests share one query of the database. */
const asked = new WeakMap<Context["store"], Promise<Check[]>>();

function checksOf(ctx: Context): Promise<Check[]> {
  const running = asked.get(ctx.store);
  if (running !== undefined) return running;
  const checks = look(ctx).finally(() => asked.delete(ctx.store));
  asked.set(ctx.store, checks);
  return checks;
}

async function look(ctx: Context): Promise<Check[]> {
  const [database, keys] = await Promise.all([checkDatabase(ctx), checkKeys(ctx)]);
  return [...database, keys, checkClock(ctx), ...checkMail(ctx)];
}

async function checkDatabase({ store, log, event_id }: Context): Promise<Check[]> {
  try {
    const { version, newest } = await inTime(store.readSchema());
    return [
      { name: "database", ok: true, detail: "answers" },
      {
        name: "schema",
        // A newer one is fine: each version works on the schema of the next one.
        ok: version >= newest,
        detail:
          version >= newest ? `is at ${version}` : `is at ${version}, and ${newest} is needed`,
      },
    ];
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    log.warn("not ready", { event_id, check: "database", why });
    return [{ name: "database", ok: false, detail: "does not answer" }];
  }
}

async function checkKeys({ keys, now, log, event_id }: Context): Promise<Check> {
  try {
    const known = await inTime(keys());
    const missing = algsInUse(known).filter((alg) => !signingKeyAt(known, alg, now));
    const ok = missing.length === 0;
    return { name: "keys", ok, detail: ok ? "are there" : `none for ${missing.join(", ")}` };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    log.warn("not ready", { event_id, check: "keys", why });
    return { name: "keys", ok: false, detail: "could not be read" };
  }
}

/** A warning only: the database's time counts, so the node still works correctly. */
function checkClock({ database_clock }: Context): Check {
  const offset = database_clock?.offset() ?? 0;
  const off = Math.abs(offset) > CLOCK_WARNING;
  const detail = `warning: ${Math.round(offset / 1000)} s off the database's`;
  return { name: "clock", ok: true, detail: off ? detail : "agrees with the database" };
}

/** Seconds for which a lost mail is reported. */
const LOSS_COUNTS = 3600;

/** A warning only: another node sends no mail either when the mail server is away. */
function checkMail({ mail, now }: Context): Check[] {
  if (!mail) return [];
  const { lost, lost_at } = mail.counts();
  const lately = lost_at !== null && lost_at + LOSS_COUNTS > now;
  const detail = lately ? `warning: ${lost} lost since the start` : "none lost lately";
  return [{ name: "mail", ok: true, detail }];
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE} ms`)), PATIENCE);
  });
  // A later outcome is ignored.
  answer.catch(() => {});
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
