import {
  type AppDocuments,
  type AppIdentity,
  appDocuments,
  appHost,
  appName,
  plainAppName,
} from "./app.ts";
import { type AppChange, notice } from "./consent_notice.ts";
import { day, duration } from "./dates.ts";
import { siteHost } from "./foreign.ts";
import { form } from "./form.ts";
import { attributes, type Content, type Html, html } from "./html.ts";
import { key } from "./key.ts";
import { asker, face, promise, wideSheet } from "./layout.ts";
import { blankKey } from "./mark.ts";
import type { PermissionGroup, ShownPermission } from "./permissions.ts";
import { nameAndLogin } from "./person.ts";
import { plural } from "./plural.ts";
import { fill } from "./texts.ts";
import type { FormTarget, Page, Person, View } from "./view.ts";

export interface ConsentProps {
  /** `/consent` with `csrf` and `continue`. */
  readonly form: FormTarget;
  readonly app: AppIdentity & {
    /** Only an app that an operator registered counts as verified. `document`: it registers nowhere. */
    readonly registered_by: "operator" | "person" | "itself" | "document";
  };
  /** Changes of the app since the person allowed it something. */
  readonly changes: readonly AppChange[];
  readonly documents: AppDocuments;
  readonly redirect: ConsentRedirect;
  readonly person: Person;
  /** The choice of another account; null: the app asks for this one. */
  readonly other_account_href: string | null;
  readonly groups: readonly PermissionGroup<ConsentPermission>[];
  readonly lasts: ConsentDuration;
  readonly problem?: "form_expired" | "busy" | "account_added" | "app_changed" | null;
}

export interface ConsentPermission extends ShownPermission {
  /** Part of the sign-in itself, such as `openid`: it can't be unticked. */
  readonly required: boolean;
  readonly granted_before: boolean;
  /** Whether its box is ticked; required ones ignore it. */
  readonly checked: boolean;
}

/** The target of the answer: a site, an address of this computer, or the app that opens this scheme. */
export type ConsentRedirect =
  | { readonly kind: "site"; readonly host: string }
  | { readonly kind: "loopback"; readonly host: string }
  | { readonly kind: "scheme"; readonly scheme: string }
  | ConsentDevice;

/** The device that waits for the answer: the code that it has to show, the time of its request, and its network. */
export interface ConsentDevice {
  readonly kind: "device";
  readonly user_code: string;
  readonly begun_at: number;
  /** Null: not known. */
  readonly address: string | null;
  /** Whether the person is in the same network. */
  readonly here: boolean;
}

/**
 * `until_removed`: the consent is remembered, and access outlives the session. `session`: it is remembered too, so the
 * access that ends with the session comes back without a question. `asked`: it ends with the session, and the app has
 * to ask again. `until`: the same, but access outlives the session, until then at the longest.
 */
export type ConsentDuration =
  | { readonly kind: "until_removed" | "session" | "asked" }
  | { readonly kind: "until"; readonly time: number };

/**
 * Shows the app, the account, the permissions and their duration, with buttons to allow and deny. Posts `decision`
 * (allow or deny) and a `permission` for each optional permission that is ticked.
 */
export function consentPage(props: ConsentProps, view: View): Page {
  const { texts } = view.language;
  const app = appName(props.app, view);
  const condition = conditionOf(props, view);
  // Enter in a tick box presses the first enabled button of the form. This button comes first and does nothing outside
  // a dialog (HTML, form submission with the method "dialog").
  const content = html`<button formmethod="dialog" hidden></button>
<div class="who">
${asker(props.app, heading(props, view), view, hostLine(props, view))}
${asked(props, view)}
${notice(props, view)}
${account(props, view)}
${promise(fill(texts.promise_consent, { app }))}
</div>
<div class="do">
${permissions(props, view)}
${condition !== null && html`<p class="hint">${howLong(props, view)}</p>`}
${appDocuments(props.app, props.documents, view)}
</div>
<div class="answer"><p class="hint">${condition ?? html`${howLong(props, view)} ${whereTo(props, view)}`}</p>
<div class="pair"><button name="decision" value="deny">${texts.deny}</button><button class="main" name="decision" value="allow">${texts.allow}</button></div></div>`;
  return {
    title: texts.consent_title,
    body: wideSheet(form(props.form, content), view),
    form_action: formAction(props.redirect),
  };
}

// Chromium applies form-action to the redirects after a form post, too, and the app's redirect URI may redirect once
// more. So all web addresses are allowed, and the app's own scheme if it has one.
function formAction(redirect: ConsentRedirect): string[] {
  const web = ["'self'", "https:", "http:"];
  return redirect.kind === "scheme" ? [...web, `${redirect.scheme}:`] : web;
}

function heading({ app, groups, redirect }: ConsentProps, view: View): Html {
  const { texts } = view.language;
  const { before, fresh } = parted(groups);
  const more = count(before) > 0 && count(fresh) > 0;
  const asks = more ? texts.consent_heading_more : texts[`consent_heading${little(groups)}`];
  const words = redirect.kind === "device" ? texts.consent_heading_device : asks;
  return fill(words, { app: appName(app, view) });
}

/** An app that asks for nothing but the sign-in is not said to want the account. */
function little(groups: Groups): "" | "_who" | "_nothing" {
  const all = groups.flatMap(({ permissions }) => permissions);
  if (all.length === 0) return "_nothing";
  return all.every(({ scope }) => scope === "openid") ? "_who" : "";
}

