import type { RedirectUriProblem } from "../../oauth/redirect_uri.ts";
import { type AppIdentity, appName, plainAppName } from "../app.ts";
import { duration } from "../dates.ts";
import { cleanText } from "../foreign.ts";
import { errorSummary, field, firstError, form, note } from "../form.ts";
import { attributes, type Content, type Html, html } from "../html.ts";
import { icons } from "../icons.ts";
import { asker } from "../layout.ts";
import { fill, fillText } from "../texts.ts";
import type { Page, View } from "../view.ts";
import { type AppConnection, type AppKind, connectionCards, envCard } from "./connection.ts";
import { type AccountFrame, card, intent, shell } from "./shell.ts";

export const APP_KINDS: readonly AppKind[] = ["web", "browser", "native", "device"];
/** Ways to send the secret. The server accepts either, whichever is registered. */
export const AUTH_METHODS = ["client_secret_basic", "client_secret_post"] as const;
export type AuthMethod = (typeof AUTH_METHODS)[number];

/**
 * The values as they were typed. Field names in the form: name, site, redirect_uris, post_logout_redirect_uris, kind,
 * auth_method.
 */
export interface AppValues {
  readonly name: string;
  readonly site: string;
  /** One per line. */
  readonly redirect_uris: string;
  /** The same. */
  readonly post_logout_redirect_uris: string;
  readonly kind: AppKind;
  /** Used for an app with a secret. Null: the app authenticates in another way. */
  readonly auth_method: AuthMethod | null;
}

export interface AppErrors {
  readonly name?: "missing" | "long";
  readonly site?: "invalid";
  readonly redirect_uris?: readonly RedirectError[];
  readonly post_logout_redirect_uris?: readonly RedirectError[];
}

/** Fields with an address on each line. */
const URI_FIELDS = ["redirect_uris", "post_logout_redirect_uris"] as const;

interface RedirectError {
  readonly kind: "missing" | "many" | RedirectUriProblem["kind"];
  /** The redirect URI that the problem is about. */
  readonly uri?: string;
  /** With `spelling`: the spelling that would be accepted. */
  readonly write_as?: string | undefined;
  /** The largest allowed number. */
  readonly count?: number;
}

interface AppFormProps {
  readonly frame: AccountFrame;
  readonly values: AppValues;
  readonly errors: AppErrors;
  readonly problem?: "form_expired" | "busy" | null;
}

export interface RegisterAppProps extends AppFormProps {
  /** The kinds of app that the server can serve. */
  readonly kinds: readonly AppKind[];
  /** The same in each copy of the form: it registers one app. */
  readonly form_id: string;
}

/** A form for a new app. Posts `intent=register` and `form`. */
export function registerAppPage(props: RegisterAppProps, view: View): Page {
  const { texts } = view.language;
  const hidden = { intent: "register", form: props.form_id };
  const target = intent(props.frame, view.paths.your_apps, hidden);
  const content = html`<h1>${texts.your_apps_register}</h1>
${props.problem ? note("problem", texts[props.problem]) : appErrors(props.errors, view)}
${form(
  target,
  html`<div>${kindFields(props, view)}</div>
<div class="stack">${appFields(props, view)}
${authMethodFields(props.values, view)}</div>
${buttons(texts.register_button, view)}`,
  { class: "card" },
)}`;
  return { title: texts.your_apps_register, body: shell(props.frame, "your_apps", content, view) };
}

export interface EditAppProps extends AppFormProps {
  readonly connection: AppConnection;
  /** As it is saved, not as it was typed. */
  readonly app: AppIdentity;
  /** Seconds for which an old secret may stay valid beside a new one. */
  readonly secret_overlap: number;
  /** Names the newest secret; null: the app has none. */
  readonly newest_secret: string | null;
  readonly saved?: boolean;
  /** A form was sent a second time, and had no effect. */
  readonly again?: boolean;
}

/**
 * One of your apps. Posts `intent` update or new_secret (with `replaces`, and `keep_old=yes` if ticked), and `app`.
 */
export function editAppPage(props: EditAppProps, view: View): Page {
  const { texts } = view.language;
  const { app, connection, frame, newest_secret } = props;
  const { client_id } = connection;
  const again = newest_secret === null ? texts.sent_again : texts.sent_again_secret;
  const target = intent(frame, view.paths.your_apps, { intent: "update", app: client_id });
  const content = html`${asker(app, appName(app, view), view)}
${props.saved && note("done", texts.saved)}
${props.again && note("info", again)}
${props.problem ? note("problem", texts[props.problem]) : appErrors(props.errors, view)}
${form(
  target,
  html`<div class="stack">${appFields(props, view)}
${authMethodFields(props.values, view)}</div>
${buttons(texts.save_button, view)}`,
  // Refused values stand in the fields, and are not saved yet.
  { class: "card", ...(isAsSaved(props) && { "data-wakes": "" }) },
)}
<details class="card"><summary class="row"><strong class="words">${texts.connection_summary}</strong>${icons.go}</summary>
<div class="page">${envCard(connection, { heading: texts.keep_values, main: false }, view)}
${connectionCards(connection, view)}</div></details>
${newest_secret !== null && secretSection(props, newest_secret, view)}
${card({
  id: "remove",
  heading: texts.remove_section,
  hint: texts.remove_section_hint,
  action: html`<a class="button danger" href="${view.paths.removeApp(client_id)}">${texts.remove_app}</a>`,
})}`;
  const title = fillText(texts.your_apps_edit, { app: plainAppName(app, view) });
  return { title, body: shell(frame, "your_apps", content, view) };
}

