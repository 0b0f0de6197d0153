/** Shows an app to a person: its name, a picture or letter, and always its host. */
import { cleanText, foreign, initial, siteHost } from "./foreign.ts";
import { attributes, type Content, type Html, html } from "./html.ts";
import { fill } from "./texts.ts";
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

/** What an app shows of itself, beside its name. */
export interface AppDocuments {
  /** https addresses. */
  readonly policy: string | null;
  readonly terms: string | null;
  /** The app's picture while nobody has checked it, as a path below the issuer. */
  readonly picture: string | null;
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
    const src = sourceOf(app.logo, view);
    return html`<img${attributes({ class: name, src, alt: "", width: size, height: size })}>`;
  }
  const letter = initial(plainAppName(app, view));
  return html`<span class="${name}" aria-hidden="true">${letter}</span>`;
}

const sourceOf = (picture: string, view: View): string =>
  picture.startsWith("/") ? view.paths.below(picture) : picture;

/** The host of the app. */
export function appHost(app: AppIdentity, view: View): Html {
  return app.host === null ? html`${view.language.texts.no_public_address}` : siteHost(app.host);
}

/**
 * Links to the app's own documents, and its picture if nobody has checked it. The picture stands apart from the heading,
 * in a frame that says so: at the place of a checked one it would vouch for a name that anybody can take.
 */
export function appDocuments(
  app: { readonly name: string },
  { policy, terms, picture }: AppDocuments,
  view: View,
): Content {
  const { texts } = view.language;
  const link = (href: string | null, words: string) =>
    href !== null && html`<a href="${href}" target="_blank" rel="noopener noreferrer">${words}</a>`;
  const from = fill(texts.app_documents, { app: appName(app, view) });
  const between = policy !== null && terms !== null && ", ";
  const links =
    (policy !== null || terms !== null) &&
    html`${from} ${link(policy, texts.app_policy)}${between}${link(terms, texts.app_terms)}`;
  if (picture === null) return links && html`<p class="hint">${links}</p>`;
  const size = 40;
  const src = sourceOf(picture, view);
  const image = html`<img${attributes({ class: "tile small", src, alt: "", width: size, height: size })}>`;
  const unchecked = fill(texts.app_picture_not_checked, { product: view.theme.product_name });
  return html`<figure class="own">${image}<figcaption class="hint"><strong>${unchecked}</strong>${links && html`<br>${links}`}</figcaption></figure>`;
}