/**
 * An app on the person's own computer says so where others have their host. Without a host, a device's request stands
 * there too.
 */
function hostLine(props: ConsentProps, view: View): Content {
  const { texts } = view.language;
  const { app, redirect } = props;
  if (redirect.kind === "device" && app.host === null)
    return html`<small>${device(redirect, view)} · ${appHost(app, view)}</small>`;
  if (redirect.kind !== "scheme" && redirect.kind !== "loopback") return undefined;
  const port = redirect.kind === "loopback" ? new URL(`http://${redirect.host}`).port : "";
  const here = port === "" ? texts.consent_on_device : fill(texts.consent_on_port, { port });
  return app.host === null ? here : html`${siteHost(app.host)} <small>· ${here}</small>`;
}

/** Below the host. */
function asked({ app, redirect }: ConsentProps, view: View): Content {
  if (redirect.kind !== "device" || app.host === null) return null;
  return html`<p class="hint">${device(redirect, view)}</p>`;
}

/** A device in somebody else's hands could be asking: the person compares the network, and at the answer the code. */
function device({ address: from, here, begun_at }: ConsentDevice, view: View): Html {
  const { texts } = view.language;
  const time = duration(Math.max(1, view.now - begun_at), view);
  if (from === null) return fill(texts.device_asked, { time });
  const network = here
    ? texts.device_asked_here
    : html`<strong>${texts.device_asked_elsewhere}</strong><span class="far any"> (<bdi>${from}</bdi>)</span>`;
  return fill(texts.device_asked_from, { time, network });
}

function account({ person, other_account_href }: ConsentProps, view: View): Html {
  const { texts } = view.language;
  const name = person.name || person.username;
  return html`<div class="person">${face(name)}<p class="words"><span class="see-not">${texts.signed_in_as} </span>${nameAndLogin(person)}</p>${
    other_account_href !== null &&
    html`<a class="button plain" href="${other_account_href}">${fill(texts.change_account, { account: html`<span class="see-not">${texts.change_account_what}</span>` })}</a>`
  }</div>`;
}

/** Links to the app's own pages, beside this one, which stays open. */

function permissions({ app, groups }: ConsentProps, view: View): Html {
  const { texts } = view.language;
  const { before, fresh } = parted(groups);
  const name = shortName(app, view);
  const may = fill(texts.consent_may, { app: name });
  const draw = (id: string, title: Content, some: Groups, hint?: string) =>
    key({ id, heading: title, hint, groups: some, box: (each) => box(each) }, view);
  if (count(groups) === 0)
    return html`<section class="stack">${blankKey}<h2>${may}</h2><p>${texts.consent_none}</p></section>`;
  // New permissions come first. Earlier ones are folded, unless there is nothing else to show.
  if (count(fresh) === 0) return draw("may", may, before, texts.consent_all_before);
  if (count(before) === 0) return draw("may", may, fresh);
  const already = fill(texts.consent_can_already, { app: name });
  return html`${draw("may", fill(texts.consent_may_also, { app: name }), fresh, texts.consent_no_keeps)}
<details class="fold"><summary>${plural("consent_before", count(before), view)}</summary>
${draw("before", already, before)}</details>`;
}

/** The heading of the page names the app, so that a long name is not repeated. */
function shortName(app: AppIdentity, view: View): Content {
  const is_long = Array.from(plainAppName(app, view)).length > 12;
  return is_long ? view.language.texts.consent_it : appName(app, view);
}

const box = ({ required, permission, checked }: ConsentPermission): Html | null =>
  required
    ? null
    : html`<input type="checkbox" name="permission"${attributes({ value: permission, checked })}>`;

const LASTS = {
  until_removed: "consent_lasts",
  session: "consent_lasts_session",
  asked: "consent_lasts_asked",
  until: "consent_lasts_until",
} as const;

/** Where anybody could be asking, one condition stands alone beside the answer. Null: there is none. */
function conditionOf({ redirect }: ConsentProps, view: View): Html | null {
  const { texts } = view.language;
  if (redirect.kind === "site") return null;
  if (redirect.kind !== "device") return html`<strong>${texts.consent_started}</strong>`;
  const code = html`<bdi dir="ltr">${redirect.user_code}</bdi>`;
  return html`<strong>${fill(texts.device_is_yours, { code })}</strong>`;
}

function howLong({ app, lasts }: ConsentProps, view: View): Html {
  const { texts } = view.language;
  // Beside this page, so that the ticks are not lost.
  const link = html`<a href="${view.paths.connected_apps}" target="_blank" rel="noopener">${texts.connected_apps}</a>`;
  const time = lasts.kind === "until" && day(lasts.time, view);
  return fill(texts[LASTS[lasts.kind]], { app: appName(app, view), time, link });
}

function whereTo({ app, redirect }: ConsentProps, view: View): Content {
  if (redirect.kind !== "site") return null;
  const { texts } = view.language;
  const host = siteHost(redirect.host);
  return app.host === null || redirect.host === app.host
    ? fill(texts.consent_back_to, { host })
    : fill(texts.consent_on_to, { host });
}

type Groups = readonly PermissionGroup<ConsentPermission>[];

function parted(groups: Groups): { before: Groups; fresh: Groups } {
  const pick = (before: boolean) =>
    groups.map((group) => ({
      ...group,
      permissions: group.permissions.filter((each) => each.granted_before === before),
    }));
  return { before: pick(true), fresh: pick(false) };
}

const count = (groups: Groups): number =>
  groups.reduce((sum, { permissions }) => sum + permissions.length, 0);
