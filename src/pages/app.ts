/** Shows an app to a person: its name, a picture or letter, and always its host. */
import { cleanText, foreign, initial, siteHost } from "./foreign.ts";
import { attributes, type Html, html } from "./html.ts";
import type { View } from "./view.ts";

/** An app as people see it. */
export interface AppIdentity {
  /** As registered; shown cleaned, isolated and shortened. */
  readonly name: string;
  /** The host of its site, in full; null for an app without one, such as a program, a device or a service. */
  readonly host: string | null;
  /** A picture that an operator has checked, as a path below the issuer or a `data:image/` URL; null: a letter. */
  readonly logo: string | null;
}

/** https addresses of the app's own documents. */
export interface AppDocuments {
  readonly policy: string | null;
  readonly terms: string | null;
}

/** A longer name would push the host and the warning out of a phone's window. */
const LONGEST_NAME = 40;

/** The app's name, ready to stand in a sentence. */
export function appName(app: { readonly name: string }, view: View): Html {
  return html`<strong class="app-name">${foreign(plainAppName(app, view), LONGEST_NAME)}</strong>`;
}

/** The app's name as plain text, for titles and labels. */
export function plainAppName(app: { readonly name: string }, view: View): string {
  return cleanText(app.name) || view.language.texts.unnamed_app;
}

/** The square with the app's picture or letter. */
export function appTile(app: AppIdentity, view: View, { small = false } = {}): Html {
  const [name, size] = small ? ["tile small", 40] : ["tile", 52];
  if (app.logo !== null) {
    const src = app.logo.startsWith("/") ? view.paths.below(app.logo) : app.logo;
    return html`<img${attributes({ class: name, src, alt: "", width: size, height: size })}>`;
  }
  const letter = initial(plainAppName(app, view));
  return html`<span class="${name}" aria-hidden="true">${letter}</span>`;
}

/** The host of the app. */
export function appHost(app: AppIdentity, view: View): Html {
  return app.host === null ? html`${view.language.texts.no_public_address}` : siteHost(app.host);
}
