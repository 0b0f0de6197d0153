/** Mail that must not get lost: a stored job sends it, which is written in the transaction of the change it tells of. */
import type { Server } from "../context.ts";
import { uuidv7 } from "../crypto/hash.ts";
import { seal, unseal } from "../crypto/seal.ts";
import type { Mail } from "../mail_sender.ts";
import { newJob } from "../store/new_job.ts";
import { placeOf } from "../store/place.ts";
import type { JobRecord } from "../store/records.ts";
import { type MailContent, type Recipient, writeMail } from "./write_mail.ts";

export const SEND_MAIL = "send_mail";
/** Seconds after which a mail is given up. */
const LIFE = 259_200;
const PURPOSE = "mail";

/** The payload of a job: `mail` is sealed, since it may hold links that act. */
export interface StoredMail {
  /** The kind of the mail, such as `password_changed`, for `valetkey mail list`. */
  what: string;
  sub: string;
  mail: string;
}

type Env = Pick<Server, "mail" | "theme" | "issuer" | "secrets"> & {
  epoch: number;
  now_ms: number;
};

type About = Pick<StoredMail, "what" | "sub"> & Pick<Recipient, "address" | "language">;

/** The job that sends a mail to a person. @returns no job where mail is off or the address takes none */
export const mailJobs = (about: About, content: MailContent, env: Env): JobRecord[] =>
  mailJob({ job_id: uuidv7(env.now_ms), ...about }, content, env);

/**
 * The same with a given id, for contents that hold it. The mail has the id of its job, so that one that arrives twice is
 * recognised.
 */
export function mailJob(
  about: About & Pick<JobRecord, "job_id">,
  content: MailContent,
  env: Env,
): JobRecord[] {
  const { what, sub, job_id, ...to } = about;
  const mail = writeMail(content, { ...to, mail_id: job_id }, env);
  if (!mail) return [];
  const sealed = seal(JSON.stringify(mail), PURPOSE, env, "mail");
  const payload = { what, sub, mail: sealed } satisfies StoredMail;
  const now = Math.floor(env.now_ms / 1000);
  return [newJob({ job_id, place: placeOf(sub), kind: SEND_MAIL, payload }, { now, life: LIFE })];
}

export const storedMail = ({ payload }: JobRecord): StoredMail => JSON.parse(payload);

/** Null: the secret was replaced, or the database restored since: mails of another time are not sent. */
export function openMail(
  { mail: sealed }: StoredMail,
  env: Pick<Server, "secrets" | "issuer"> & { epoch: number },
): Mail | null {
  const text = unseal(sealed, PURPOSE, env, "mail");
  // The server sealed it, so its shape is known.
  return text === null ? null : (JSON.parse(text) as Mail);
}
