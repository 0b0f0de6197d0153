/** `valetkey mail list` and `valetkey mail retry` */
import { SEND_MAIL, storedMail } from "../mail/outbox.ts";
import type { JobRecord } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import type { CommonFlags } from "./command.ts";
import { withDatabase } from "./database.ts";
import { CliError } from "./errors.ts";
import { print, printJsonList, printLongTable, say, when } from "./output.ts";
import { readSettings } from "./settings.ts";

/** Jobs that one query reads. */
const PAGE = 500;

async function* waitingMails(store: Store): AsyncGenerator<JobRecord> {
  let after: string | undefined;
  for (;;) {
    const jobs = await store.listJobs(SEND_MAIL, { after, limit: PAGE });
    yield* jobs;
    after = jobs.at(-1)?.job_id;
    if (jobs.length < PAGE) return;
  }
}

/** Neither addresses nor texts: they are sealed. */
function shown(job: JobRecord) {
  const { what, sub } = storedMail(job);
  const { job_id: id, attempts: tries, due_at, expires_at, error } = job;
  return { id, what, sub, tries, due_at, expires_at, error };
}

export async function listMail(flags: CommonFlags): Promise<void> {
  await withDatabase(await readSettings(flags), async ({ store }) => {
    const mails = waitingMails(store);
    if (flags.json) return printJsonList(mails, shown);
    const headings = ["ID", "MAIL", "PERSON", "TRIES", "NEXT TRY", "LAST ERROR"];
    const count = await printLongTable(headings, mails, (job) => {
      const { id, what, sub, tries, due_at, error } = shown(job);
      return [id, what, sub, String(tries), when(due_at), error ?? ""];
    });
    if (count === 0) say("no mail waits");
  });
}

export async function retryMail(flags: CommonFlags, [id]: readonly string[]): Promise<void> {
  await withDatabase(await readSettings(flags), async ({ store, now }) => {
    let [found, retried] = [0, 0];
    for await (const job of waitingMails(store)) {
      if (id !== undefined && job.job_id !== id) continue;
      found += 1;
      // A node that sends it at this moment goes on.
      if (job.leased_until > now) continue;
      const again = { due_at: now, error: job.error ?? "not tried yet" };
      if (await store.postponeJob(job, again)) retried += 1;
    }
    if (id !== undefined && found === 0)
      throw new CliError(`no mail ${id} waits`, "`valetkey mail list` shows them all");
    if (flags.json) print(JSON.stringify({ retried }));
    else say(`${retried} of ${found} waiting ${found === 1 ? "mail" : "mails"} will be tried now`);
  });
}
