/** The notices of the consent page: who has checked the app, where the answer goes, and what has changed. */
import { appName } from "./app.ts";
import type { ConsentProps } from "./consent.ts";
import { foreign, siteHost } from "./foreign.ts";
import { note } from "./form.ts";
import { type Content, type Html, html } from "./html.ts";
import { fill } from "./texts.ts";
import type { View } from "./view.ts";

/** A change of an app since the person allowed it something. */
export type AppChange =
  /** Null: it had none. */
  | { readonly kind: "name"; readonly before: string | null }
  | { readonly kind: "logo" | "method" | "keys" }
  /** New targets of the answer: hosts, or schemes of apps. Empty: one was given up. */
  | { readonly kind: "redirect"; readonly hosts: readonly string[] };

/** More hosts would push the answer out of the window. */
const MOST_HOSTS = 3;

/** One coloured notice at most: beside a warning, news have a plain box, so that they take no weight from it. */
export function notice(props: ConsentProps, view: View): Content {
  const { app, problem, changes } = props;
  const warned = app.registered_by !== "operator" || changes.length > 0;
  const kind = problem === "account_added" ? "changed" : "problem";
  return html`${warned && note("warning", html`${changed(props, view)}${notChecked(props, view)}`)}
${problem && note(warned ? "news" : kind, html`<p>${view.language.texts[problem]}</p>`)}`;
}

const BY = {
  person: "consent_by_person",
  itself: "consent_by_itself",
  document: "consent_by_document",
} as const;

function notChecked({ app, redirect, changes }: ConsentProps, view: View): Content {
  const { texts } = view.language;
  if (app.registered_by === "operator") return null;
  const product = view.theme.product_name;
  const elsewhere = redirect.kind === "site" && app.host !== null && redirect.host !== app.host;
  const host = elsewhere && siteHost(redirect.host);
  const is_program = redirect.kind === "loopback" && app.registered_by === "document";
  // The news say enough to a person who has read this before.
  const by = changes.length === 0 && html` ${texts[BY[app.registered_by]]}`;
  return html`<p><strong>${fill(texts.consent_not_checked, { product })}</strong>${by}</p>
${host && html`<p>${fill(texts.consent_elsewhere, { host: html`<strong>${host}</strong>` })}</p>`}
${is_program && html`<p>${texts.consent_any_program}</p>`}`;
}

function changed({ changes }: ConsentProps, view: View): Content {
  if (changes.length === 0) return null;
  const sentences = changes.map((each) => html` <span>${sentenceOf(each, view)}</span>`);
  return html`<p><strong>${view.language.texts.consent_changed}</strong>${sentences}</p>`;
}

function sentenceOf(change: AppChange, view: View): Html | string {
  const { texts } = view.language;
  if (change.kind === "name")
    return change.before === null
      ? texts.consent_changed_name_none
      : fill(texts.consent_changed_name, { name: appName({ name: change.before }, view) });
  if (change.kind !== "redirect") return texts[`consent_changed_${change.kind}`];
  const { hosts } = change;
  if (hosts.length === 0) return texts.consent_changed_redirect_fewer;
  const shown = hosts
    .slice(0, MOST_HOSTS)
    .map((host, index) => html`${index > 0 && ", "}${foreign(host, 300)}`);
  const more = hosts.length > MOST_HOSTS ? ", …" : ".";
  return fill(texts.consent_changed_redirect, { hosts: html`${shown}${more}` });
}
