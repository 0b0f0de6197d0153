/** The part of the table of features that people meet: sign-in, accounts and their pages. */
import { changeAppCodes, showAppCodes } from "./account/app_codes.ts";
import { changeConnectedApps, showConnectedApps } from "./account/connected_apps.ts";
import { showEmail, takeEmail } from "./account/own_email.ts";
import { changePasskeys, showPasskeys } from "./account/passkeys.ts";
import { changeRecoveryCodes, showRecoveryCodes } from "./account/recovery_codes.ts";
import { keepReviewed, showReview } from "./account/review.ts";
import { changeSecurity, showSecurity } from "./account/security.ts";
import { changeYourApps, showYourApps } from "./account/your_apps.ts";
import { showEmailCode, takeEmailCode } from "./authentication/email_code.ts";
import { declineEnrol, showEnrol } from "./authentication/enrol.ts";
import { showPersonLink, takePersonLink } from "./authentication/person_link.ts";
import { proveMore, showProveMore } from "./authentication/prove_more.ts";
import { createProvenAccount, showProvenAccount } from "./authentication/proven_account.ts";
import { showNewPassword, showReset, takeNewPassword, takeReset } from "./authentication/reset.ts";
import { selectAccount, showSelectAccount } from "./authentication/select_account.ts";
import { setUp, showSetup } from "./authentication/setup.ts";
import { showSignIn, signIn } from "./authentication/sign_in.ts";
import { showSignOut, signOut } from "./authentication/sign_out.ts";
import { showSignUp, signUp } from "./authentication/sign_up.ts";
import { showUndo, undoIt } from "./authentication/undo.ts";
import { withWayBack } from "./authorization/way_back.ts";
import type { FullConfig } from "./config.ts";
import { passkeyEndpoints, relatedOrigins } from "./endpoints/passkeys.ts";
import { relyingParty } from "./factors/relying_party.ts";
import type { Feature } from "./features.ts";
import { redirect } from "./http/message.ts";
import { pathOf } from "./http/paths.ts";
import { api, type Handler, page } from "./http/route.ts";
import {
  ACCOUNT_PAGES,
  APP_CODES,
  CODE_PAGES,
  NEW_PASSWORD,
  PASSKEYS,
  PERSON_LINK,
  RECOVERY_CODES,
  REVIEW,
  SIGN_UP_ACCOUNT,
  UNDO,
} from "./pages/paths.ts";

const createsProven = (users: FullConfig["users"]): boolean =>
  users === null || users.createProven !== undefined;
/** The built-in accounts can be found by a verified address. */
const findsByEmail = (users: FullConfig["users"]): boolean =>
  users === null || users.findByVerifiedEmail !== undefined;
const toSecurity: Handler = async (_, ctx) => redirect(pathOf(ctx, ACCOUNT_PAGES.security));
const front: Handler = async (_, ctx) => redirect(pathOf(ctx, ACCOUNT_PAGES.connected_apps));

export const PEOPLE_FEATURES: readonly Feature[] = [
  {
    name: "sign_in",
    routes: () => [
      page("/sign-in", { GET: withWayBack(showSignIn), POST: withWayBack(signIn) }),
      page("/select-account", {
        GET: withWayBack(showSelectAccount),
        POST: withWayBack(selectAccount),
      }),
      page("/sign-out", { GET: showSignOut, POST: signOut }),
      page("/setup", { GET: showSetup, POST: setUp }),
    ],
  },
  { name: "passwords", on: ({ sign_in }) => sign_in.password, proof: "pwd" },
  {
    name: "passkeys",
    on: (config) => config.sign_in.passkeys && relyingParty(config) !== null,
    proof: "passkey",
    routes: () => [
      page(PASSKEYS, { GET: showPasskeys, POST: changePasskeys }),
      api("/.well-known/webauthn", { GET: relatedOrigins }),
      api("/.well-known/passkey-endpoints", { GET: passkeyEndpoints }),
    ],
  },
  {
    name: "app_codes",
    on: ({ sign_in }) => sign_in.password,
    proof: "totp",
    routes: () => [page(APP_CODES, { GET: showAppCodes, POST: changeAppCodes })],
  },
  {
    name: "recovery_codes",
    proof: "recovery",
    routes: () => [page(RECOVERY_CODES, { GET: showRecoveryCodes, POST: changeRecoveryCodes })],
  },
  {
    name: "more_proofs",
    routes: () => [
      page("/sign-in/second", {
        GET: withWayBack(showProveMore),
        POST: withWayBack(proveMore),
      }),
      page("/sign-in/enrol", { GET: withWayBack(showEnrol), POST: withWayBack(declineEnrol) }),
      page("/confirm", { GET: showProveMore, POST: proveMore }),
      page(REVIEW, { GET: showReview, POST: keepReviewed }),
    ],
  },
  {
    name: "email_code",
    on: ({ mail, sign_in, users }) =>
      mail !== undefined && sign_in.email_code && findsByEmail(users),
    proof: "email",
    routes: () => [
      page(CODE_PAGES.sign_in, {
        GET: withWayBack(showEmailCode),
        POST: withWayBack(takeEmailCode),
      }),
    ],
  },
  {
    name: "reset",
    on: ({ mail, users, sign_in }) =>
      mail !== undefined &&
      sign_in.password &&
      findsByEmail(users) &&
      (users === null || users.changePassword !== undefined),
    routes: () => [
      page(CODE_PAGES.reset, { GET: withWayBack(showReset), POST: withWayBack(takeReset) }),
    ],
  },
  {
    // After a mailed code, or after the link of an operator.
    name: "new_password",
    on: ({ users, sign_in }) =>
      sign_in.password && (users === null || users.changePassword !== undefined),
    routes: () => [
      page(NEW_PASSWORD, { GET: withWayBack(showNewPassword), POST: withWayBack(takeNewPassword) }),
    ],
  },
  {
    // `valetkey user link` makes them for the built-in accounts.
    name: "person_links",
    on: ({ users }) => users === null,
    routes: () => [page(PERSON_LINK, { GET: showPersonLink, POST: takePersonLink })],
  },
  {
    name: "own_email",
    on: ({ mail, users }) => mail !== undefined && (users === null || users.setEmail !== undefined),
    routes: () => [page(CODE_PAGES.email, { GET: showEmail, POST: takeEmail })],
  },
  {
    name: "notices",
    on: ({ mail }) => mail !== undefined,
    routes: () => [page(UNDO, { GET: showUndo, POST: undoIt })],
  },
  {
    name: "sign_up",
    on: ({ sign_up }) => sign_up,
    routes: () => [page("/sign-up", { GET: withWayBack(showSignUp), POST: withWayBack(signUp) })],
  },
  {
    name: "proven_sign_up",
    on: ({ sign_up, mail, users }) => sign_up && mail !== undefined && createsProven(users),
    routes: () => [
      page(SIGN_UP_ACCOUNT, {
        GET: withWayBack(showProvenAccount),
        POST: withWayBack(createProvenAccount),
      }),
    ],
  },
  {
    name: "account",
    routes: () => [
      page("/", { GET: front }),
      page(ACCOUNT_PAGES.connected_apps, { GET: showConnectedApps, POST: changeConnectedApps }),
      page(ACCOUNT_PAGES.security, { GET: showSecurity, POST: changeSecurity }),
      page("/.well-known/change-password", { GET: toSecurity }),
    ],
  },
  {
    name: "your_apps",
    routes: () => [page(ACCOUNT_PAGES.your_apps, { GET: showYourApps, POST: changeYourApps })],
  },
];
