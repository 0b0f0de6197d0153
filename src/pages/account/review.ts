import { ago, day } from "../dates.ts";
import { cleanText, foreign } from "../foreign.ts";
import { form, note } from "../form.ts";
import { attributes, type Content, type Html, html } from "../html.ts";
import { fill, fillText } from "../texts.ts";
import type { Page, View } from "../view.ts";
import { describeBrowser } from "./browser.ts";
import { type AccountFrame, intent, shell, title } from "./shell.ts";

export type ReviewKind = "passkey" | "totp" | "session" | "app";

export interface ReviewItem {
  readonly kind: ReviewKind;
  readonly id: string;
  /** The name of the box in the form. */
  readonly field: string;
  /** Of a session: its user agent. */
  readonly name: string;
  readonly since: number;
  readonly used: number | null;
  /** Whether the box is ticked. */
  readonly keep: boolean;
}

export interface ReviewProps {
  readonly frame: AccountFrame;
  readonly items: readonly ReviewItem[];
  /** What was shown, and what is in progress. */
  readonly hidden: Readonly<Record<string, string>>;
  readonly problem: "last_way" | "changed" | null;
}

const KINDS = ["passkey", "totp", "session", "app"] as const;

/** Every way in and every access, with a box to keep it. Posts `intent=keep`, and each ticked box as `yes`. */
export function reviewPage(props: ReviewProps, view: View): Page {
  const { texts } = view.language;
  const { frame, items, hidden } = props;
  const target = intent(frame, view.paths.review, { intent: "keep", ...hidden });
  const groups = KINDS.map((kind) => group(kind, props, view));
  const lead = items.length === 0 ? texts.review_nothing : texts.review_lead;
  const content = html`${title(texts.review_heading, lead)}
${problemNote(props, view)}
${form(
  target,
  html`${groups}
<p class="acts"><button class="main">${items.length === 0 ? texts.review_go_on : texts.review_keep}</button></p>`,
)}`;
  return { title: texts.review_heading, body: shell(frame, "security", content, view) };
}

function problemNote({ problem }: ReviewProps, { language: { texts } }: View): Content {
  if (problem === null) return null;
  return problem === "last_way"
    ? note("problem", texts.review_last_way)
    : note("news", texts.review_changed);
}

function group(kind: ReviewKind, { items }: ReviewProps, view: View): Content {
  const of_kind = items.filter((each) => each.kind === kind);
  if (of_kind.length === 0) return null;
  const { texts } = view.language;
  return html`<fieldset class="card"><legend class="see-not">${texts[`review_${kind}`]}</legend><div class="head"><h2>${texts[`review_${kind}`]}</h2></div>
<ul role="list">${of_kind.map((each) => row(each, view))}</ul></fieldset>`;
}

function row({ kind, field, name, since, used, keep }: ReviewItem, view: View): Html {
  const { texts } = view.language;
  const shown = kind === "session" ? browserText(name, view) : foreign(name, 60);
  const times = html`${fill(texts.review_since, { time: day(since, view) })}${used !== null && html`. ${fill(texts.review_used, { time: ago(used, view) })}`}.`;
  const box = attributes({ type: "checkbox", name: field, value: "yes", checked: keep });
  return html`<li><label class="row tick"><input${box}><span class="words"><strong>${shown}</strong><small>${times}</small></span></label></li>`;
}

function browserText(user_agent: string, { language: { texts } }: View): string {
  const { browser, system } = describeBrowser(user_agent);
  if (browser && system) return fillText(texts.session_browser_on, { browser, system });
  return cleanText(browser ?? system ?? texts.session_unknown, 60);
}
