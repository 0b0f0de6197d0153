import { type AppIdentity, appName } from "./app.ts";
import { hiddenFields } from "./form.ts";
import { html } from "./html.ts";
import { icons } from "./icons.ts";
import { asker, sheet } from "./layout.ts";
import { fill } from "./texts.ts";
import type { FormTarget, Page, View } from "./view.ts";

export interface EnrolProps {
  /** `/sign-in/enrol` with `csrf` and `continue`. */
  readonly form: FormTarget;
  readonly app: AppIdentity | null;
  /** Null where passkeys can't be used. */
  readonly passkeys_href: string | null;
  /** Null where codes of an app do not reach the level. */
  readonly app_codes_href: string | null;
}

/** The factors that the person can add for this request. Its form declines. */
export function enrolPage(
  { form, app, passkeys_href, app_codes_href }: EnrolProps,
  view: View,
): Page {
  const { texts } = view.language;
  const heading = app
    ? fill(texts.enrol_heading, { app: appName(app, view) })
    : texts.enrol_heading_own;
  const body = sheet(
    {
      who: html`${asker(app, heading, view)}
<p class="lead">${texts.enrol_lead}</p>`,
      do: html`<div class="ways">
${passkeys_href !== null && html`<a class="button" href="${passkeys_href}">${icons.passkey}<span>${texts.enrol_passkey}</span></a>`}
${app_codes_href !== null && html`<a class="button" href="${app_codes_href}">${icons.phone}<span>${texts.enrol_app}</span></a>`}
</div>
<form method="post" action="${form.action}" class="ways">${hiddenFields(form.hidden)}
<button>${texts.enrol_decline}</button></form>`,
    },
    view,
  );
  return { title: texts.enrol_title, body };
}
