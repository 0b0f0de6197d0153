/** The frame of the account pages: heading, navigation and "Sign out". */
import { foreign } from "../foreign.ts";
import { hiddenFields } from "../form.ts";
import { attributes, type Content, type Html, html } from "../html.ts";
import { icons } from "../icons.ts";
import { face, house } from "../layout.ts";
import { blankKey } from "../mark.ts";
import type { AccountPage } from "../paths.ts";
import { nameAndLogin } from "../person.ts";
import type { FormTarget, Person, View } from "../view.ts";

/** Props of every account page. */
export interface AccountFrame {
  readonly person: Person;
  /** For every form of the page, "Sign out" included. */
  readonly csrf: string;
  /** The key of the account that the page shows. Every form names it, since another tab may show another account. */
  readonly account: string;
  /** The pages that this person may open, for the navigation. */
  readonly pages: readonly AccountPage[];
}

export function shell(frame: AccountFrame, here: AccountPage, content: Content, view: View): Html {
  const { texts } = view.language;
  return html`<a class="skip" href="#content">${texts.skip}</a>
<header class="top"><div class="in">${house(view, view.paths.connected_apps)}
${menu(frame, here, view)}</div></header>
<div class="in frame">
<nav class="side" aria-label="${texts.nav_label}"><ul role="list">${frame.pages.map(
    (page) =>
      html`<li><a href="${view.paths[page]}"${attributes({ "aria-current": page === here ? "page" : null })}>${PAGE_ICONS[page]}${texts[page]}</a></li>`,
  )}</ul></nav>
<main class="page" id="content" tabindex="-1">
${content}
</main>
</div>`;
}

const PAGE_ICONS = {
  connected_apps: icons.apps,
  your_apps: icons.code,
  security: icons.shield,
} as const satisfies Record<AccountPage, Html>;

/** Whose account it is, the way to another one, and "Sign out". */
function menu({ person, csrf, account }: AccountFrame, here: AccountPage, view: View): Html {
  const { texts } = view.language;
  return html`<details class="menu"><summary>${face(person.name || person.username)}<span>${foreign(person.name || person.username, 40)}</span>${icons.go}</summary>
<div><p class="words">${nameAndLogin(person)}</p>
<a href="${view.paths.selectAccount(here)}">${texts.use_another_account}</a>
<form method="post" action="${view.paths.sign_out}">${hiddenFields({ csrf, account })}<button>${texts.sign_out}</button></form></div></details>`;
}

/** The heading of a page, and what the page is for. */
export const title = (heading: Content, lead?: Content): Html =>
  html`<div><h1>${heading}</h1>${lead && html`<p class="lead">${lead}</p>`}</div>`;

/** A card with a heading, a hint below it and one action beside them. */
export function card(
  { id, heading, hint, action }: { id: string; heading: Content; hint?: Content; action?: Content },
  content?: Content,
): Html {
  return html`<section class="card" aria-labelledby="${id}"><div class="head"><div><h2 id="${id}">${heading}</h2>${hint && html`<p class="hint">${hint}</p>`}</div>${action}</div>
${content}</section>`;
}

/** A form of an account page. It posts to the page itself, and `intent` names the operation. */
export function intent(
  frame: AccountFrame,
  action: string,
  fields: Readonly<Record<string, string>> & { readonly intent: string },
): FormTarget {
  return { action, hidden: { csrf: frame.csrf, account: frame.account, ...fields } };
}

/** To the next page of a list. */
export const moreLink = (href: string, view: View): Html =>
  html`<p class="acts"><a class="button" href="${href}">${view.language.texts.more}</a></p>`;

/** Shown in place of an empty list: a key without cuts. */
export const emptyState = (title: string, hint: string, action?: Content): Html =>
  html`<div class="card"><div class="stack">${blankKey}<h2>${title}</h2><p class="lead">${hint}</p>${action}</div></div>`;
