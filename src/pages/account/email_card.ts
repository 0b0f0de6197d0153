import { foreign } from "../foreign.ts";
import { type Content, html } from "../html.ts";
import { fill } from "../texts.ts";
import type { View } from "../view.ts";
import { card } from "./shell.ts";

export interface EmailCardProps {
  readonly email: { readonly address: string; readonly verified: boolean } | null;
  /** Where it is changed; null: nowhere. */
  readonly email_href: string | null;
}

/** The address of the person. Without mail it is shown where there is one, and can't be changed. */
export function emailCard({ email, email_href }: EmailCardProps, view: View): Content {
  const { texts } = view.language;
  if (!email && email_href === null) return null;
  const address = email && html`<bdi dir="ltr">${foreign(email.address, 254)}</bdi>`;
  const shown = email?.verified ? address : address && fill(texts.email_unverified, { address });
  const words = email ? texts.email_change : texts.email_add;
  const action = email_href !== null && html`<a class="button" href="${email_href}">${words}</a>`;
  const hint = html`<span class="any">${shown ?? texts.email_none}</span>`;
  return card({ id: "email", heading: texts.email_section, hint, action });
}
