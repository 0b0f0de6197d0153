import { copyButton } from "../copyable.ts";
import { cleanText } from "../foreign.ts";
import { field, firstError, form, note } from "../form.ts";
import { type Content, type Html, html } from "../html.ts";
import { qrCode } from "../qr_code.ts";
import { fill, fillText } from "../texts.ts";
import type { Page, View } from "../view.ts";
import { type AppCodeView, appCodeRow } from "./app_code_row.ts";
import { type AccountFrame, card, intent, shell, title } from "./shell.ts";

/** A secret that no app has confirmed yet. */
export interface NewAppCode {
  /** `otpauth://totp/…` */
  readonly uri: string;
  /** The secret in groups of four characters. */
  readonly groups: readonly string[];
  /** The field `enrolment`: the sealed secret. */
  readonly sealed: string;
  /** As typed; null: nothing was typed yet. */
  readonly name: string | null;
}

export interface AppCodesProps {
  readonly frame: AccountFrame;
  readonly apps: readonly AppCodeView[];
  /** Null: the person has as many as fit. */
  readonly adding: NewAppCode | null;
  readonly most: number;
  /** Hidden fields that carry a request in progress. */
  readonly carried: Readonly<Record<string, string>>;
  readonly errors: { readonly name?: "missing"; readonly code?: "missing" | "wrong" };
  readonly problem: "expired" | "changed" | null;
  readonly done?: "app_code_removed" | null;
}

/** Adds and removes authenticator apps. Posts `intent` add (name, code, enrolment) or remove (totp_id). */
export function appCodesPage(props: AppCodesProps, view: View): Page {
  const { texts } = view.language;
  const content = html`${title(texts.app_codes_section, texts.app_codes_lead)}
${props.done && note("done", texts[`done_${props.done}`])}
${props.problem && note("news", texts[`app_code_${props.problem}`])}
${props.apps.length > 0 && ownApps(props, view)}
${addCard(props, view)}`;
  return { title: texts.app_codes_section, body: shell(props.frame, "security", content, view) };
}

function ownApps({ frame, apps, carried }: AppCodesProps, view: View): Html {
  const { texts } = view.language;
  const remove = ({ totp_id, name }: AppCodeView) => {
    const target = intent(frame, view.paths.app_codes, { intent: "remove", totp_id, ...carried });
    const label = fillText(texts.app_code_remove_label, { name: cleanText(name, 60) });
    return form(
      target,
      html`<button class="danger" aria-label="${label}">${texts.app_code_remove}</button>`,
    );
  };
  return card(
    { id: "apps", heading: texts.app_codes_yours },
    html`<ul role="list">${apps.map((app) => appCodeRow(app, remove(app), view))}</ul>`,
  );
}

function addCard(props: AppCodesProps, view: View): Html {
  const { texts } = view.language;
  const { adding, most } = props;
  const heading = texts.app_codes_add;
  if (!adding) {
    const hint = fill(texts.app_code_too_many, { most: String(most) });
    return card({ id: "add", heading, hint });
  }
  return card(
    { id: "add", heading, hint: texts.app_code_add_hint },
    html`<div class="pile">${qrCode(adding.uri, texts.app_code_qr)}
<p class="hint">${texts.app_code_by_hand}</p>
<p class="acts"><code id="key" class="groups" translate="no">${adding.groups.map((group) => html`<span>${group}</span>`)}</code>${copyButton("key", texts.copy, view)}</p></div>
${confirmForm(adding, props, view)}`,
  );
}

function confirmForm(
  { sealed, name }: NewAppCode,
  { frame, carried, errors }: AppCodesProps,
  view: View,
): Html {
  const { texts } = view.language;
  const fields = { intent: "add", enrolment: sealed, ...carried };
  const first = firstError(["name", "code"], errors);
  const inputs: Content = html`${field(view, {
    ...{ name: "name", label: texts.app_code_name, hint: texts.app_code_name_hint },
    value: name ?? texts.app_code_name_usual,
    error: errors.name && texts.app_code_name_missing,
    focus: first === "name",
    attributes: { maxlength: 60, autocomplete: "off" },
  })}
${field(view, {
  ...{ name: "code", label: texts.app_code_first, hint: texts.app_code_first_hint },
  error: errors.code && texts[`app_code_${errors.code}`],
  focus: first === "code",
  attributes: {
    ...{ class: "code", inputmode: "numeric", autocomplete: "one-time-code", maxlength: 32 },
    ...{ autocapitalize: "none", spellcheck: "false", dir: "ltr" },
  },
})}
<p class="acts"><button class="main">${texts.app_code_confirm}</button></p>`;
  return form(intent(frame, view.paths.app_codes, fields), inputs);
}
