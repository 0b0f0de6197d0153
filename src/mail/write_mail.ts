/** A mail as text and as plain HTML, in the language of its reader and the colours of the theme. */
import type { Server } from "../context.ts";
import type { Mail } from "../mail_sender.ts";
import { cleanText } from "../pages/foreign.ts";
import { type Content, html, render } from "../pages/html.ts";
import { chooseLanguage, fillText, type Language } from "../pages/texts.ts";
import type { Person } from "../people/users.ts";
import { canReceiveMail, domainOf } from "./mail_address.ts";

/** Plain texts. They may hold names that strangers chose, cleaned by `fillText`. */
export interface MailContent {
  subject: string;
  paragraphs: readonly string[];
  /** To be typed. */
  code?: string;
  /** An address below the issuer, and the words of its button. */
  link?: { label: string; href: string };
  /** A second way on, less prominent. */
  other_link?: { label: string; href: string };
  /** Below the code and the links. */
  after?: readonly string[];
}

export interface Recipient {
  address: string;
  language: Language;
  /** The id that makes the Message-ID: random, or of the job that sends the mail. */
  mail_id: string;
}

type Sending = Pick<Server, "mail" | "theme" | "issuer">;

/** Null: mail is off, or no mail can go to such an address. */
export function writeMail(content: MailContent, to: Recipient, server: Sending): Mail | null {
  const { mail, theme, issuer } = server;
  if (!mail || !canReceiveMail(to.address)) return null;
  const { host } = new URL(issuer);
  const foot = fillText(to.language.texts.mail_foot, { product: theme.product_name, host });
  return {
    message_id: `<${to.mail_id}@${domainOf(mail.from.address)}>`,
    from: mail.from,
    to: to.address,
    subject: cleanText(content.subject, 150),
    text: textOf(content, foot),
    html: htmlOf(content, foot, { ...to, theme }),
    language: to.language.tag,
  };
}

/** The person's own language, if it is one of ours; else that of the page. */
export function languageFor(
  { claims }: Pick<Person, "claims">,
  page: Language,
  { languages: available }: Pick<Server, "languages">,
): Language {
  const own = typeof claims.locale === "string" ? [claims.locale] : [];
  return chooseLanguage({ ui_locales: [...own, page.tag], accept_language: null, available });
}

function textOf(
  { paragraphs, code, link, other_link, after = [] }: MailContent,
  foot: string,
): string {
  const links = [link, other_link].filter((each) => each !== undefined);
  return [
    ...paragraphs,
    ...(code === undefined ? [] : [`    ${code}`]),
    ...links.map(({ label, href }) => `${label}:\n${href}`),
    ...after,
    `-- \n${foot}`,
  ].join("\n\n");
}

const FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif";

/** Mail programs apply only styles of the elements themselves. */
function htmlOf(
  { subject, paragraphs, code, link, other_link, after = [] }: MailContent,
  foot: string,
  { language, theme }: Pick<Recipient, "language"> & Pick<Server, "theme">,
): string {
  const { accent, on_accent } = theme.mail_colours;
  const paragraph = (text: string): Content =>
    html`<p style="margin:0 0 16px;font-size:16px;line-height:1.5">${text}</p>`;
  const button = `display:inline-block;padding:12px 20px;border-radius:10px;background:${accent};color:${on_accent};text-decoration:none;font-weight:600`;
  return `<!doctype html>\n${render(html`<html lang="${language.tag}" dir="${language.dir}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>${subject}</title></head>
<body style="margin:0;padding:24px;${FONT}">
<div style="max-width:480px;margin:0 auto">
<p style="margin:0 0 24px;font-size:16px;font-weight:600">${theme.product_name}</p>
${paragraphs.map(paragraph)}
${code !== undefined && html`<p style="margin:0 0 16px;font-size:28px;font-weight:600;letter-spacing:4px">${code}</p>`}
${link && html`<p style="margin:0 0 16px"><a href="${link.href}" style="${button}">${link.label}</a></p>`}
${other_link && html`<p style="margin:0 0 16px;font-size:16px;line-height:1.5"><a href="${other_link.href}">${other_link.label}</a></p>`}
${after.map(paragraph)}
<p style="margin:24px 0 0;font-size:13px;line-height:1.5;opacity:.75">${foot}</p>
</div>
</body>
</html>`)}\n`;
}
