import { type AppIdentity, appName } from "./app.ts";
import { duration } from "./dates.ts";
import { field, form, note } from "./form.ts";
import { html } from "./html.ts";
import { asker, sheet } from "./layout.ts";
import { fill, fillText } from "./texts.ts";
import type { FormTarget, Page, View } from "./view.ts";

export type DeviceProblem = "wrong" | "too_many";

export interface DeviceCodeProps {
  /** `/device` with `csrf`. */
  readonly form: FormTarget;
  /** The code that was typed or came in the address; else empty. */
  readonly user_code: string;
  readonly problem: DeviceProblem | null;
  /** Seconds to wait after too many tries. */
  readonly seconds: number;
  /** Minutes for which a code works. */
  readonly minutes: number;
}

/** Where a person types the code that a device shows. */
export function deviceCodePage(props: DeviceCodeProps, view: View): Page {
  const { texts } = view.language;
  const { problem } = props;
  const time = duration(props.seconds, view);
  const minutes = duration(props.minutes * 60, view);
  const body = sheet(
    {
      who: html`<h1>${texts.device_heading}</h1>
<p class="lead">${texts.device_lead}</p>`,
      do: html`${problem === "too_many" && note("problem", fillText(texts.device_too_many, { time }))}
${form(
  props.form,
  html`${field(view, {
    name: "user_code",
    label: texts.device_code,
    value: props.user_code,
    focus: true,
    ...(problem === "wrong" && { error: fillText(texts.device_wrong, { time: minutes }) }),
    attributes: {
      autocomplete: "off",
      autocapitalize: "characters",
      spellcheck: "false",
      maxlength: 20,
      placeholder: "ABCD-EFGH",
      class: "code",
    },
  })}
<button class="main">${texts.device_continue}</button>`,
)}
<p class="hint">${texts.device_warning}</p>`,
    },
    view,
  );
  return { title: texts.device_title, body };
}

/** The person has answered; the device learns it with its next poll. */
export function deviceDonePage(
  { app, outcome }: { app: AppIdentity; outcome: "connected" | "refused" },
  view: View,
): Page {
  const { texts } = view.language;
  const connected = outcome === "connected";
  const heading = connected ? texts.device_connected : texts.device_refused;
  const body = sheet(
    {
      who: asker(app, heading, view, appName(app, view)),
      do: html`<p>${fill(connected ? texts.device_connected_lead : texts.device_refused_lead, { app: appName(app, view) })}</p>
<p class="acts"><a class="button" href="${view.paths.connected_apps}">${texts.see_connected_apps}</a></p>`,
    },
    view,
  );
  return { title: heading, body, shown_once: true };
}
