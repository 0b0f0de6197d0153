/** Sends a stored mail. It may arrive twice, if a node dies between the server's answer and the end of the job. */
import type { Server } from "../context.ts";
import { openMail, SEND_MAIL, storedMail } from "../mail/outbox.ts";
import { MailRefused } from "../mail_sender.ts";
import type { JobRecord } from "../store/records.ts";
import type { JobKind } from "./run_job.ts";

export const sendMail: JobKind = {
  kind: SEND_MAIL,
  async run(job, { server }) {
    const { mail: mailer, store, secrets, issuer, log } = server;
    if (!mailer) throw new Error("mail is not configured here");
    const { epoch } = await store.currentState();
    const mail = openMail(storedMail(job), { secrets, issuer, epoch });
    if (!mail)
      return giveUp(job, "it is sealed by another secret, or older than a restore", server);
    try {
      await mailer.sender.send(mail);
    } catch (error) {
      if (!(error instanceof MailRefused)) throw error;
      return giveUp(job, error.message, server);
    }
    const { what, sub } = storedMail(job);
    log.info("mail sent", { what, sub, attempts: job.attempts });
  },
  givenUp: async (job, { server }) => giveUp(job, job.error ?? "there was no time to try", server),
};

function giveUp(job: JobRecord, why: string, { log }: Pick<Server, "log">): void {
  const { what, sub } = storedMail(job);
  log.error("mail given up", { mail_id: job.job_id, what, sub, why });
}
