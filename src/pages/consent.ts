import { type AppDocuments, type AppIdentity, appHost, appName, appTile } from "./app.ts";
import { day, duration } from "./dates.ts";
import { address, initial } from "./foreign.ts";
import { form, note } from "./form.ts";
import { attributes, type Content, type Html, html } from "./html.ts";
import { icons } from "./icons.ts";
import { column } from "./layout.ts";
import {
  type PermissionGroup,
  permissionGroups,
  permissionText,
  type ShownPermission,
} from "./permissions.ts";
import { nameAndLogin } from "./person.ts";
import { fill, fillText } from "./texts.ts";
import type { FormTarget, Page, Person, View } from "./view.ts";

export interface ConsentProps {
  /** `/consent` with `csrf` and `continue`. */
  readonly form: FormTarget;
  readonly app: AppIdentity & {
    /** Only an app that an operator registered counts as verified. */
    readonly registered_by: "operator" | "person" | "itself";
  };
  readonly documents: AppDocuments;
  readonly redirect: ConsentRedirect;
  readonly person: Person;
  /** The choice of another account; null: the app asks for this one. */
  readonly other_account_href: string | null;
  readonly groups: readonly PermissionGroup<ConsentPermission>[];
  readonly lasts: ConsentDuration;
  readonly problem?: "form_expired" | "busy" | "account_added" | null;
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
  const body = column(
    view,
    html`<div class="asker">${appTile(props.app, view)}</div>
<h1>${fill(texts.consent_heading, { app })}</h1>
<p class="host">${appHost(props.app, view)}</p>
${props.problem && note("problem", texts[props.problem])}
${warnings(props, view)}
${account(props, view)}
${form(props.form, decision(props, view), { class: "decision" })}`,
  );
  return { title: texts.consent_title, body, form_action: formAction(props.redirect) };
}

// Chromium applies form-action to the redirects after a form post, too, and the app's redirect URI may redirect once
// more. So all web addresses are allowed, and the app's own scheme if it has one.
function formAction(redirect: ConsentRedirect): string[] {
  const web = ["'self'", "https:", "http:"];
  return redirect.kind === "scheme" ? [...web, `${redirect.scheme}:`] : web;
}

function warnings({ app, redirect }: ConsentProps, view: View): Content {
  const { texts } = view.language;
  const product = view.theme.product_name;
  return [
    redirect.kind === "device" && device(redirect, view),
    ["loopback", "scheme"].includes(redirect.kind) && note("warning", texts.consent_this_computer),
    redirect.kind === "site" &&
      redirect.host !== app.host &&
      note(
        "warning",
        fill(app.host === null ? texts.consent_sent_to_only : texts.consent_sent_to, {
          host: html`<strong>${address(redirect.host)}</strong>`,
          site: app.host !== null && address(app.host),
        }),
      ),
    app.registered_by === "person" && note("info", fill(texts.consent_not_verified, { product })),
    app.registered_by === "itself" && note("info", fill(texts.consent_itself, { product })),
  ];
}

/** A device in somebody else's hands could be asking: the person compares code and network. */
function device({ user_code, address, here, begun_at }: ConsentDevice, view: View): Html {
  const { texts } = view.language;
  const time = duration(Math.max(1, view.now - begun_at), view);
  const there = here ? texts.device_asked_here : texts.device_asked;
  const asked = address === null ? texts.device_asked_somewhere : there;
  return html`${note("warning", texts.device_is_yours)}
<dl class="facts"><dt>${texts.device_must_show}</dt>
<dd><strong class="user-code">${user_code}</strong></dd>
<dt>${texts.device_asked_label}</dt>
<dd>${fill(asked, { time, address: html`<bdi>${address}</bdi>` })}</dd></dl>`;
}

function account({ person, other_account_href }: ConsentProps, view: View): Html {
  const { texts } = view.language;
  return html`<div class="account">
<span class="avatar" aria-hidden="true">${initial(person.name || person.username)}</span>
<p><span class="visually-hidden">${texts.signed_in_as} </span>${nameAndLogin(person)}</p>
${other_account_href !== null && html`<a class="link" href="${other_account_href}">${texts.use_another_account}</a>`}
</div>`;
}

