/** The mail to an address that somebody wanted to sign up with, and that has an account. */
import type { Context } from "../context.ts";
import { randomText } from "../crypto/hash.ts";
import { verifiedAddress } from "../mail/notices.ts";
import { languageFor, writeMail } from "../mail/write_mail.ts";
import type { Mail } from "../mail_sender.ts";
import { CODE_PAGES } from "../pages/paths.ts";
import { fillText, type Language } from "../pages/texts.ts";
import type { Person } from "../people/users.ts";
import { addressOf } from "./code_mail.ts";

/** It goes to the stored address: a typed one may only fold to the same login. */
export function accountMail(person: Person, page: Language, ctx: Context): Mail | null {
  const address = verifiedAddress(person);
  if (address === null) return null;
  const language = languageFor(person, page, ctx);
  const { texts } = language;
  const product = ctx.theme.product_name;
  const { username } = person;
  const reset = { label: texts.mail_account_reset, href: addressOf(CODE_PAGES.reset, {}, ctx) };
  const content = {
    subject: fillText(texts.mail_account_subject, { product }),
    paragraphs: [fillText(texts.mail_account_exists, { product, username })],
    link: { label: texts.mail_account_sign_in, href: addressOf("/sign-in", {}, ctx) },
    ...(ctx.features.has("reset") && { other_link: reset }),
    after: [texts.mail_account_ignore],
  };
  return writeMail(content, { address, language, mail_id: randomText(16) }, ctx);
}
