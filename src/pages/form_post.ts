/** The answer to an app as a form that sends itself (OAuth 2.0 Form Post Response Mode §2). */
import { appName } from "./app.ts";
import { address } from "./foreign.ts";
import { hiddenFields } from "./form.ts";
import { html } from "./html.ts";
import { sheet } from "./layout.ts";
import { fill } from "./texts.ts";
import type { Page, View } from "./view.ts";

export interface FormPostProps {
  readonly app: { readonly name: string };
  /** The redirect URI: http or https, already verified. */
  readonly redirect_uri: string;
  /** `code`, `state`, `iss` or `error` and so on. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** With script the form sends itself; without, the person presses its button. */
export function formPostPage(props: FormPostProps, view: View): Page {
  const { texts } = view.language;
  const { protocol, host } = new URL(props.redirect_uri);
  const body = sheet(
    {
      who: html`<h1>${texts.form_post_heading}</h1>`,
      do: html`<p>${fill(texts.form_post_lead, { app: appName(props.app, view) })}</p>
<form method="post" action="${props.redirect_uri}" data-auto-submit>
${hiddenFields(props.parameters)}
<button class="main"><span>${fill(texts.form_post_button, { host: address(host) })}</span></button>
</form>`,
    },
    view,
  );
  // The whole scheme and not just the app's origin, since Chromium applies this list to the app's own redirects, too.
  return {
    title: texts.form_post_title,
    body,
    shown_once: true,
    form_action: [...new Set([protocol, "https:"])],
  };
}
