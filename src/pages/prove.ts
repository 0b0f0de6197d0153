import { type AppIdentity, appName } from "./app.ts";
import { foreign } from "./foreign.ts";
import { field, form, hiddenFields, passwordField } from "./form.ts";
import { type Content, type Html, html } from "./html.ts";
import { type Icon, icons } from "./icons.ts";
import { asker, sheet } from "./layout.ts";
import { type PasskeyProps, passkeyForm } from "./passkey_form.ts";
import { fieldError, type ProveProblem, proveNote } from "./prove_problem.ts";
import { type SignInHelp, signInHelp } from "./sign_in_help.ts";
import { fill } from "./texts.ts";
import type { TextKey } from "./texts_en.ts";
import type { FormTarget, Page, Person, View } from "./view.ts";

export type { ProveProblem };

/** What the page asks for: the code of an app, a password, a recovery code, or nothing of these. */
export type ProveUse = "code" | "password" | "recovery" | "lost";

export interface ProveProps {
  /** `/sign-in/second` or `/confirm` with `csrf`, and what is in progress. */
  readonly form: FormTarget;
  /** The app that the person comes from; null on the way to their own account. */
  readonly app: AppIdentity | null;
  readonly person: Person;
  readonly purpose: "sign_in" | "step_up" | "confirm";
  /** Null: the strongest of the ways. */
  readonly use: ProveUse | null;
  /** The ways that the account has: passkey, totp, pwd, recovery. */
  readonly ways: readonly string[];
  readonly passkey: PasskeyProps | null;
  hrefOf(use: ProveUse): string;
  /** The operator's words for people who can't sign in. */
  readonly help: SignInHelp | null;
  readonly problem: ProveProblem | null;
}

/** One of the ways, with the others as buttons. */
type Shown = ProveUse | "passkey";

/** Posts `way` (totp, pwd, recovery, passkey or decline), and `code`, `password` or `credential`. */
export function provePage(props: ProveProps, view: View): Page {
  const { texts } = view.language;
  const shown = shownOf(props);
  const confirms = props.purpose === "confirm";
  const lead = confirms && shown !== "lost" && html`<p class="lead">${texts.confirm_lead}</p>`;
  const who = html`${heading(shown, props, view)}${lead}`;
  const content = shown === "lost" ? noneOfThese(props, view) : proof(shown, props, view);
  const title = confirms ? texts.confirm_title : texts.second_title;
  return { title, body: sheet({ who, do: content }, view) };
}

function shownOf({ use, ways }: ProveProps): Shown {
  const has = { code: "totp", password: "pwd", recovery: "recovery" } as const;
  if (use === "lost") return "lost";
  if (use !== null && ways.includes(has[use])) return use;
  if (ways.includes("totp")) return "code";
  if (ways.includes("passkey")) return "passkey";
  if (ways.includes("pwd")) return "password";
  return ways.includes("recovery") ? "recovery" : "lost";
}

const HEADINGS: Readonly<Record<Shown, TextKey>> = {
  code: "second_heading",
  passkey: "second_heading_passkey",
  password: "confirm_heading",
  recovery: "second_heading_recovery",
  lost: "second_heading_none",
};

function heading(shown: Shown, { app, person, purpose }: ProveProps, view: View): Html {
  const { texts } = view.language;
  const name = foreign(person.name || person.username, 60);
  const confirms = purpose === "confirm" && shown === "passkey";
  const words = texts[confirms ? "confirm_heading" : HEADINGS[shown]];
  if (!app) return html`<h1>${words}</h1><p class="host any">${name}</p>`;
  const host = fill(texts.second_on_the_way, { person: name, app: appName(app, view) });
  return asker(app, words, view, host);
}

function proof(shown: Exclude<Shown, "lost">, props: ProveProps, view: View): Html {
  const { texts } = view.language;
  const others = otherWays(shown, props, view);
  const alone = shown === "passkey";
  return html`${proveNote(props, view)}
${shown === "code" && codeForm(props, view)}
${shown === "recovery" && recoveryForm(props, view)}
${shown === "password" && passwordForm(props, view)}
${alone && passkeyWay(true, props, view)}
${others.length > 0 && !alone && html`<p class="or">${texts.or}</p>`}
${others}
<p class="hint"><a href="${props.hrefOf("lost")}">${texts.second_none}</a></p>`;
}

