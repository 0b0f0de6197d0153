import type { RedirectUriMismatch } from "../oauth/redirect_uri_mismatch.ts";
import { type AppIdentity, appName, plainAppName } from "./app.ts";
import { copyable } from "./copyable.ts";
import { duration } from "./dates.ts";
import { foreign, webAddress } from "./foreign.ts";
import { type Content, type Html, html } from "./html.ts";
import { asker, sheet } from "./layout.ts";
import { blankKey } from "./mark.ts";
import { fill, fillText } from "./texts.ts";
import type { Page, View } from "./view.ts";

/** Reasons for an error page. Each has texts that say what happened, whose fault it was, and what to do. */
export type ErrorKind =
  | "unknown_app"
  | "app_document"
  | "redirect"
  | "request"
  | "unreadable"
  | "expired"
  | "browser"
  | "form"
  | "cookies"
  | "setup_link"
  | "not_found"
  | "not_allowed"
  | "disabled"
  | "app_disabled"
  | "too_many"
  | "busy"
  | "server";

/** The app that the person came from, and the address of its site; null: it has no site. */
export interface AppToGoTo extends AppIdentity {
  readonly href: string | null;
}

/** Errors that end a request, which has to begin again at the app. */
const BEGINS_AGAIN: readonly ErrorKind[] = ["expired", "browser", "form", "cookies"];

export interface ErrorProps {
  readonly kind: ErrorKind;
  /** Leads a developer or operator to the reason in the log. */
  readonly event_id: string;
  /** The app that the error is about, if known. */
  readonly app?: AppToGoTo | null;
  /** For developers: what was wrong, as text. Escaped like everything else. */
  readonly detail?: string | null;
  /** Whether the page was asked for by its address, so that it can be asked for again. */
  readonly can_retry?: boolean;
  /** For developers: the redirect URI that was sent, and the registered one that comes nearest. */
  readonly mismatch?: RedirectUriMismatch | null;
  /** Seconds to wait before another try, with `too_many`. */
  readonly seconds?: number | null;
}

/** Shows an error in plain words. The event id is small and can be copied. */
export function errorPage(props: ErrorProps, view: View): Page {
  const { texts } = view.language;
  const { kind, app } = props;
  const product = view.theme.product_name;
  const heading =
    kind === "redirect" && app
      ? fillText(texts.error_redirect_heading_app, { app: plainAppName(app, view) })
      : texts[`error_${kind}_heading`];
  const body = sheet(
    {
      who: app ? asker(app, heading, view) : html`${blankKey}<h1>${heading}</h1>`,
      do: html`<p>${fill(what(props, view), { product })}</p>
${todo(props, view)}
${actions(props, view)}
${developer(props, view)}`,
    },
    view,
  );
  return { title: heading, body };
}

const what = ({ kind, mismatch }: ErrorProps, { language: { texts } }: View): string =>
  kind === "redirect" && mismatch?.sent ? texts.error_redirect_sent : texts[`error_${kind}`];

/** What to do next, unless the button below says it. */
function todo({ kind, app, seconds }: ErrorProps, view: View): Content {
  const { texts } = view.language;
  const product = view.theme.product_name;
  const time = duration(seconds ?? 60, view);
  if (!app || !BEGINS_AGAIN.includes(kind))
    return html`<p>${fill(texts[`error_${kind}_todo`], { product, time })}</p>`;
  if (backHref(app) !== null) return null;
  return html`<p>${fill(texts.error_back_todo, { app: appName(app, view) })}</p>`;
}

/** Errors that the same page may not have a moment later. */
const PASSES: readonly ErrorKind[] = ["busy", "server", "too_many"];

/** No page is a dead end. The first link is the main one. */
function actions({ kind, can_retry, app }: ErrorProps, view: View): Html {
  const { texts, paths } = { ...view, ...view.language };
  const back = app && backLink(app, view, BEGINS_AGAIN.includes(kind));
  const retry = PASSES.includes(kind) && can_retry;
  const has_main = back || retry || kind === "setup_link";
  return html`<p class="acts">
${back}
${retry && html`<a class="button${!back && " main"}" href="">${texts.try_again}</a>`}
${
  kind === "setup_link"
    ? html`<a class="button main" href="${paths.sign_in}">${texts.sign_in_button}</a>`
    : html`<a class="button${!has_main && " main"}" href="${paths.connected_apps}">${texts.go_to_account}</a>`
}
</p>`;
}

const backHref = ({ href }: AppToGoTo): string | null => (href === null ? null : webAddress(href));

/** A link to the site of an app; null: it has no site. @param begins_again whether the request has to begin there */
export function backLink(app: AppToGoTo, view: View, begins_again = false): Content {
  const { texts } = view.language;
  const href = backHref(app);
  if (href === null) return null;
  const words = fill(begins_again ? texts.begin_again_at_app : texts.back_to_app, {
    app: appName(app, view),
  });
  return html`<a class="button main" href="${href}"><span>${words}</span></a>`;
}

function developer({ event_id, detail, mismatch }: ErrorProps, view: View): Content {
  const { texts } = view.language;
  const found: readonly (readonly [label: string, value: string | null | undefined])[] = [
    [texts.error_detail, detail],
    ...(mismatch ? compared(mismatch, view) : []),
  ];
  return html`<details class="fold"><summary>${texts.error_details}</summary>
<dl class="facts hint"><div><dt>${texts.error_id}</dt><dd>${copyable("event-id", event_id, view)}</dd></div>
${found.map(([label, value]) => value && html`<div><dt>${label}</dt><dd><code class="any">${foreign(value, 600)}</code></dd></div>`)}</dl>
<p class="hint">${fill(texts.error_id_hint, { product: view.theme.product_name })}</p></details>`;
}

function compared({ sent, near }: RedirectUriMismatch, { language: { texts } }: View) {
  if (sent === null) return [];
  return [
    [texts.error_sent, sent],
    [texts.error_registered, near?.registered ?? texts.error_registered_none],
    [texts.error_difference, near && texts[`error_difference_${near.difference}`]],
  ] as const;
}
