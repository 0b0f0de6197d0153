/** The frame of the account pages: heading, navigation and "Sign out". */
import { hiddenFields } from "../form.ts";
import { attributes, type Content, type Html, html } from "../html.ts";
import { icons } from "../icons.ts";
import { brand } from "../layout.ts";
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
<div class="account-page">
<header class="bar">
<div class="bar-top">${brand(view)}
<form method="post" action="${view.paths.sign_out}">${hiddenFields({ csrf: frame.csrf, account: frame.account })}<a class="who" href="${view.paths.selectAccount(here)}"><span class="visually-hidden">${texts.switch_account}: </span><span class="words">${nameAndLogin(frame.person)}</span>${icons.down}</a><button class="link">${texts.sign_out}</button></form></div>
<nav aria-label="${texts.nav_label}"><ul role="list">${frame.pages.map(
    (page) =>
      html`<li><a href="${view.paths[page]}"${attributes({ "aria-current": page === here ? "page" : null })}>${texts[page]}</a></li>`,
  )}</ul></nav>
</header>
<main id="content" tabindex="-1">
${content}
</main>
</div>`;
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
  html`<p class="actions"><a class="button" href="${href}">${view.language.texts.more}</a></p>`;

/** Shown in place of an empty list. */
export function emptyState(icon: Html, title: string, hint: string, action?: Content): Html {
  return html`<div class="empty">${icon}<p class="empty-title">${title}</p><p>${hint}</p>${action}</div>`;
}
