/** A form that a passkey fills in: its button asks the browser for one, and the answer is posted. */
import { hiddenFields } from "./form.ts";
import { attributes, type Content, type Html, html } from "./html.ts";
import { icons } from "./icons.ts";
import type { FormTarget, View } from "./view.ts";

export interface PasskeyProps {
  /** JSON for the browser. */
  readonly options: string;
  /** The ceremony in progress, sealed. */
  readonly ceremony: string;
}

interface PasskeyForm {
  readonly target: FormTarget;
  readonly passkey: PasskeyProps;
  readonly kind: "create" | "get";
  readonly label: string;
  /** Whether the browser offers passkeys at the name field too. */
  readonly autofill?: boolean;
  readonly main?: boolean;
  /** Fields before the button. */
  readonly fields?: Content;
  /** Beside the label, such as “last used here”. */
  readonly aside?: Content;
}

/** The script shows the button and takes the sentence away that says what is missing. */
export function passkeyForm(
  { target, passkey, kind, label, autofill = false, main = false, fields, aside }: PasskeyForm,
  view: View,
): Html {
  const { texts } = view.language;
  const { options, ceremony } = passkey;
  const data = attributes({
    "data-passkey": kind,
    "data-options": options,
    "data-autofill": autofill ? "yes" : null,
    "data-failed": texts.passkey_failed,
    "data-known": texts.passkey_on_device,
    "data-none": texts.passkey_browser,
  });
  const look = attributes({ class: main ? "main" : null });
  const column = attributes({ class: main ? null : "ways" });
  return html`<form method="post" action="${target.action}"${column}${data}>
${hiddenFields({ ...target.hidden, ceremony, credential: "" })}
${fields}
<button type="button"${look} hidden>${icons.passkey}<span>${label}</span>${aside && html`<small>${aside}</small>`}</button>
<p class="hint" role="status">${texts.passkey_script}</p>
</form>`;
}

/** Tells the browser's store of passkeys something; the page looks the same. */
export const signal = (name: string, options: object): Html =>
  html`<span${attributes({ "data-signal": name, "data-options": JSON.stringify(options) })} hidden></span>`;
