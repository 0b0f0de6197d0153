/** Reads the forms of the server's own pages, as a browser does. */

/** The form whose action ends with this; with `having`, the form that has these fields. */
export type FormChoice = string | { action: string; having: Readonly<Record<string, string>> };

export interface Form {
  action: string;
  /** Hidden, filled and ticked fields. */
  fields: [string, string][];
}

/** @throws Error when the page has no such form */
export function readForm(html: string, choice: FormChoice = ""): Form {
  const { action, having } = typeof choice === "string" ? { action: choice, having: {} } : choice;
  for (const [, attributes = "", content = ""] of html.matchAll(
    /<form([^>]*)>([\s\S]*?)<\/form>/g,
  )) {
    const target = unescapeHtml(/action="([^"]*)"/.exec(attributes)?.[1] ?? "");
    if (!target.split("?")[0]?.endsWith(action)) continue;
    const fields = fieldsIn(content);
    const wanted = Object.entries(having);
    if (wanted.every(([name, value]) => fields.some(([n, v]) => n === name && v === value)))
      return { action: target, fields };
  }
  throw new Error(`no form for ${action || "anything"} on this page:\n${html.slice(0, 3000)}`);
}

function fieldsIn(content: string): [string, string][] {
  const fields: [string, string][] = [];
  for (const [input] of content.matchAll(/<input[^>]*>/g)) {
    const name = /\bname="([^"]*)"/.exec(input)?.[1];
    const value = unescapeHtml(/\bvalue="([^"]*)"/.exec(input)?.[1] ?? "");
    const sent = /type="checkbox"/.test(input) ? / checked/.test(input) : true;
    if (name !== undefined && sent && !/type="radio"/.test(input)) fields.push([name, value]);
  }
  for (const [, opening = "", value = ""] of content.matchAll(
    /<textarea([^>]*)>\n?([\s\S]*?)<\/textarea>/g,
  ))
    fields.push([/\bname="([^"]*)"/.exec(opening)?.[1] ?? "", unescapeHtml(value)]);
  return fields;
}

export const unescapeHtml = (text: string): string =>
  text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