function decision(props: ConsentProps, view: View): Html {
  const { texts } = view.language;
  // Enter in a tick box presses the first enabled button of the form. This button comes first and does nothing outside
  // a dialog (HTML, form submission with the method "dialog").
  return html`<button formmethod="dialog" hidden></button>
${permissions(props, view)}
<p class="lasts">${lasts(props, view)}</p>
${documents(props, view)}
<div class="choice">
<button name="decision" value="deny">${texts.deny}</button>
<button class="main" name="decision" value="allow">${texts.allow}</button>
</div>`;
}

/** Links to the app's own pages, beside this one, which stays open. */
function documents({ app, documents: { policy, terms } }: ConsentProps, view: View): Html | null {
  const { texts } = view.language;
  const links = [
    [policy, texts.consent_policy],
    [terms, texts.consent_terms],
  ] as const;
  const shown = links.flatMap(([href, label]) =>
    href === null
      ? []
      : [html`<a href="${href}" target="_blank" rel="noopener noreferrer">${label}</a>`],
  );
  if (shown.length === 0) return null;
  return html`<p class="lasts documents"><span>${fill(texts.consent_documents, { app: appName(app, view) })}</span> ${shown}</p>`;
}

function permissions({ app, groups }: ConsentProps, view: View): Html {
  const { texts } = view.language;
  const fresh = pick(groups, (permission) => !permission.granted_before);
  const before = pick(groups, (permission) => permission.granted_before);
  const lines = (some: readonly PermissionGroup<ConsentPermission>[]) =>
    permissionGroups(some, view, (permission) => line(permission, view));
  const hint =
    groups.some((group) => group.permissions.some((permission) => !permission.required)) &&
    html`<p class="hint">${texts.consent_untick}</p>`;
  const name = appName(app, view);
  // New permissions come first. Earlier ones are folded, unless there is nothing else to show.
  const [title, content] =
    count(groups) === 0
      ? [fill(texts.consent_may, { app: name }), html`<p>${texts.consent_none}</p>`]
      : count(fresh) === 0
        ? [texts.consent_all_before, html`${hint}${lines(before)}`]
        : count(before) === 0
          ? [fill(texts.consent_may, { app: name }), html`${hint}${lines(fresh)}`]
          : [
              fill(texts.consent_may_also, { app: name }),
              html`${hint}${lines(fresh)}${folded(lines(before), count(before), view)}`,
            ];
  return html`<section class="may"><h2>${title}</h2>
${content}</section>`;
}

function folded(lines: Html, number: number, view: View): Html {
  const summary = fillText(view.language.texts.consent_before, { count: String(number) });
  return html`<details class="before"><summary>${summary}</summary>${lines}</details>`;
}

function line(permission: ConsentPermission, view: View): Html {
  const text = permissionText(permission, view);
  if (permission.required) return html`<li class="line">${icons.check}${text}</li>`;
  return html`<li><label class="line"><input type="checkbox" name="permission"${attributes({
    value: permission.permission,
    checked: permission.checked,
  })}>${text}</label></li>`;
}

const LASTS = {
  until_removed: "consent_lasts",
  session: "consent_lasts_session",
  asked: "consent_lasts_asked",
  until: "consent_lasts_until",
} as const;

function lasts({ app, lasts: duration }: ConsentProps, view: View): Html {
  const { texts } = view.language;
  const link = html`<a href="${view.paths.connected_apps}">${texts.connected_apps}</a>`;
  const time = duration.kind === "until" && day(duration.time, view);
  return fill(texts[LASTS[duration.kind]], { app: appName(app, view), time, link });
}

function pick(
  groups: readonly PermissionGroup<ConsentPermission>[],
  wanted: (permission: ConsentPermission) => boolean,
): PermissionGroup<ConsentPermission>[] {
  return groups.map((group) => ({ ...group, permissions: group.permissions.filter(wanted) }));
}

function count(groups: readonly PermissionGroup<ConsentPermission>[]): number {
  return groups.reduce((sum, group) => sum + group.permissions.length, 0);
}
