import type { RedirectUriProblem } from "../../oauth/redirect_uri.ts";
import { appName, plainAppName } from "../app.ts";
import { copyable } from "../copyable.ts";
import { duration } from "../dates.ts";
import { cleanText } from "../foreign.ts";
import { field, firstError, form, note } from "../form.ts";
import { attributes, type Content, type Html, html } from "../html.ts";
import { fill, fillText } from "../texts.ts";
import type { Page, View } from "../view.ts";
import { type AccountFrame, intent, shell } from "./shell.ts";

/** The values as they were typed. Field names in the form: name, site, redirect_uris, kind. */
export interface AppValues {
  readonly name: string;
  readonly site: string;
  /** One per line. */
  readonly redirect_uris: string;
  /** `web` keeps a secret on its server; `device` is in people's hands and has none. */
  readonly kind: "web" | "device";
}

export interface AppErrors {
  readonly name?: "missing" | "long";
  readonly site?: "invalid";
  readonly redirect_uris?: readonly RedirectError[];
}

interface RedirectError {
  readonly kind: "missing" | "many" | RedirectUriProblem["kind"];
  /** The redirect URI that the problem is about. */
  readonly uri?: string;
  /** With `spelling`: the spelling that would be accepted. */
  readonly write_as?: string | undefined;
  /** The largest allowed number. */
  readonly count?: number;
}

export interface RegisterAppProps {
  readonly frame: AccountFrame;
  readonly values: AppValues;
  readonly errors: AppErrors;
  readonly problem?: "form_expired" | "busy" | null;
}

/** A form for a new app. Posts `intent=register`. */
export function registerAppPage(props: RegisterAppProps, view: View): Page {
  const { texts } = view.language;
  const target = intent(props.frame, view.paths.your_apps, { intent: "register" });
  const content = html`<div class="narrow"><h1>${texts.your_apps_register}</h1>
${props.problem && note("problem", texts[props.problem])}
${form(
  target,
  html`${appFields(props.values, props.errors, view)}
${kindFields(props.values, view)}
${buttons(texts.register_button, view)}`,
)}</div>`;
  return { title: texts.your_apps_register, body: shell(props.frame, "your_apps", content, view) };
}

export interface EditAppProps extends RegisterAppProps {
  readonly client_id: string;
  /** The saved name, not the typed one. */
  readonly current_name: string;
  /** Seconds for which an old secret may stay valid beside a new one. */
  readonly secret_overlap: number;
  readonly saved?: boolean;
}

/** One of your apps. Posts `intent` update or new_secret (with `keep_old=yes` if ticked), and `app`. */
export function editAppPage(props: EditAppProps, view: View): Page {
  const { texts } = view.language;
  const { client_id, frame } = props;
  const target = intent(frame, view.paths.your_apps, { intent: "update", app: client_id });
  const app = { name: props.current_name };
  const content = html`<div class="narrow"><h1>${appName(app, view)}</h1>
<dl class="credentials"><div><dt>${texts.client_id}</dt><dd>${copyable("client-id", client_id, view)}</dd></div></dl>
${props.saved && note("done", texts.saved)}
${props.problem && note("problem", texts[props.problem])}
${form(
  target,
  html`${appFields(props.values, props.errors, view)}
${buttons(texts.save_button, view)}`,
)}
${props.values.kind === "web" && secretSection(props, view)}
<section><h2>${texts.remove_section}</h2>
<p>${texts.remove_section_hint}</p>
<p class="actions"><a class="button danger" href="${view.paths.removeApp(client_id)}">${texts.remove_app}</a></p></section></div>`;
  const title = fillText(texts.your_apps_edit, { app: plainAppName(app, view) });
  return { title, body: shell(frame, "your_apps", content, view) };
}

function secretSection({ frame, client_id, secret_overlap }: EditAppProps, view: View): Html {
  const { texts } = view.language;
  const target = intent(frame, view.paths.your_apps, { intent: "new_secret", app: client_id });
  const time = duration(secret_overlap, view);
  return html`<section><h2>${texts.secret_section}</h2>
<p>${texts.secret_section_hint}</p>
${form(
  target,
  html`<label class="line"><input type="checkbox" name="keep_old" value="yes" checked><span class="words">${fill(texts.secret_keep_old, { time })}</span></label>
<p class="actions"><button>${texts.new_secret_button}</button></p>`,
)}</section>`;
}

function appFields(values: AppValues, errors: AppErrors, view: View): Html {
  const { texts } = view.language;
  const first = firstError(["name", "site", "redirect_uris"], errors);
  const as_typed = { autocapitalize: "none", autocorrect: "off", spellcheck: "false" };
  return html`${field(view, {
    name: "name",
    label: texts.app_name_label,
    hint: texts.app_name_hint,
    value: values.name,
    error: errors.name && texts[`error_app_name_${errors.name}`],
    focus: first === "name",
    attributes: { autocomplete: "off", maxlength: 60 },
  })}
${field(view, {
  name: "site",
  type: "url",
  label: texts.app_site_label,
  hint: texts.app_site_hint,
  value: values.site,
  error: errors.site && texts.error_site_invalid,
  focus: first === "site",
  attributes: { autocomplete: "off", inputmode: "url", ...as_typed, dir: "ltr" },
})}
${field(view, {
  name: "redirect_uris",
  type: "textarea",
  label: texts.redirect_uris_label,
  hint: texts.redirect_uris_hint,
  value: values.redirect_uris,
  error: redirectErrors(errors, view),
  focus: first === "redirect_uris",
  attributes: { autocomplete: "off", rows: 3, ...as_typed, dir: "ltr" },
})}`;
}

function redirectErrors({ redirect_uris: errors }: AppErrors, view: View): Content {
  const address = (uri = "") => html`<code dir="ltr">${cleanText(uri, 300)}</code>`;
  return errors?.map(({ kind, uri, write_as, count }, index) => {
    const values = { uri: address(uri), write_as: address(write_as), count };
    return html`${index > 0 && html`<br>`}${fill(view.language.texts[`error_redirect_${kind}`], values)}`;
  });
}

function kindFields(values: AppValues, view: View): Html {
  const { texts } = view.language;
  const kinds = ["web", "device"] as const;
  return html`<fieldset><legend>${texts.kind_label}</legend>${kinds.map(
    (kind) =>
      html`<label class="line"><input type="radio" name="kind"${attributes({
        value: kind,
        checked: values.kind === kind,
        "aria-describedby": `kind-${kind}-hint`,
      })}><span class="words">${texts[`kind_${kind}`]}<span class="hint" id="kind-${kind}-hint">${texts[`kind_${kind}_hint`]}</span></span></label>`,
  )}</fieldset>`;
}

function buttons(label: string, view: View): Html {
  return html`<p class="actions"><button class="main">${label}</button>
<a class="button" href="${view.paths.your_apps}">${view.language.texts.cancel}</a></p>`;
}
