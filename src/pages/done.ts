import { appName } from "./app.ts";
import { html } from "./html.ts";
import { column } from "./layout.ts";
import type { Look, Page } from "./look.ts";
import { fill } from "./texts.ts";

export interface DoneProps {
  readonly app: { readonly name: string };
}

/** A consent form that was sent twice, after its answer had been used. */
export function donePage({ app }: DoneProps, look: Look): Page {
  const { texts } = look.language;
  const body = column(
    look,
    html`<h1>${texts.done_heading}</h1>
<p>${fill(texts.done_lead, { app: appName(app, look) })}</p>
<p>${texts.done_again}</p>
<p class="actions"><a class="button" href="${look.paths.account}">${texts.see_connected_apps}</a></p>`,
  );
  return { title: texts.done_title, body };
}
