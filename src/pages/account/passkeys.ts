import { ago, day } from "../dates.ts";
import { cleanText, foreign } from "../foreign.ts";
import { field, form, note } from "../form.ts";
import { type Content, type Html, html } from "../html.ts";
import { icons } from "../icons.ts";
import { type PasskeyProps, passkeyForm } from "../passkey_form.ts";
import { type PasskeyProblemKind, passkeyNote } from "../prove_problem.ts";
import { fill, fillText } from "../texts.ts";
import type { Page, View } from "../view.ts";
import { type AccountFrame, card, intent, shell, title } from "./shell.ts";

export interface PasskeyView {
  readonly credential_id: string;
  readonly name: string;
  /** Whether it is kept by a service that brings it to other devices. */
  readonly synced: boolean;
  readonly created_at: number;
  readonly used_at: number | null;
  /** It is bound to another domain. */
  readonly elsewhere: boolean;
}

export interface PasskeysProps {
  readonly frame: AccountFrame;
  readonly passkeys: readonly PasskeyView[];
  /** Null: passkeys can't be used at this address. */
  readonly passkey: PasskeyProps | null;
  /** Hidden fields that carry a request in progress. */
  readonly carried: Readonly<Record<string, string>>;
  readonly suggested_name: string;
  readonly problem: PasskeysProblem | null;
  /** The most that an account may have. */
  readonly most: number;
  readonly done?: "passkey_renamed" | "passkey_removed" | null;
}

export type PasskeysProblem =
  | PasskeyProblemKind
  | ("known" | "too_many" | "last_way" | "changed" | "name");

/**
 * Adds, names and removes passkeys. Posts `intent` add (name, ceremony, credential), rename (credential_id, name) or
 * remove (credential_id).
 */
export function passkeysPage(props: PasskeysProps, view: View): Page {
  const { texts } = view.language;
  const content = html`${title(texts.passkeys_section, texts.passkeys_hint)}
${props.done && note("done", texts[`done_${props.done}`])}
${problemNote(props, view)}
${addCard(props, view)}
${props.passkeys.length > 0 && html`<div class="card"><ul role="list">${props.passkeys.map((each) => row(each, props, view))}</ul></div>`}`;
  return { title: texts.passkeys_section, body: shell(props.frame, "security", content, view) };
}

function problemNote({ problem, frame, most }: PasskeysProps, view: View): Content {
  const { texts } = view.language;
  if (problem === null || problem === "name") return null;
  if (problem === "last_way") return note("problem", texts.passkey_last_way);
  if (problem === "changed") return note("news", texts.passkey_changed);
  if (problem === "known") return note("problem", texts.passkey_problem_known);
  if (problem === "too_many")
    return note("problem", fill(texts.passkey_problem_too_many, { most: String(most) }));
  return passkeyNote(problem, frame.person, view);
}

function addCard(
  { passkey, carried, suggested_name, frame, problem }: PasskeysProps,
  view: View,
): Html {
  const { texts } = view.language;
  const heading = texts.passkey_add_heading;
  if (!passkey) {
    const hint = fill(texts.passkey_no_address, { host: "id.example.com" });
    return card({ id: "add", heading, hint });
  }
  const input = field(view, {
    ...{ name: "name", label: texts.passkey_name, hint: texts.passkey_name_hint },
    value: suggested_name,
    error: problem === "name" && texts.second_missing,
    attributes: { maxlength: 60, autocomplete: "off" },
  });
  const target = intent(frame, view.paths.passkeys, { intent: "add", ...carried });
  const label = texts.passkey_create;
  return card(
    { id: "add", heading, hint: texts.passkey_add_lead },
    passkeyForm({ target, passkey, kind: "create", label, main: true, fields: input }, view),
  );
}

/** The words of a passkey in a list. */
export function passkeyWords(
  { name, synced, created_at, used_at, elsewhere }: PasskeyView,
  view: View,
): Html {
  const { texts } = view.language;
  const kept = synced ? texts.passkey_synced : texts.passkey_this_device;
  const added = fill(texts.passkey_added_on, { time: day(created_at, view) });
  const used =
    used_at === null
      ? texts.passkey_never_used
      : fill(texts.passkey_used, { time: ago(used_at, view) });
  const aside = elsewhere && html` ${texts.passkey_other_address}.`;
  return html`${icons.passkey}<p class="words"><strong>${foreign(name, 60)}</strong><small>${kept}. ${added}. ${used}.${aside}</small></p>`;
}

/** A row opens to its two forms. */
function row(passkey: PasskeyView, { frame }: PasskeysProps, view: View): Html {
  const { texts } = view.language;
  const { credential_id, name } = passkey;
  const at = view.paths.passkeys;
  const rename = intent(frame, at, { intent: "rename", credential_id });
  const remove = intent(frame, at, { intent: "remove", credential_id });
  const label = (text: string) => fillText(text, { name: cleanText(name, 60) });
  const id = `name-${credential_id.slice(0, 12)}`;
  return html`<li><details><summary class="row">${passkeyWords(passkey, view)}${icons.go}</summary>
<div class="inside">${form(
    rename,
    html`<div class="field"><label for="${id}">${texts.passkey_name}</label>
<input type="text" id="${id}" name="name" value="${name}" maxlength="60" autocomplete="off" required></div>
<p class="acts"><button class="main" aria-label="${label(texts.passkey_rename_label)}">${texts.passkey_rename}</button></p>`,
    { "data-wakes": "yes" },
  )}
${form(remove, html`<p class="acts"><button class="danger" aria-label="${label(texts.passkey_remove_label)}">${texts.passkey_remove}</button></p>`)}</div></details></li>`;
}
