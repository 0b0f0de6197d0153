/** The parts of forms: a field with its label, hint and error; hidden fields; a note above a form. */
import { type AttributeValue, attributes, type Content, type Html, html } from "./html.ts";
import { icons } from "./icons.ts";
import { plural } from "./plural.ts";
import { fillText } from "./texts.ts";
import type { FormTarget, View } from "./view.ts";

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type?: "text" | "email" | "url" | "textarea";
  readonly value?: string;
  readonly hint?: Content;
  /** Shown beside the field; screen readers read it as part of the field. */
  readonly error?: Content;
  readonly optional?: boolean;
  readonly focus?: boolean;
  /** Further attributes: `autocomplete`, `inputmode`, `maxlength` and the like. */
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

/** A labelled field. It keeps the typed value, and hint and error are tied to it. */
export function field(view: View, { type = "text", ...props }: Field): Html {
  const shared = attributes({
    id: props.name,
    name: props.name,
    required: !props.optional,
    ...described(props),
    autofocus: props.focus,
    ...props.attributes,
  });
  const value = props.value ?? "";
  const control =
    type === "textarea"
      ? // The first line break after the tag is not part of the value.
        html`<textarea${shared}>\n${value}</textarea>`
      : html`<input type="${type}"${shared}${attributes({ value: value === "" ? null : value })}>`;
  return frame(view, props, control);
}

interface PasswordField extends Omit<Field, "type" | "value"> {
  readonly autocomplete: "current-password" | "new-password";
  /** Characters of a new password, at least. With script, they are counted while the person types. */
  readonly least?: number;
}

/** A password field. The server never fills it in, and with script it has a button that shows the password. */
export function passwordField(view: View, { least, ...props }: PasswordField): Html {
  const { texts } = view.language;
  const control = html`<span class="secret"${attributes({
    "data-show": texts.show,
    "data-hide": texts.hide,
    "data-show-label": texts.show_password,
    "data-hide-label": texts.hide_password,
    ...(least !== undefined && {
      "data-least": least,
      "data-counted": fillText(texts.password_counted, { least: String(least) }),
      "data-enough": texts.password_enough,
    }),
  })}><input type="password"${attributes({
    id: props.name,
    name: props.name,
    required: !props.optional,
    autocomplete: props.autocomplete,
    autocapitalize: "none",
    autocorrect: "off",
    spellcheck: "false",
    minlength: least,
    maxlength: 1024,
    ...described(props),
    autofocus: props.focus,
    ...props.attributes,
  })}></span>`;
  return frame(view, props, control);
}

type Labelled = Pick<Field, "name" | "label" | "hint" | "error" | "optional">;

function described({ name, hint, error }: Labelled): Record<string, AttributeValue> {
  const ids = [error && `${name}-error`, hint && `${name}-hint`].filter(Boolean);
  return {
    "aria-describedby": ids.length > 0 ? ids.join(" ") : null,
    "aria-invalid": error ? "true" : null,
  };
}

function frame(view: View, { name, label, hint, error, optional }: Labelled, control: Html): Html {
  const { texts } = view.language;
  return html`<div class="field">
<label for="${name}">${label}${optional && html` <span class="optional">(${texts.optional})</span>`}</label>
${hint && html`<p class="hint" id="${name}-hint">${hint}</p>`}
${control}
${error && html`<p class="error" id="${name}-error">${icons.warning}<span>${error}</span></p>`}
</div>`;
}

/** The hidden fields of a form. */
export function hiddenFields(fields: Readonly<Record<string, string>>): Html {
  return html`${Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  )}`;
}

/**
 * A form that posts, with its hidden fields. Only the server checks the fields, so that everyone gets the same errors.
 * `data-wakes`: with script, its main button waits until something has changed.
 */
export function form(
  target: FormTarget,
  content: Content,
  extra: { class?: string; "data-wakes"?: string } = {},
): Html {
  return html`<form method="post" action="${target.action}" novalidate${attributes(extra)}>
${hiddenFields(target.hidden)}
${content}
</form>`;
}

/** The first of the fields that has an error: it gets the focus. */
export function firstError<Name extends string>(
  names: readonly Name[],
  errors: Partial<Record<Name, unknown>>,
): Name | null {
  return names.find((name) => errors[name]) ?? null;
}

export type NoteKind = "problem" | "changed" | "warning" | "news" | "info" | "done";

/** A note above a form. Screen readers read problems at once, and news when idle. */
export function note(kind: NoteKind, content: Content): Html {
  const { icon, name, role } = NOTES[kind];
  return html`<div${attributes({ class: name, role })}>${icon}<div>${content}</div></div>`;
}

const NOTES = {
  problem: { icon: icons.warning, name: "note bad", role: "alert" },
  changed: { icon: icons.warning, name: "note warn", role: "alert" },
  warning: { icon: icons.warning, name: "note warn", role: null },
  news: { icon: icons.info, name: "note", role: "alert" },
  info: { icon: icons.info, name: "note", role: null },
  done: { icon: icons.check, name: "note done", role: "status" },
} as const;

/** With two mistakes or more, a list above the form leads to each of them. It is the only notice of its page. */
export function errorSummary(
  fields: readonly Pick<Field, "name" | "label" | "error">[],
  view: View,
): Content {
  const wrong = fields.filter(({ error }) => error);
  if (wrong.length < 2) return null;
  const lines = wrong.map(
    ({ name, label, error }) => html`<li><a href="#${name}">${label}</a>: ${error}</li>`,
  );
  return note(
    "problem",
    html`<h2>${plural("to_correct", wrong.length, view)}</h2><ul>${lines}</ul>`,
  );
}
