/** The time for which values under an earlier server secret are accepted, by purpose. */
import type { Settings } from "./config_schema.ts";
import type { Bounds } from "./crypto/server_secret.ts";

const A_DAY = 86_400;

export const boundsOf = ({
  lifetimes,
  email_code_life,
}: Pick<Settings, "lifetimes" | "email_code_life">): Bounds => ({
  // Requests in progress, devices, and the link that makes the first administrator. The cookie that names the people of a
  // browser lives longer: without it, wrong passwords of their network make them wait too.
  seal: Math.max(lifetimes.authorization_request, lifetimes.device_code, A_DAY),
  access_token: lifetimes.access_token,
  // As long as an ID token is accepted as a hint.
  id_token: Math.max(lifetimes.session, lifetimes.id_token),
  // Signing keys stay sealed under it until the schedule replaces them.
  signing_key: Number.POSITIVE_INFINITY,
  subject_salt: Number.POSITIVE_INFINITY,
  totp: Number.POSITIVE_INFINITY,
  form: A_DAY,
  probe: 300,
  // As long as a stored mail is tried.
  mail: 7 * A_DAY,
  mail_code: email_code_life,
});
