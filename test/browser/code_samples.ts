/** Samples of the pages with mailed codes. */
import { codeAddressPage, codeElsewherePage, codePage } from "../../src/pages/mail_code.ts";
import type { Page, View } from "../../src/pages/view.ts";
import { hostile_name, printly, target } from "./sample_props.ts";

const common = {
  use: "sign_in",
  form: target("/sign-in/code"),
  app: printly,
  sign_in_href: "/sign-in?continue=sealed.request",
} as const;
const address = "grace@example.org";
const asked = { ...common, address: "", problem: null };
const code = { ...common, address, code: "", life: 600, told: null };
const long_address = `${"grace.brewster.murray.hopper".repeat(5)}@mail.${"subdomain.".repeat(8)}example.org`;

export const code_samples: Readonly<Record<string, (view: View) => Page>> = {
  code_address: (view) => codeAddressPage(asked, view),
  code_address_account: (view) => codeAddressPage({ ...asked, app: null }, view),
  code_address_invalid: (view) =>
    codeAddressPage({ ...asked, address: hostile_name, problem: { kind: "invalid" } }, view),
  code_address_expired: (view) => codeAddressPage({ ...asked, problem: { kind: "expired" } }, view),
  code_address_throttled: (view) =>
    codeAddressPage({ ...asked, address, problem: { kind: "throttled", seconds: 3000 } }, view),
  code: (view) => codePage(code, view),
  code_filled_in: (view) => codePage({ ...code, code: "012345" }, view),
  code_again: (view) => codePage({ ...code, told: { kind: "again" } }, view),
  code_wrong: (view) => codePage({ ...code, told: { kind: "wrong" } }, view),
  code_used: (view) => codePage({ ...code, told: { kind: "used" } }, view),
  code_too_many: (view) => codePage({ ...code, told: { kind: "too_many" } }, view),
  code_wait: (view) => codePage({ ...code, told: { kind: "wait", seconds: 25 } }, view),
  code_throttled: (view) =>
    codePage({ ...code, address: long_address, told: { kind: "throttled", seconds: 3600 } }, view),
  code_address_email: (view) => codeAddressPage({ ...asked, use: "email", app: null }, view),
  code_email: (view) => codePage({ ...code, use: "email", app: null }, view),
  code_elsewhere: (view) => codeElsewherePage({ code: "012345" }, view),
};
