import { type AppIdentity, appName } from "./app.ts";
import { duration } from "./dates.ts";
import { field, form, hiddenFields, note } from "./form.ts";
import { type Content, type Html, html } from "./html.ts";
import { asker, sheet } from "./layout.ts";
import { fill, fillText } from "./texts.ts";
import type { FormTarget, Page, View } from "./view.ts";

/** What the code is for; it chooses the words. */
export type CodeUse = "sign_in" | "sign_up" | "reset" | "email";

interface Common {
  readonly use: CodeUse;
  /** With `csrf`, and the fields that lead on. */
  readonly form: FormTarget;
  /** The app that the person comes from; null: none. */
  readonly app: AppIdentity | null;
  /** The sign-in page, with the way on. */
  readonly sign_in_href: string;
}

export interface AddressProps extends Common {
  readonly address: string;
  readonly problem:
    | { readonly kind: "invalid" | "expired" }
    | { readonly kind: "throttled"; readonly seconds: number }
    | null;
}

/** Asks for the address that gets a code. */
export function codeAddressPage(props: AddressProps, view: View): Page {
  const { texts } = view.language;
  const { use, app, address, problem } = props;
  const heading = texts[`code_heading_${use}`];
  const body = sheet(
    {
      who: html`${asker(app, (app && headingFor(use, app, view)) ?? heading, view)}
<p class="lead">${use === "sign_up" ? texts.code_lead_sign_up : texts.code_lead}</p>`,
      do: html`${addressNote(problem, view)}
${form(
  { ...props.form, hidden: { ...props.form.hidden, intent: "send" } },
  html`${field(view, {
    name: "email",
    type: "email",
    label: texts.code_address,
    value: address,
    focus: true,
    ...(problem?.kind === "invalid" && { error: texts.code_address_invalid }),
    attributes: {
      autocomplete: "email",
      autocapitalize: "none",
      spellcheck: "false",
      maxlength: 254,
    },
  })}
<button class="main">${use === "sign_up" ? texts.code_button_sign_up : texts.code_send}</button>`,
)}
${otherWay(props, view)}`,
    },
    view,
  );
  return { title: heading, body };
}

/** Names the app that the person goes on to. Null: what they do is about their account here. */
function headingFor(use: CodeUse, app: AppIdentity, view: View): Html | null {
  const { texts } = view.language;
  if (use !== "sign_in" && use !== "sign_up") return null;
  const text = use === "sign_in" ? texts.sign_in_to_app : texts.create_account_for_app;
  return fill(text, { app: appName(app, view) });
}

function addressNote(problem: AddressProps["problem"], view: View): Content {
  const { texts } = view.language;
  if (problem?.kind === "expired") return note("problem", texts.code_expired);
  if (problem?.kind !== "throttled") return null;
  return note("problem", fillText(texts.code_throttled, { time: duration(problem.seconds, view) }));
}

export interface CodeProps extends Common {
  readonly address: string;
  /** Filled in from the link of the mail; else empty. */
  readonly code: string;
  /** Seconds for which a code works. */
  readonly life: number;
  /** `again`: another mail was asked for, and sent. */
  readonly told:
    | { readonly kind: "wrong" | "used" | "too_many" | "again" }
    | { readonly kind: "wait" | "throttled"; readonly seconds: number }
    | null;
}

/** Takes the code. It is the same for addresses with and without an account. */
export function codePage(props: CodeProps, view: View): Page {
  const { texts } = view.language;
  const { use, address, life, code, told } = props;
  const wrong = told && "seconds" in told ? null : told && told.kind !== "again" && told.kind;
  const { action, hidden } = props.form;
  const time = duration(life, view);
  const body = sheet(
    {
      who: html`<h1>${texts.code_check_mail}</h1>
<p class="lead">${fill(texts[`code_sent_${use}`], { address: html`<strong class="any"><bdi dir="ltr">${address}</bdi></strong>`, time })}</p>`,
      do: html`${codeNote(told, view)}
${form(
  { action, hidden: { ...hidden, intent: "code" } },
  html`${field(view, {
    name: "code",
    label: texts.code_label,
    value: code,
    focus: true,
    ...(wrong && { error: texts[`code_${wrong}`] }),
    attributes: {
      inputmode: "numeric",
      autocomplete: "one-time-code",
      maxlength: 9,
      class: "code",
    },
  })}
<button class="main">${texts[`code_button_${use}`]}</button>`,
)}
<form method="post" action="${action}">${hiddenFields({ ...hidden, intent: "send" })}
<p class="hint">${texts.code_nothing} <button class="plain">${texts.code_again}</button></p></form>
${otherWay(props, view)}`,
    },
    view,
  );
  return { title: texts.code_check_mail, body };
}

function codeNote(told: CodeProps["told"], view: View): Content {
  const { texts } = view.language;
  if (told?.kind === "again") return note("done", texts.code_sent_again);
  if (!told || !("seconds" in told)) return null;
  const text = told.kind === "wait" ? texts.code_wait : texts.code_throttled;
  return note("problem", fillText(text, { time: duration(told.seconds, view) }));
}

function otherWay({ use, sign_in_href }: Common, { language: { texts }, paths }: View): Html {
  if (use === "sign_up")
    return html`<p class="hint">${texts.have_account} <a href="${sign_in_href}">${texts.sign_in_button}</a></p>`;
  const [href, words] =
    use === "email" ? [paths.security, texts.second_back] : [sign_in_href, texts.code_other_way];
  return html`<p class="hint"><a href="${href}">${words}</a></p>`;
}

/** Shows the code in a browser other than the one that waits for it. */
export function codeElsewherePage({ code }: { readonly code: string }, view: View): Page {
  const { texts } = view.language;
  const body = sheet(
    {
      who: html`<h1>${texts.code_elsewhere_heading}</h1>
<p class="lead">${texts.code_elsewhere}</p>`,
      do: html`<p class="code"><bdi dir="ltr">${code}</bdi></p>
<p class="hint">${texts.code_elsewhere_warning}</p>`,
    },
    view,
  );
  return { title: texts.code_elsewhere_heading, body };
}
