import { type AppDocuments, type AppIdentity, appDocuments, appName } from "./app.ts";
import { duration } from "./dates.ts";
import { field, form, hiddenFields, note, passwordField } from "./form.ts";
import { type Content, type Html, html } from "./html.ts";
import { icons } from "./icons.ts";
import { asker, promise, sheet } from "./layout.ts";
import { type PasskeyProps, passkeyForm, signal } from "./passkey_form.ts";
import { type PasskeyProblemKind, passkeyNote } from "./prove_problem.ts";
import { type SignInHelp, signInHelp } from "./sign_in_help.ts";
import { fill } from "./texts.ts";
import type { FormTarget, Page, View } from "./view.ts";

export interface SignInProps {
  /** `/sign-in` with `csrf`, and `continue` where a request is in progress. */
  readonly form: FormTarget;
  /** The app that the person comes from; null on the way to their own account. */
  readonly app: AppIdentity | null;
  /** Of the app; left out: it shows nothing of itself. */
  readonly documents?: AppDocuments | null;
  /** The login that was typed before, or of the person who has to sign in again; else empty. */
  readonly username: string;
  readonly problem: SignInProblem | null;
  /** The person is signed in, but the app wants to see the password again (`prompt=login`, `max_age`). */
  readonly again?: boolean;
  /** Where a forgotten password is replaced; null where mail is off. */
  readonly forgot_href: string | null;
  /** The page that mails a code; null where there is none. */
  readonly email_code_href: string | null;
  /** Null where passkeys can't be used. */
  readonly passkey: PasskeyProps | null;
  /** The way that was used last in this browser; null: none that is known. */
  readonly last_way: "pwd" | "passkey" | "email" | null;
  /** Whether people sign in with passwords here. */
  readonly password: boolean;
  /** Null where people can't create accounts themselves. */
  readonly create_account_href: string | null;
  /** The operator's words for people who can't sign in. */
  readonly help: SignInHelp | null;
  /** The demo's test account, shown to be copied. */
  readonly test_account?: { readonly username: string; readonly password: string };
}

export type SignInProblem =
  | { readonly kind: "wrong" | "missing" | "busy" | "form_expired" }
  | { readonly kind: "throttled"; readonly seconds: number }
  /** `forget`: tells the browser that this passkey is gone. */
  | {
      readonly kind: "passkey";
      readonly why: PasskeyProblemKind;
      readonly forget: object | null;
    };

/** Username and password. The page never reveals which of the two was wrong. */
export function signInPage(props: SignInProps, view: View): Page {
  const { texts } = view.language;
  const { app, create_account_href } = props;
  const others = [passkeyWay(props, view), emailCode(props, view)].filter(Boolean);
  const body = sheet(
    {
      who: asker(app, heading(props, view), view),
      do: html`${topNote(props, view)}
${app && html`<p class="hint">${fill(texts.sign_in_account, { product: view.theme.product_name })}</p>`}
${props.password && form(props.form, fields(props, view))}
${props.password && others.length > 0 && html`<p class="or">${texts.or}</p>`}
${others.length > 0 && html`<div class="ways">${others}</div>`}
${testAccount(props, view)}
${signInHelp(props.help, view)}
${
  create_account_href !== null &&
  html`<p class="hint">${texts.new_here} <a href="${create_account_href}">${texts.create_account_link}</a></p>`
}
${app && props.documents && appDocuments(app, props.documents, view)}
${app && promise(fill(texts.promise_sign_in, { app: appName(app, view) }))}`,
    },
    view,
  );
  return { title: texts.sign_in_title, body };
}

function emailCode(
  { email_code_href: href, last_way }: SignInProps,
  { language: { texts } }: View,
): Content {
  if (href === null) return null;
  const aside = last_way === "email" && html`<small>${texts.last_used_here}</small>`;
  return html`<div class="ways"><a class="button" href="${href}">${icons.letter}<span>${texts.way_code}</span>${aside}</a></div>`;
}

function heading({ app, again }: SignInProps, view: View): Html {
  const { texts } = view.language;
  if (!app) return html`${again ? texts.sign_in_again_account : texts.sign_in_heading}`;
  return fill(again ? texts.sign_in_again : texts.sign_in_to_app, { app: appName(app, view) });
}

/** Problems that do not belong to a single field. */
function topNote({ problem }: SignInProps, view: View): Content {
  const { texts } = view.language;
  if (problem?.kind === "throttled")
    return note("problem", fill(texts.throttled, { time: duration(problem.seconds, view) }));
  if (problem?.kind === "busy") return note("problem", texts.busy);
  if (problem?.kind === "passkey") {
    const gone = problem.forget && signal("signalUnknownCredential", problem.forget);
    return html`${passkeyNote(problem.why, NOBODY, view)}${gone}`;
  }
  return problem?.kind === "form_expired" && note("problem", texts.form_expired);
}

/** Behind the note about a passkey of somebody else, which the sign-in page never shows. */
const NOBODY = { name: "", username: "" };

function passkeyWay(
  { form: target, passkey, password, problem, last_way }: SignInProps,
  view: View,
): Content {
  if (!passkey) return null;
  const { action, hidden } = target;
  const way = { action, hidden: { ...hidden, way: "passkey" } };
  const label = view.language.texts.use_passkey;
  // After a refusal, an authenticator that answers by itself would send the same passkey again and again.
  const autofill = password && problem?.kind !== "passkey";
  const aside = password && last_way === "passkey" && view.language.texts.last_used_here;
  const look = { label, autofill, main: !password, aside };
  return passkeyForm({ target: way, passkey, kind: "get", ...look }, view);
}

function fields({ username, problem, passkey, forgot_href }: SignInProps, view: View): Html {
  const { texts } = view.language;
  const wrong = problem?.kind === "wrong" && texts.sign_in_wrong;
  const missing = problem?.kind === "missing" && texts.sign_in_missing;
  const known = username !== "";
  return html`${field(view, {
    name: "username",
    label: texts.login_label,
    value: username,
    focus: !known,
    attributes: {
      // The browser offers passkeys here, too.
      autocomplete: passkey ? "username webauthn" : "username",
      autocapitalize: "none",
      autocorrect: "off",
      spellcheck: "false",
      maxlength: 320,
      "aria-invalid": wrong || missing ? "true" : null,
    },
  })}
${passwordField(view, {
  name: "password",
  label: texts.password_label,
  autocomplete: "current-password",
  error: wrong || missing,
  focus: known,
})}
<button class="main">${texts.sign_in_button}</button>
${forgot_href !== null && html`<p class="hint"><a href="${forgot_href}">${texts.forgot_password}</a></p>`}`;
}

/** Signs in by one click, since this account is nobody's. */
function testAccount({ form: { action, hidden }, test_account }: SignInProps, view: View): Content {
  const { texts } = view.language;
  if (!test_account) return null;
  const { username, password } = test_account;
  const words = html`<p class="words">${texts.test_account}<small>${username} · ${password}</small></p>`;
  return html`<form method="post" action="${action}" class="card">${hiddenFields({ ...hidden, username, password })}
<div class="head">${words}<button><span>${fill(texts.test_account_button, { username })}</span></button></div></form>`;
}
