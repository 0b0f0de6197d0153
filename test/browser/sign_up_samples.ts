/** Samples of the pages of a sign-up with a proven address. */
import {
  addressTakenPage,
  createProvenAccountPage,
} from "../../src/pages/create_proven_account.ts";
import { codeAddressPage, codePage } from "../../src/pages/mail_code.ts";
import type { Page, View } from "../../src/pages/view.ts";
import { hostile_name, printly, target } from "./sample_props.ts";

const address = "grace@example.org";
const long_address = `${"grace.brewster.murray.hopper".repeat(5)}@mail.${"subdomain.".repeat(8)}example.org`;
const sign_in_href = "/sign-in?continue=sealed.request";
const common = { use: "sign_up", form: target("/sign-up"), app: printly, sign_in_href } as const;
const account = {
  form: target("/sign-up/account"),
  app: printly,
  values: { username: "grace", email: address, name: "" },
  errors: {},
  sign_in_href,
};

export const sign_up_samples: Readonly<Record<string, (view: View) => Page>> = {
  sign_up: (view) => codeAddressPage({ ...common, address: "", problem: null }, view),
  sign_up_alone: (view) =>
    codeAddressPage({ ...common, app: null, address: "", problem: null }, view),
  sign_up_code: (view) => codePage({ ...common, address, code: "", life: 600, told: null }, view),
  sign_up_account: (view) => createProvenAccountPage(account, view),
  sign_up_account_alone: (view) => createProvenAccountPage({ ...account, app: null }, view),
  sign_up_account_errors: (view) =>
    createProvenAccountPage(
      {
        ...account,
        values: { username: "ada@example.org", email: long_address, name: hostile_name },
        errors: { username: "invalid", name: "long", password: "short" },
      },
      view,
    ),
  sign_up_account_busy: (view) =>
    createProvenAccountPage({ ...account, problem: { kind: "busy" } }, view),
  sign_up_taken: (view) => addressTakenPage({ address, sign_in_href, reset_href: "/reset" }, view),
  sign_up_taken_long: (view) =>
    addressTakenPage({ address: long_address, sign_in_href, reset_href: null }, view),
};
