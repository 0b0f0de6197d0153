import { type Content, html } from "../html.ts";
import { signal } from "../passkey_form.ts";
import { fill } from "../texts.ts";
import type { View } from "../view.ts";
import { type PasskeyView, passkeyWords } from "./passkeys.ts";
import { card } from "./shell.ts";

export interface PasskeysCardProps {
  /** Null where passkeys are switched off. */
  readonly passkeys: readonly PasskeyView[] | null;
  /** Whether the address has none, since it is an IP address. */
  readonly at_address: boolean;
  /** What the browser's store of passkeys is told, by the name of the method. */
  readonly signals: Readonly<Record<string, object>>;
}

/** The passkeys of the person. Changes have a page of their own, which asks for a fresh proof. */
export function passkeysCard(
  { passkeys, at_address, signals }: PasskeysCardProps,
  view: View,
): Content {
  const { texts } = view.language;
  if (passkeys === null) return null;
  const heading = texts.passkeys_section;
  if (at_address)
    return card({
      ...{ id: "passkeys", heading },
      hint: fill(texts.passkey_no_address, { host: "id.example.com" }),
    });
  const some = passkeys.length > 0;
  const words = some ? texts.passkeys_change : texts.passkey_add;
  const action = html`<a class="button" href="${view.paths.passkeys}">${words}</a>`;
  const hint = some ? texts.passkeys_hint : html`${texts.passkeys_none} ${texts.passkeys_hint}`;
  const told = Object.entries(signals).map(([name, options]) => signal(name, options));
  return html`${card(
    { id: "passkeys", heading, hint, action },
    some &&
      html`<ul role="list">${passkeys.map((each) => html`<li><div class="row">${passkeyWords(each, view)}</div></li>`)}</ul>`,
  )}${told}`;
}
