/** Mail as a value, and the interface that sends it: an SMTP server, or code of an embedding app. */

export interface MailAddress {
  /** Shown beside the address; may be empty. It holds no control characters. */
  readonly name: string;
  /** One address, already checked: `ada@example.com`. */
  readonly address: string;
}

/** One mail to one person. */
export interface Mail {
  /** `<…@…>` (RFC 5322 §3.6.4). Each try of the same mail has the same one, so that a repetition is recognised. */
  readonly message_id: string;
  readonly from: MailAddress;
  /** One address, already checked. */
  readonly to: string;
  /** One line. */
  readonly subject: string;
  /** The whole content as plain text. */
  readonly text: string;
  /** The same content as a document of HTML, without pictures or script. */
  readonly html: string;
  /** BCP 47: the language of the texts. */
  readonly language: string;
}

/** Sends mail. Several calls may run at the same time. */
export interface MailSender {
  /**
   * Resolves when the mail is delivered: when the mail server has taken responsibility for it. A string that it
   * resolves to is the server's answer, which `valetkey mail test` prints. An error makes the mail be tried again; its
   * message is logged and stored, so it must not hold the text of the mail.
   */
  send(mail: Mail): Promise<unknown>;
  /** Whether mail can be sent now, without sending any. Rejects with the reason. */
  check?(): Promise<unknown>;
}

/** The mail server answered that it will never take this mail, so that no other try makes sense. */
export class MailRefused extends Error {
  override readonly name = "MailRefused";
}

/** Mails of visitors since the start of this process. */
export interface MailCounts {
  readonly sent: number;
  /** Given up after all tries, or refused. */
  readonly lost: number;
  /** Seconds since the epoch of the last loss; null: there was none. */
  readonly lost_at: number | null;
  readonly waiting: number;
}

/** The mail of a server (`Server.mail`). */
export interface Mailer {
  readonly from: MailAddress;
  readonly sender: MailSender;
  /**
   * Sends a mail to a visitor soon, after the present answer has left. Everything that depends on the visitor's name
   * happens in `write`, so that the answer takes the same time for all names.
   * @param write makes the mail; null: there is nobody to send it to
   */
  sendSoon(write: () => Mail | null): void;
  counts(): MailCounts;
  /** Resolves when no mail waits or is being sent any more, and after `seconds` (5) at the latest. */
  settle(seconds?: number): Promise<void>;
}
