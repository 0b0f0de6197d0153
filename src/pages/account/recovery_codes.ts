import { day } from "../dates.ts";
import { foreign } from "../foreign.ts";
import { form, note } from "../form.ts";
import { attributes, type Content, html } from "../html.ts";
import { fill } from "../texts.ts";
import type { Page, View } from "../view.ts";
import { type RecoveryCodesLeft, recoveryCodesRow } from "./recovery_codes_card.ts";
import { type AccountFrame, intent, shell, title } from "./shell.ts";

export interface RecoveryCodesProps {
  readonly frame: AccountFrame;
  readonly codes: RecoveryCodesLeft;
  /** The version of the factors that the page shows. */
  readonly version: number;
  /** Hidden fields that carry a request in progress. */
  readonly carried: Readonly<Record<string, string>>;
  readonly problem: "changed" | "busy" | null;
  readonly done?: "app_code_added" | null;
  /** Where the person goes without new codes. */
  readonly on_href: string;
}

/** Asks before new recovery codes are made. Posts `intent` renew (version). */
export function recoveryCodesPage(props: RecoveryCodesProps, view: View): Page {
  const { texts } = view.language;
  const { frame, codes, version, carried, on_href } = props;
  const renew = { intent: "renew", version: String(version), ...carried };
  const has_codes = codes.created_at !== null;
  const asking = form(
    intent(frame, view.paths.recovery_codes, renew),
    html`${has_codes && html`<p>${texts.recovery_replaces}</p>`}
<p class="acts"><button class="main">${has_codes ? texts.recovery_make_new : texts.recovery_make}</button><a class="button" href="${on_href}">${texts.recovery_not_now}</a></p>`,
  );
  const content = html`${title(texts.recovery_section, texts.recovery_lead)}
${props.done && note("done", texts[`done_${props.done}`])}
${problemNote(props, view)}
<div class="card"><ul role="list">${recoveryCodesRow(codes, view)}</ul>${asking}</div>`;
  return { title: texts.recovery_section, body: shell(frame, "security", content, view) };
}

function problemNote({ problem }: RecoveryCodesProps, view: View): Content {
  const { texts } = view.language;
  if (problem === "busy") return note("problem", texts.busy);
  return problem && note("news", texts.recovery_changed);
}

export interface NewRecoveryCodesProps {
  readonly frame: AccountFrame;
  /** In the form in which they are typed. */
  readonly codes: readonly string[];
  readonly created_at: number;
  /** Where the person goes when the codes are kept. */
  readonly on_href: string;
}

/** The new codes. They are shown this once. */
export function newRecoveryCodesPage(props: NewRecoveryCodesProps, view: View): Page {
  const { texts } = view.language;
  const { frame, codes, created_at, on_href } = props;
  const about = fill(texts.recovery_about, {
    person: foreign(frame.person.username),
    time: day(created_at, view),
  });
  const text = `data:text/plain;charset=utf-8,${encodeURIComponent(`${codes.join("\n")}\n`)}`;
  const save = attributes({ class: "button", download: "recovery-codes.txt", href: text });
  const content = html`<div><h1>${texts.recovery_new_heading}</h1><p class="lead no-print">${texts.recovery_once}</p></div>
<section class="card" aria-labelledby="codes"><div><h2 id="codes">${view.theme.product_name}, ${view.host}</h2><p class="hint">${about}</p></div>
<div><ol class="codes" role="list" translate="no">${codes.map((code) => html`<li><bdi dir="ltr">${code}</bdi></li>`)}</ol></div>
<p class="acts no-print"><button type="button" class="main" data-print hidden>${texts.recovery_print}</button><a${save}>${texts.recovery_save}</a></p></section>
<p class="acts no-print"><a class="button" href="${on_href}">${texts.recovery_kept}</a></p>`;
  const body = shell(frame, "security", content, view);
  return { title: texts.recovery_new_heading, body, shown_once: true };
}
