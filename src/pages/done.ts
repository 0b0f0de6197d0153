import { appName } from "./app.ts";
import { type AppToGoTo, backLink } from "./error.ts";
import { html } from "./html.ts";
import { asker, sheet } from "./layout.ts";
import { fill } from "./texts.ts";
import type { Page, View } from "./view.ts";

export interface DoneProps {
  readonly app: AppToGoTo;
  /** Whether the answer took a permission back. */
  readonly narrowed: boolean;
}

/** A consent form that was sent twice, after its answer had been used. */
export function donePage({ app, narrowed }: DoneProps, view: View): Page {
  const { texts } = view.language;
  const body = sheet(
    {
      who: asker(app, texts.done_heading, view),
      do: html`<p>${fill(texts.done_lead, { app: appName(app, view) })}</p>
<p>${narrowed ? fill(texts.done_narrowed, { app: appName(app, view) }) : texts.done_again}</p>
<p class="acts">${backLink(app, view)}
<a class="button" href="${view.paths.connected_apps}">${texts.see_connected_apps}</a></p>`,
    },
    view,
  );
  return { title: texts.done_title, body, shown_once: true };
}
