import { type AppIdentity, appName } from "./app.ts";
import { form } from "./form.ts";
import { type Html, html } from "./html.ts";
import { icons } from "./icons.ts";
import { asker, face, sheet } from "./layout.ts";
import { nameAndLogin, nameWithLogin } from "./person.ts";
import { fill } from "./texts.ts";
import type { Account, FormTarget, Page, Person, View } from "./view.ts";

export interface SelectAccountProps {
  /** `/select-account` with `csrf`, and `continue` where a request is in progress. */
  readonly form: FormTarget;
  /** The app that the person comes from; null on the way to their own account. */
  readonly app: AppIdentity | null;
  readonly accounts: readonly Account[];
  readonly other_account_href: string;
  /** The accounts that a sign-in with another one signs out, since a browser holds only `most`. */
  readonly replaced: { readonly accounts: readonly Person[]; readonly most: number };
}

/** The accounts that are signed in in this browser, and the way to sign in with another one. Posts `account`. */
export function selectAccountPage(props: SelectAccountProps, view: View): Page {
  const { texts } = view.language;
  const { app } = props;
  const heading = app
    ? fill(texts.select_account_for_app, { app: appName(app, view) })
    : texts.select_account_heading;
  const body = sheet(
    {
      who: asker(app, heading, view),
      do: html`${form(
        props.form,
        html`<ul class="ways" role="list">${props.accounts.map(row)}
<li><a class="button person" href="${props.other_account_href}"><span class="face" aria-hidden="true">${icons.plus}</span><span class="words">${texts.use_another_account}</span></a></li></ul>`,
      )}
${replaces(props.replaced, view)}
<p class="hint">${texts.shared_computer} <a href="${view.paths.sign_out}">${texts.sign_out}</a></p>`,
    },
    view,
  );
  return { title: texts.select_account_title, body };
}

const row = ({ key, ...person }: Account): Html =>
  html`<li><button class="person" name="account" value="${key}">${face(person.name || person.username)}<span class="words">${nameAndLogin(person)}</span>${icons.go}</button></li>`;

function replaces(
  { accounts, most }: SelectAccountProps["replaced"],
  { language: { texts } }: View,
): Html | null {
  if (accounts.length === 0) return null;
  const names = accounts.map((each, i) => html`${i > 0 && ", "}${nameWithLogin(each)}`);
  const values = { count: String(most), person: html`${names}` };
  return html`<p class="hint">${fill(texts.use_another_account_replaces, values)}</p>`;
}
