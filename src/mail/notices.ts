/**
 * Notices: mails that tell a person what has changed at their account. Each has a link by which they say that it was not
 * them. The mail is written with the change, as a job.
 */
import type { Context } from "../context.ts";
import { uuidv7 } from "../crypto/hash.ts";
import { seal, unseal } from "../crypto/seal.ts";
import type { HttpRequest } from "../http/message.ts";
import { knownNetwork } from "../http/network.ts";
import { pathOf } from "../http/paths.ts";
import { describeBrowser } from "../pages/account/browser.ts";
import { momentIn } from "../pages/dates.ts";
import { UNDO } from "../pages/paths.ts";
import { fillText, type Language } from "../pages/texts.ts";
import type { Person } from "../people/users.ts";
import type { JobRecord } from "../store/records.ts";
import { mailJob } from "./outbox.ts";
import { languageFor } from "./write_mail.ts";

/** What is told. A factor has a name, which the person chose. */
export type Notice =
  | { what: "password_changed" | "password_reset" | "new_browser" | "recovery_codes_renewed" }
  /** `restores`: the link brings the old address back. */
  | { what: "email_changed"; address: string; restores: boolean }
  | { what: "passkey_added" | "passkey_removed"; name: string; credential_id: string }
  | { what: "app_code_added" | "app_code_removed"; name: string; totp_id: string };
export type NoticeKind = Notice["what"];

/** What the link of a notice undoes. */
export interface Undo {
  /** Of the mail: a link acts once. */
  notice_id: string;
  sub: string;
  what: NoticeKind;
  /** The factor that was added; empty: none was. */
  added: { credential_id?: string; totp_id?: string };
  /** The address that the link brings back; left out: none. */
  restores?: string;
  expires_at: number;
}

/** Who is told, and of which request. */
export interface NoticeTo {
  person: Person;
  request: HttpRequest;
  /** Of the page. */
  language: Language;
}

/** Seconds for which a link works. */
const LIFE = 604_800;
const PURPOSE = "undo";

/**
 * The address of a person as it is stored: a typed one may be folded to the same login, and belong to another mailbox.
 * Null: it is not verified.
 */
export function verifiedAddress({ claims: { email, email_verified } }: Person): string | null {
  return typeof email === "string" && email_verified === true ? email : null;
}

/**
 * The job that mails a notice, for the `jobs` of the change that it tells of.
 * @returns nothing where mail is off, or the person has no verified address
 */
export function noticeJobs(
  notice: Notice,
  { person, request, language: page }: NoticeTo,
  ctx: Context,
): JobRecord[] {
  const to = verifiedAddress(person);
  if (!ctx.mail || to === null) return [];
  const language = languageFor(person, page, ctx);
  const job_id = uuidv7(ctx.now_ms);
  const { sub } = person;
  const link = sealUndo(undoOf(notice, { sub, to, notice_id: job_id }, ctx), ctx);
  const content = contentOf(notice, { language, request, username: person.username }, ctx);
  const label = language.texts.mail_notice_undo;
  const href = new URL(pathOf(ctx, UNDO, { link }), ctx.issuer).href;
  const about = { job_id, what: notice.what, sub, address: to, language };
  return mailJob(about, { ...content, link: { label, href } }, ctx);
}

function contentOf(
  notice: Notice,
  { language, request, username }: { language: Language; request: HttpRequest; username: string },
  { now, theme: { product_name: product } }: Context,
) {
  const { texts } = language;
  const { browser, system } = describeBrowser(request.header("user-agent") ?? "");
  const parts = [browser, system].filter((part) => part !== null);
  const network = knownNetwork(request.address);
  const from = [parts.join(", "), network].filter((part) => part !== "").join(", ");
  const name = "name" in notice ? notice.name : "address" in notice ? notice.address : "";
  const when = momentIn(now, language);
  return {
    subject: fillText(texts[`mail_subject_${notice.what}`], { product }),
    paragraphs: [
      fillText(texts[`mail_notice_${notice.what}`], { product, name, username }),
      from === ""
        ? fillText(texts.mail_notice_when, { when })
        : fillText(texts.mail_notice_when_where, { when, from }),
      texts.mail_notice_you,
    ],
    after: [texts.mail_notice_link],
  };
}

function undoOf(
  notice: Notice,
  { sub, to, notice_id }: Pick<Undo, "sub" | "notice_id"> & { to: string },
  { now }: Context,
): Undo {
  const { what } = notice;
  const added =
    what === "passkey_added"
      ? { credential_id: notice.credential_id }
      : what === "app_code_added"
        ? { totp_id: notice.totp_id }
        : {};
  const restores = notice.what === "email_changed" && notice.restores ? { restores: to } : {};
  return { notice_id, sub, what, added, ...restores, expires_at: now + LIFE };
}

const sealUndo = (undo: Undo, ctx: Context): string =>
  seal(JSON.stringify(undo), PURPOSE, ctx, "mail");

/** Null: it is not genuine, or has expired. */
export function openUndo(sealed: string | undefined, ctx: Context): Undo | null {
  const text = sealed === undefined ? null : unseal(sealed, PURPOSE, ctx, "mail");
  // The server sealed it, so its shape is known.
  const undo = text === null ? null : (JSON.parse(text) as Undo);
  return undo && undo.expires_at > ctx.now ? undo : null;
}
