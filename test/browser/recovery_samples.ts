/** Samples of the pages for a new password by mail, and of the undo of changes. */
import { codeAddressPage, codePage } from "../../src/pages/mail_code.ts";
import { newPasswordPage } from "../../src/pages/new_password.ts";
import { undoPage } from "../../src/pages/undo.ts";
import type { Page, View } from "../../src/pages/view.ts";
import { hostile_name, printly, target } from "./sample_props.ts";

const common = {
  use: "reset",
  form: target("/reset"),
  app: printly,
  sign_in_href: "/sign-in?continue=sealed.request",
} as const;
const code = {
  ...common,
  ...{ address: "grace@example.org", code: "", life: 600, told: null },
};
const new_password = { form: target("/reset/password"), username: "grace", problem: null };
const undo = {
  state: "asks",
  what: "password_changed",
  form: target("/undo"),
  reset_href: "/reset",
  help: null,
} as const;

export const recovery_samples: Readonly<Record<string, (view: View) => Page>> = {
  reset: (view) => codeAddressPage({ ...common, address: "", problem: null }, view),
  reset_code: (view) => codePage(code, view),
  new_password: (view) => newPasswordPage(new_password, view),
  new_password_short: (view) => newPasswordPage({ ...new_password, problem: "short" }, view),
  new_password_busy: (view) =>
    newPasswordPage({ ...new_password, username: hostile_name, problem: "busy" }, view),
  undo: (view) => undoPage(undo, view),
  undo_added: (view) => undoPage({ ...undo, what: "passkey_added" }, view),
  undo_done: (view) => undoPage({ ...undo, state: "done" }, view),
  undo_done_no_reset: (view) =>
    undoPage(
      {
        ...{ ...undo, state: "done", reset_href: null },
        help: { href: "mailto:help@example.com" },
      },
      view,
    ),
  undo_expired: (view) => undoPage({ ...undo, state: "expired", what: null }, view),
};
