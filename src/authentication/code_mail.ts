/** The mail with a code, and its link. */
import type { Context } from "../context.ts";
import { randomText } from "../crypto/hash.ts";
import { pathOf } from "../http/paths.ts";
import { sealLink } from "../mail/mail_link.ts";
import { codeOf } from "../mail/mail_ticket.ts";
import { languageFor, writeMail } from "../mail/write_mail.ts";
import type { Mail } from "../mail_sender.ts";
import { lasting } from "../pages/dates.ts";
import type { CodeUse } from "../pages/mail_code.ts";
import { CODE_PAGES } from "../pages/paths.ts";
import { fillText } from "../pages/texts.ts";
import type { CodeAddressee, MailOrder } from "./code_flow.ts";

export function codeMail(
  use: CodeUse,
  { ticket, sealed, language: page }: MailOrder,
  { about, person, to }: Pick<CodeAddressee, "about" | "person"> & { to: string },
  ctx: Context,
): Mail | null {
  const code = about === null ? null : codeOf(ticket, { sealed, purpose: use, about }, ctx);
  if (code === null) return null;
  const language = person ? languageFor(person, page, ctx) : page;
  const { texts } = language;
  const product = ctx.theme.product_name;
  const { ticket_id, expires_at } = ticket;
  const link = sealLink({ purpose: use, ticket_id, code, expires_at }, ctx);
  const time = lasting(ctx.settings.email_code_life, language);
  const content = {
    subject: fillText(texts.mail_code_subject, { product }),
    paragraphs: [texts[`mail_code_${use}`]],
    code,
    link: { label: texts.mail_code_link, href: addressOf(CODE_PAGES[use], { link }, ctx) },
    after: [fillText(texts.mail_code_life, { time }), texts.mail_code_ignore],
  };
  return writeMail(content, { address: to, language, mail_id: randomText(16) }, ctx);
}

/** An address of this server, whatever address the request came by. */
export const addressOf = (
  path: string,
  query: Readonly<Record<string, string>>,
  ctx: Pick<Context, "issuer">,
): string => new URL(pathOf(ctx, path, query), ctx.issuer).href;
