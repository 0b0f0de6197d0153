import { type AppIdentity, appHost, appName } from "./app.ts";
import { foreign, initial } from "./foreign.ts";
import { form } from "./form.ts";
import { type Html, html } from "./html.ts";
import { column } from "./layout.ts";
import { fill } from "./texts.ts";
import type { Account, FormTarget, Page, View } from "./view.ts";

export interface SelectAccountProps {
  /** `/select-account` with `csrf`, and `continue` where a request is in progress. */
  readonly form: FormTarget;
  /** The app that the person comes from; null on the way to their own account. */
  readonly app: AppIdentity | null;
  readonly accounts: readonly Account[];
  readonly other_account_href: string;
}

/** The accounts that are signed in in this browser, and the way to sign in with another one. Posts `account`. */
export function selectAccountPage(props: SelectAccountProps, view: View): Page {
  const { texts } = view.language;
  const { app } = props;
  const heading = app
    ? fill(texts.select_account_for_app, { app: appName(app, view) })
    : texts.select_account_heading;
  const body = column(
    view,
    html`<h1>${heading}</h1>
${app && html`<p class="host">${appHost(app, view)}</p>`}
${form(props.form, html`<ul class="accounts" role="list">${props.accounts.map(row)}</ul>`)}
<p class="actions"><a class="button" href="${props.other_account_href}">${texts.use_another_account}</a></p>
<p class="aside"><a href="${view.paths.sign_out}">${texts.sign_out}</a></p>`,
  );
  return { title: texts.select_account_title, body };
}

const row = ({ key, name, username }: Account): Html =>
  html`<li><button class="person" name="account" value="${key}"><span class="avatar" aria-hidden="true">${initial(name || username)}</span>
<span class="words"><span class="account-name">${foreign(name || username, 40)}</span>${name !== "" && html`<span class="account-login">${foreign(username, 40)}</span>`}</span></button></li>`;