function otherWays(shown: Shown, props: ProveProps, view: View): Content[] {
  const { texts } = view.language;
  const { ways, hrefOf } = props;
  const link = (use: ProveUse, way: string, [icon, words]: [Icon, string]): Content =>
    ways.includes(way) &&
    shown !== use &&
    html`<p class="ways"><a class="button" href="${hrefOf(use)}">${icons[icon]}<span>${words}</span></a></p>`;
  return [
    shown !== "passkey" && passkeyWay(false, props, view),
    link("code", "totp", ["phone", texts.second_use_code]),
    link("recovery", "recovery", ["lines", texts.second_use_recovery]),
    link("password", "pwd", ["shield", texts.second_use_password]),
    props.purpose === "step_up" && declineForm(props, view),
  ].filter(Boolean);
}

/** @param way of the proof @param use the page that shows the form again */
const target = ({ form: { action, hidden } }: ProveProps, way: string, use: ProveUse) => ({
  action,
  hidden: { ...hidden, way, use },
});

function codeForm(props: ProveProps, view: View): Html {
  const { texts } = view.language;
  const input = field(view, {
    ...{ name: "code", label: texts.second_code, focus: true },
    error: fieldError("code", props, view),
    attributes: {
      ...{ class: "code", inputmode: "numeric", maxlength: 7, autocomplete: "one-time-code" },
    },
  });
  return form(target(props, "totp", "code"), html`${input}${mainButton(props, view)}`);
}

function recoveryForm(props: ProveProps, view: View): Html {
  const { texts } = view.language;
  const input = field(view, {
    ...{ name: "code", label: texts.second_recovery, hint: texts.second_recovery_hint },
    ...{ focus: true, error: fieldError("recovery", props, view) },
    attributes: {
      ...{ autocomplete: "off", autocapitalize: "characters", spellcheck: "false" },
      maxlength: 40,
    },
  });
  return form(target(props, "recovery", "recovery"), html`${input}${mainButton(props, view)}`);
}

function passwordForm(props: ProveProps, view: View): Html {
  const { texts } = view.language;
  const { username } = props.person;
  return form(
    target(props, "pwd", "password"),
    html`<input type="text" name="username" value="${username}" autocomplete="username" hidden>
${passwordField(view, {
  ...{ name: "password", label: texts.password_label, autocomplete: "current-password" },
  ...{ focus: true, error: fieldError("password", props, view) },
})}
${mainButton(props, view)}`,
  );
}

function mainButton({ purpose }: ProveProps, view: View): Html {
  const { texts } = view.language;
  const words = purpose === "confirm" ? texts.confirm_button : texts.second_continue;
  return html`<button class="main">${words}</button>`;
}

function passkeyWay(main: boolean, props: ProveProps, view: View): Content {
  const { passkey } = props;
  if (!passkey) return null;
  const { action, hidden } = props.form;
  const way = { action, hidden: { ...hidden, way: "passkey" } };
  const label = view.language.texts.use_passkey;
  return passkeyForm({ target: way, passkey, kind: "get", label, main }, view);
}

const declineForm = ({ form: { action, hidden } }: ProveProps, view: View): Html =>
  html`<form method="post" action="${action}" class="ways">${hiddenFields({ ...hidden, way: "decline" })}
<button>${view.language.texts.second_decline}</button></form>`;

function noneOfThese({ hrefOf, help }: ProveProps, view: View): Html {
  const { texts } = view.language;
  const { product_name: product } = view.theme;
  return html`<p>${texts.second_none_lead}</p>
<p>${fill(texts.second_none_look, { product })}</p>
<p>${texts.second_none_other}</p>
<p>${texts.second_none_help}</p>
${signInHelp(help, view)}
<p class="acts"><a class="button" href="${hrefOf("code")}">${texts.second_back}</a></p>`;
}