const isAsSaved = ({ errors, problem }: EditAppProps): boolean =>
  !problem && Object.keys(errors).length === 0;

function secretSection(
  { frame, connection, secret_overlap }: EditAppProps,
  replaces: string,
  view: View,
): Html {
  const { texts } = view.language;
  const hidden = { intent: "new_secret", app: connection.client_id, replaces };
  const target = intent(frame, view.paths.your_apps, hidden);
  const time = duration(secret_overlap, view);
  return card(
    { id: "secret", heading: texts.secret_section, hint: texts.secret_section_hint },
    form(
      target,
      html`<label class="tick"><input type="checkbox" name="keep_old" value="yes" checked><span class="words">${fill(texts.secret_keep_old, { time })}</span></label>
<p class="acts"><button>${texts.new_secret_button}</button></p>`,
    ),
  );
}

function appFields({ values, errors }: AppFormProps, view: View): Html {
  const { texts } = view.language;
  const first = firstError(["name", "site", ...URI_FIELDS], errors);
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
${URI_FIELDS.map((name) =>
  field(view, {
    name,
    type: "textarea",
    label: texts[`${name}_label`],
    hint: texts[`${name}_hint`],
    value: values[name],
    error: uriErrors(errors[name], view),
    focus: first === name,
    optional: name !== "redirect_uris",
    // A device has none, and the kind may be chosen later.
    attributes: {
      ...{ autocomplete: "off", rows: name === "redirect_uris" ? 3 : 2 },
      ...{ ...as_typed, dir: "ltr", required: false },
    },
  }),
)}`;
}

/** The list of mistakes, with a link to each. */
function appErrors(errors: AppErrors, view: View): Content {
  const { texts } = view.language;
  return errorSummary(
    [
      {
        name: "name",
        label: texts.app_name_label,
        error: errors.name && texts[`error_app_name_${errors.name}`],
      },
      {
        name: "site",
        label: texts.app_site_label,
        error: errors.site && texts.error_site_invalid,
      },
      ...URI_FIELDS.map((name) => ({
        name,
        label: texts[`${name}_label`],
        error: uriErrors(errors[name], view),
      })),
    ],
    view,
  );
}

function uriErrors(errors: readonly RedirectError[] | undefined, view: View): Content {
  const address = (uri = "") => html`<code dir="ltr">${cleanText(uri, 300)}</code>`;
  return errors?.map(({ kind, uri, write_as, count }, index) => {
    const values = { uri: address(uri), write_as: address(write_as), count };
    return html`${index > 0 && html`<br>`}${fill(view.language.texts[`error_redirect_${kind}`], values)}`;
  });
}

function kindFields({ values, kinds }: RegisterAppProps, view: View): Html {
  const { texts } = view.language;
  return choice("kind", {
    legend: texts.kind_label,
    chosen: values.kind,
    options: kinds.map((kind) => [kind, texts[`kind_${kind}`], texts[`kind_${kind}_hint`]]),
  });
}

/** On the form for a new app the kind may be chosen later, so the fields are there for each kind. */
function authMethodFields({ auth_method }: AppValues, view: View): Html | null {
  if (auth_method === null) return null;
  const { texts } = view.language;
  const options = AUTH_METHODS.map(
    (method) => [method, texts[method], texts[`${method}_hint`]] as const,
  );
  const chosen = { legend: texts.auth_method_label, chosen: auth_method, options };
  // The server takes the secret either way, so hardly anybody needs this.
  return html`<details class="fold for-web"${attributes({ open: auth_method !== AUTH_METHODS[0] })}><summary>${texts.auth_method_label}</summary>
${choice("auth_method", { ...chosen, hint: texts.auth_method_hint, unseen: true })}</details>`;
}

interface Choice {
  readonly legend: string;
  readonly hint?: string;
  /** The legend stands beside the choice already. */
  readonly unseen?: boolean;
  readonly chosen: string;
  readonly options: readonly (readonly [value: string, label: string, hint: string])[];
}

function choice(name: string, { legend, hint, chosen, options, unseen }: Choice): Html {
  const described = hint ? `${name}-hint` : null;
  return html`<fieldset${attributes({ "aria-describedby": described })}><legend${attributes({ class: unseen ? "see-not" : null })}>${legend}</legend>
${hint && html`<p class="hint" id="${name}-hint">${hint}</p>`}<div class="kinds">${options.map(
    ([value, label, about]) =>
      html`<label><input type="radio" name="${name}"${attributes({
        value,
        checked: value === chosen,
        "aria-describedby": `${name}-${value}-hint`,
      })}><span>${label}<small id="${name}-${value}-hint">${about}</small></span></label>`,
  )}</div></fieldset>`;
}

function buttons(label: string, view: View): Html {
  return html`<p class="acts"><button class="main">${label}</button>
<a class="button" href="${view.paths.your_apps}">${view.language.texts.cancel}</a></p>`;
}
